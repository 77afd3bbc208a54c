import { VideoError } from '../errors';
import { findCapableFfmpeg } from '../ffmpeg/capabilities';
import { toVideoError } from '../ffmpeg/fault';
import { checkPictureSize } from '../ffmpeg/picture-size';
import { type EncodedFrame, type Frame, isVideoCodec, type VideoCodec } from '../frame/frame';
import type { WorkerPool } from '../pool/worker-pool';
import { Backoff } from '../time/backoff';
import { type Clock, systemClock } from '../time/clock';
import { deepest, PacketsInside } from './packets-inside';
import { PictureOutlet, type TakePicture } from './picture-outlet';
import { type RawPicture, TranscodeRun } from './transcode-run';

export interface PictureDecoderOptions {
  pool: WorkerPool;
  /** ffmpeg to use instead of the one that would be found. */
  ffmpegPath?: string;
  /** Of the JPEGs, 1 to 100. */
  quality: number;
  /**
   * Takes each picture, in the order of their times; `packet` is the frame it was pushed as. No other is given before a promise that
   * is returned has settled, and only a few are decoded ahead.
   */
  onPicture: TakePicture;
  /** Told of each packet that will give no picture: one that cannot be decoded, or is not to be shown (`preroll`). */
  onPassed?: (packet: Frame) => void;
  /** Told once of what hinders decoding, until a picture comes again. Decoding goes on at the next key frame. */
  onError: (error: VideoError) => void;
  clock?: Clock;
}

/** Packets that wait for ffmpeg at a time, at most. */
const mostUnread = 16;
/** Bytes of theirs; one always fits. */
const mostUnreadBytes = 8_000_000;

/** What decodes now. */
interface Decoding {
  run: TranscodeRun;
  inside: PacketsInside;
  codec: VideoCodec;
  width: number;
  height: number;
  profile: string | undefined;
  /** The newest packet. */
  previous: Frame;
  /** Sizes of the packets that ffmpeg has not read, the oldest first. */
  unread: number[];
  /** How many packets had been read when the newest picture came. */
  readAtPicture: number;
  /** Set once it is over. */
  isOver: boolean;
}

/**
 * Makes JPEGs of one stream's packets, each with the time of its own: a picture's frame is that of its packet, but for what is of
 * compressed video alone. Each packet is either given as a picture or told as passed.
 *
 * There is one ffmpeg at a time. It begins at a key frame; a new one follows where packets are missing, another session begins, or
 * codec, size or profile change, after all pictures of the one before are out.
 */
export class PictureDecoder {
  readonly #options: PictureDecoderOptions;
  readonly #clock: Clock;
  readonly #backoff = new Backoff({ first: 1000, max: 30_000 });
  #decoding: Decoding | undefined;
  /** Of the present ffmpeg, or the last one. */
  #outlet: PictureOutlet | undefined;
  /** One packet after the other. */
  #turn: Promise<unknown> = Promise.resolve();
  /** Wakes who waits for ffmpeg to read. */
  #wake: (() => void) | undefined;
  /** Failures since the newest picture. */
  #failures = 0;
  /** Before this no ffmpeg is started again, ms since the epoch. */
  #retryAt = 0;
  #isClosed = false;

