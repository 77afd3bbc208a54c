import { VideoError } from '../errors';
import { Window, type WindowLimits } from '../flow/window';
import { type EncodedFrame, type Frame, isVideoCodec } from '../frame/frame';
import type { WorkerPool } from '../pool/worker-pool';
import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { PictureDecoder } from './picture-decoder';

/** What becomes of a frame that was pushed: `onPicture` or `onPassed` is called once. */
export interface FrameHandlers {
  /** A decoder has the packet, and others may come. May be called after its picture. */
  onTaken: () => void;
  /** Takes the picture; `onFinished` is to be called once, when nobody works on it any more. */
  onPicture: (picture: EncodedFrame, onFinished: () => void) => void;
  /** There is no picture of it. */
  onPassed: () => void;
}

export interface StreamDecodersOptions {
  pool: WorkerPool;
  /** ffmpeg to use instead of the one that would be found. */
  ffmpegPath?: string;
  /** Of the JPEGs, 1 to 100. */
  quality: number;
  /** How many pictures may be unfinished at a time. */
  limits: WindowLimits;
  /** Told once of what hinders the decoding of a stream, until it goes on. */
  onError: (error: VideoError, stream: string) => void;
  clock?: Clock;
}

/** Streams that are decoded at a time: each takes a process. */
const mostStreams = 64;
/** Ms without a packet after which a stream makes room for another one. */
const makesRoomAfter = 10_000;
/** Ms without a packet after which a stream counts as over. */
const overAfter = 600_000;

interface Stream {
  decoder: PictureDecoder;
  /** Packets that are not taken. */
  waiting: number;
  /** When the newest one came, by the clock. */
  lastAt: number;
}

/** Makes JPEGs of the compressed streams among frames; images pass as they are. */
export class StreamDecoders {
  readonly #options: StreamDecodersOptions;
  readonly #clock: Clock;
  /** Holds decoding to the pace of whoever finishes the pictures. */
  readonly #window: Window;
  readonly #streams = new Map<string, Stream>();
  readonly #handlers = new Map<Frame, FrameHandlers>();
  /** Of streams that are over. */
  readonly #closing = new Set<Promise<void>>();
  #timer: TimerHandle;
  #isPaused = false;
  #isRefusing = false;
  #isClosed = false;

  constructor(options: StreamDecodersOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#window = new Window(options.limits);
    this.#timer = this.#watch();
  }

  /** `id` tells its stream from others, also from those of the same name. The frames of a stream come in their order. */
  push(id: string, encoded: EncodedFrame, handlers: FrameHandlers): void {
    const { frame } = encoded;
    if (!isVideoCodec(frame.codec)) {
      const give = () => handlers.onPicture(encoded, () => {});
      const before = this.#streams.get(id);
      if (before === undefined) give();
      else void before.decoder.flush().then(give);
      return;
    }
    const stream = this.#streams.get(id) ?? this.#open(id, frame.stream);
    if (stream === undefined) {
      handlers.onTaken();
      handlers.onPassed();
      return;
    }
    this.#handlers.set(frame, handlers);
    stream.waiting += 1;
    stream.lastAt = this.#clock.now();
    void stream.decoder.push(encoded).then(() => {
      stream.waiting -= 1;
      handlers.onTaken();
    });
  }

  /** Nothing comes for a while, which says nothing about any stream. */
  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const stream of this.#streams.values()) stream.lastAt = this.#clock.now();
  }

  /** Ends all ffmpegs; of packets whose pictures were not given there are none. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#clock.clearTimeout(this.#timer);
    this.#window.close();
    await Promise.all([...this.#closing, ...[...this.#streams.values()].map(({ decoder }) => decoder.close())]);
  }

  #open(id: string, name: string): Stream | undefined {
    if (this.#isClosed) return undefined;
    if (this.#streams.size >= mostStreams) this.#endIdle(makesRoomAfter);
    const hasRoom = this.#streams.size < mostStreams;
    if (!hasRoom && !this.#isRefusing) {
      const what = `${name} is not decoded: ${mostStreams} streams are already`;
      this.#options.onError(
        new VideoError('QUEUE_FULL', `${what}. Read them with several nodes, by topic or stream`),
        name,
      );
    }
    this.#isRefusing = !hasRoom;
    if (!hasRoom) return undefined;
    const { pool, ffmpegPath, quality, onError } = this.#options;
    const decoder = new PictureDecoder({
      ...{ pool, ffmpegPath, quality },
      onPicture: (picture, packet) => this.#give(picture, packet),
      onPassed: (packet) => this.#takeHandlers(packet)?.onPassed(),
      onError: (error) => onError(error, name),
    });
    const stream = { decoder, waiting: 0, lastAt: this.#clock.now() };
    this.#streams.set(id, stream);
    return stream;
  }

  async #give(picture: EncodedFrame, packet: Frame): Promise<void> {
    const bytes = picture.data.length;
    const hasRoom = await this.#window.acquire(bytes);
    const handlers = this.#takeHandlers(packet);
    if (hasRoom) handlers?.onPicture(picture, () => this.#window.release(bytes));
    else handlers?.onPassed();
  }

  #takeHandlers(packet: Frame): FrameHandlers | undefined {
    const handlers = this.#handlers.get(packet);
    this.#handlers.delete(packet);
    return handlers;
  }

  #watch(): TimerHandle {
    return this.#clock.setTimeout(() => {
      if (!this.#isPaused) this.#endIdle(overAfter);
      if (!this.#isClosed) this.#timer = this.#watch();
    }, overAfter / 10);
  }

  /** Ends the streams that nothing came of for so many ms, giving the pictures that their decoders held back. */
  #endIdle(ms: number): void {
    const before = this.#clock.now() - ms;
    for (const [id, { decoder, waiting, lastAt }] of this.#streams) {
      if (waiting > 0 || lastAt > before) continue;
      this.#streams.delete(id);
      const closing = decoder.flush().then(() => decoder.close());
      this.#closing.add(closing);
      void closing.then(() => this.#closing.delete(closing));
    }
  }
}
