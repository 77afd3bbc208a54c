import { VideoError } from '../errors';
import { findCapableFfmpeg } from '../ffmpeg/capabilities';
import { toVideoError } from '../ffmpeg/fault';
import { checkPictureSize } from '../ffmpeg/picture-size';
import type { EncodedFrame, Frame } from '../frame/frame';
import type { WorkerPool } from '../pool/worker-pool';
import { Backoff } from '../time/backoff';
import { type Clock, systemClock } from '../time/clock';
import { deepest, PacketsInside } from './packets-inside';
import { PictureOutlet, type TakePicture } from './picture-outlet';
import { isOther, type Kind, kindOf, mayReorder, type Start, startOf } from './start';
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
const mostUnread = 8;
/** Bytes of theirs; one always fits. */
const mostUnreadBytes = 8_000_000;

/** ffmpegs in a row that fail before there are pauses between them. */
const mostFailures = 3;

/** What decodes now. */
interface Decoding extends Kind {
  run: TranscodeRun;
  inside: PacketsInside;
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
  /** Whether something failed since the newest picture. */
  #isFailing = false;
  /** How many ffmpegs failed since then. */
  #failures = 0;
  /** Before this no ffmpeg is started again, by the clock. */
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
    if (this.#decoding !== undefined && isRepeated(this.#decoding.previous, frame)) return this.#pass([frame]);
    const start = frame.key ? startOf(frame, data) : undefined;
    if (this.#decoding === undefined || isBreak(this.#decoding, frame, start)) await this.#finish();
    const decoding = this.#decoding ?? (await this.#begin(frame, start));
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
  async #begin(frame: Frame, start: Start | undefined): Promise<Decoding | undefined> {
    if (this.#isClosed || start === undefined || this.#clock.now() < this.#retryAt) return undefined;
    const { stream } = frame;
    try {
      const { codec, width, height, profile } = kindOf(start, frame);
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
    this.#isFailing = false;
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
      this.#failRun(
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
    if (error !== undefined) this.#failRun(error);
    this.#wake?.();
  }

  #fail(error: VideoError): void {
    if (!this.#isFailing) this.#options.onError(error);
    this.#isFailing = true;
  }

  /** An ffmpeg failed. The next key frame may do better; where one after the other fails, ffmpeg is not started for each. */
  #failRun(error: VideoError): void {
    this.#failures += 1;
    if (this.#failures > mostFailures) this.#retryAt = this.#clock.now() + this.#backoff.next();
    this.#fail(error);
  }

  #pass(packets: Frame[]): void {
    for (const packet of packets) this.#options.onPassed?.(packet);
  }
}

/** Whether a packet came before: some senders send again what may have got lost. */
function isRepeated(previous: Frame, { stream, session, key, seq, dts }: Frame): boolean {
  const isSameSession = stream === previous.stream && session === previous.session;
  return isSameSession && !key && dts !== undefined && seq <= previous.seq;
}

/** Whether a packet cannot follow the one before it in the same ffmpeg. */
function isBreak({ previous, inside, ...decoding }: Decoding, frame: Frame, start: Start | undefined): boolean {
  const { stream, session, codec } = previous;
  if (frame.stream !== stream || frame.session !== session || frame.codec !== codec) return true;
  // Who says when to decode numbers all packets; the numbers of others are their offsets in Kafka.
  const isMissing = frame.dts !== undefined && frame.seq !== previous.seq + 1;
  return isMissing || !inside.isNear(frame) || (start !== undefined && isOther(decoding, start.header));
}

function isFull({ unread }: Decoding): boolean {
  if (unread.length < 2) return false;
  return unread.length >= mostUnread || unread.reduce((sum, size) => sum + size, 0) > mostUnreadBytes;
}