  constructor(options: PictureDecoderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  /** Decodes a packet. Resolves when the next one may come. */
  push(packet: EncodedFrame): Promise<void> {
    return this.#inTurn(() => this.#push(packet));
  }

  /** Resolves when all pictures are out that can be. What follows begins anew, at a key frame. */
  flush(): Promise<void> {
    return this.#inTurn(() => this.#finish());
  }

  /** Ends ffmpeg; pictures that are not out are dropped, and their packets told as passed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#pass(this.#outlet?.close() ?? []);
    this.#wake?.();
    await this.#decoding?.run.close();
    await this.#turn;
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#turn.then(work);
    // What throws here is a fault of ours: who asked is told, and those after are not hindered.
    this.#turn = turn.catch(() => {});
    return turn;
  }

  async #push({ frame, data }: EncodedFrame): Promise<void> {
    if (this.#isClosed) return this.#pass([frame]);
    if (this.#decoding === undefined || isBreak(this.#decoding, frame)) await this.#finish();
    const decoding = this.#decoding ?? (await this.#begin(frame));
    if (decoding === undefined || data.length === 0) return this.#pass([frame]);
    decoding.previous = frame;
    decoding.unread.push(data.length);
    decoding.run.push(decoding.inside.add(frame, mayReorder(decoding.codec)), frame.key === true, data);
    if (frame.last) {
      this.#outlet?.holdLast();
      await this.#finish();
    } else {
      while (!decoding.isOver && isFull(decoding)) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    }
  }

  /** Starts an ffmpeg where decoding can begin; undefined where it cannot. */
  async #begin(frame: Frame): Promise<Decoding | undefined> {
    const { codec, width, height, profile, stream } = frame;
    if (this.#isClosed || !frame.key || !isVideoCodec(codec) || this.#clock.now() < this.#retryAt) return undefined;
    try {
      checkPictureSize(stream, codec, width, height);
      const found = await findCapableFfmpeg({ ffmpegPath: this.#options.ffmpegPath });
      if (this.#isClosed) return undefined;
      const { pool, quality, onPicture } = this.#options;
      const isReordered = frame.dts !== undefined && frame.pts > frame.dts;
      const packets = { codec, width, height, isReordered };
      const run = new TranscodeRun(
        pool,
        { ...found, name: stream, packets, quality },
        {
          onPicture: (picture) => this.#onPicture(decoding, picture),
          onRead: (count) => this.#onRead(decoding, count),
        },
      );
      const decoding: Decoding = {
        ...{ run, codec, width, height, profile, previous: frame },
        ...{ inside: new PacketsInside(), unread: [], readAtPicture: 0, isOver: false },
      };
      this.#decoding = decoding;
      this.#outlet = new PictureOutlet(onPicture);
      void run.end.then((error) => this.#onEnd(decoding, error));
      return decoding;
    } catch (error) {
      this.#fail(toVideoError(error));
      return undefined;
    }
  }

  /** Waits for all pictures of the present ffmpeg. */
  async #finish(): Promise<void> {
    const decoding = this.#decoding;
    decoding?.run.finish();
    await decoding?.run.end;
    await this.#outlet?.finish();
    this.#outlet = undefined;
  }

  #onPicture(decoding: Decoding, picture: RawPicture): void {
    const { packet, passed } = decoding.inside.take(picture.time);
    decoding.readAtPicture = decoding.inside.read;
    this.#failures = 0;
    this.#backoff.reset();
    this.#pass(passed);
    const taken = () => decoding.run.taken(picture);
    if (packet === undefined) taken();
    else if (packet.preroll) {
      taken();
      this.#pass([packet]);
    } else this.#outlet?.give({ ...picture, packet }, taken);
  }

  #onRead(decoding: Decoding, count: number): void {
    const { inside } = decoding;
    decoding.unread.splice(0, count);
    this.#pass(inside.noteRead(count));
    if (inside.read - decoding.readAtPicture > deepest) {
      const { stream } = decoding.previous;
      const what = `${deepest} packets of ${stream} gave no picture`;
      this.#fail(
        new VideoError('FFMPEG_FAILED', `${what}: check its camera or encoder. It goes on at the next key frame`),
      );
      void decoding.run.close();
    }
    this.#wake?.();
  }

  #onEnd(decoding: Decoding, error: VideoError | undefined): void {
    decoding.isOver = true;
    this.#decoding = undefined;
    this.#pass(decoding.inside.takeAll());
    if (error !== undefined) this.#fail(error);
    this.#wake?.();
  }

  /** One failure may be the matter of one packet; where each key frame fails, ffmpeg is not started for each. */
  #fail(error: VideoError): void {
    this.#failures += 1;
    if (this.#failures > 1) this.#retryAt = this.#clock.now() + this.#backoff.next();
    else this.#options.onError(error);
  }

  #pass(packets: Frame[]): void {
    for (const packet of packets) this.#options.onPassed?.(packet);
  }
}

/** Whether a packet cannot follow the one before it in the same ffmpeg. */
function isBreak(decoding: Decoding, frame: Frame): boolean {
  const { previous, codec, inside } = decoding;
  if (frame.stream !== previous.stream || frame.session !== previous.session || frame.codec !== codec) return true;
  // Who says when to decode numbers all packets; the numbers of others are their offsets in Kafka.
  const isMissing = frame.dts !== undefined && frame.seq !== previous.seq + 1;
  return isMissing || !inside.isNear(frame) || (frame.key === true && isOtherKind(decoding, frame));
}

function isOtherKind(decoding: Decoding, { width, height, profile }: Frame): boolean {
  const isOtherProfile = profile !== undefined && decoding.profile !== undefined && profile !== decoding.profile;
  return isOtherProfile || width !== decoding.width || height !== decoding.height;
}

function isFull({ unread }: Decoding): boolean {
  if (unread.length < 2) return false;
  return unread.length >= mostUnread || unread.reduce((sum, size) => sum + size, 0) > mostUnreadBytes;
}

/** Whether a codec's pictures may be decoded in another order than they are shown: all packets of the others give one, in order. */
function mayReorder(codec: VideoCodec): boolean {
  return codec === 'h264' || codec === 'hevc';
}
