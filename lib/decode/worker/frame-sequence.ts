import type { Frame } from '../../frame/frame';
import type { Clock } from '../../time/clock';
import { type IndexEntry, roundToMicroseconds } from './frame-index';
import { withHuffmanTables } from './huffman';
import type { DecodeRequest } from './messages';
import { Pacer } from './pacer';
import { Pause } from './pause';

/** A frame as read from ffmpeg. */
export interface ReadFrame {
  entry: IndexEntry;
  data: ArrayBuffer;
  /** When it was read, of a live source when it came in; ms since the epoch. */
  time: number;
}

export interface EmitOptions {
  /** Ms; undefined where unknown. */
  duration: number | undefined;
  /** Whether its source has only the present. */
  isLive: boolean;
  /** Whether it is the session's last frame. */
  isLast: boolean;
  /** Whether it waits for its time, as recorded. */
  isPaced: boolean;
  /** Asked once the frame is due: no drops it. */
  isWanted: () => boolean;
}

/** Takes a frame, its image, and the bytes it takes up in the window. */
type Emit = (frame: Frame, data: ArrayBuffer, room: number) => void;

/** A session's frames in order: numbers them, keeps their time growing, and emits each when it is due. */
export class FrameSequence {
  readonly #ids: Pick<DecodeRequest, 'stream' | 'session'>;
  readonly #emit: Emit;
  readonly #pacer: Pacer;
  readonly #pause = new Pause();
  #count = 0;
  /**
   * Added to the source's timestamps (ms), so that they go on growing when it starts over; or how that is to be found with the
   * next frame.
   */
  #offset: number | 'following' | 'after a gap' = 0;
  /** When the frame after the last one emitted is due (ms, on the frames' own timeline). */
  #nextPts: number | undefined;
  #lastDuration: number | undefined;
  #lastTime: number | undefined;

  constructor({ stream, session }: Pick<DecodeRequest, 'stream' | 'session'>, clock: Clock, emit: Emit) {
    this.#ids = { stream, session };
    this.#emit = emit;
    this.#pacer = new Pacer(clock);
  }

  /** Frames emitted so far. */
  get count(): number {
    return this.#count;
  }

  /** How long the last frame lasted, ms. */
  get lastDuration(): number | undefined {
    return this.#lastDuration;
  }

  pause(): void {
    this.#pause.begin();
  }

  resume(): void {
    this.#pacer.restart();
    this.#pause.end();
  }

  /** A frame that waits for its time waits no longer. */
  skipWait(): void {
    this.#pacer.restart();
  }

  close(): void {
    this.#pacer.close();
    this.#pause.end();
  }

  /** The next frame is the source's first again, and follows the last one without a gap. */
  restart(): void {
    this.#offset = 'following';
  }

  /** As `restart`, but the time between the last frame and the next one counts. */
  continueAfterGap(): void {
    this.#offset = 'after a gap';
  }

  /** The next frames have the source's own time, wherever that is. */
  jump(): void {
    this.#offset = 0;
    this.#nextPts = undefined;
  }

  /** Waits until the frame is due and emits it if it is still wanted then. Resolves with whether it was emitted. */
  async emit({ entry, data, time }: ReadFrame, options: EmitOptions): Promise<boolean> {
    const { duration, isLive, isLast, isPaced, isWanted } = options;
    const pts = roundToMicroseconds(entry.pts + this.#offsetFor(entry.pts, time));
    if (isPaced) {
      await this.#pacer.next(this.#nextPts === undefined ? 0 : pts - this.#nextPts + (this.#lastDuration ?? 0));
    }
    await this.#pause.over();
    if (!isWanted()) return false;
    // A live source's clock may jump back; the time between frames never does.
    const lasting = duration !== undefined && duration >= 0 ? roundToMicroseconds(duration) : this.#lastDuration;
    const frame: Frame = {
      ...this.#ids,
      seq: this.#count,
      pts,
      ...(lasting === undefined ? {} : { duration: lasting }),
      time,
      width: entry.width,
      height: entry.height,
      codec: 'jpeg',
      ...(isLive ? { live: true as const } : {}),
      ...(isLast ? { last: true as const } : {}),
    };
    this.#count += 1;
    this.#lastDuration = lasting;
    this.#nextPts = pts + (lasting ?? 0);
    this.#lastTime = time;
    this.#emit(frame, withHuffmanTables(data), entry.size);
    return true;
  }

  /** The offset of a frame with this timestamp of its source (ms), which came in at `time`. */
  #offsetFor(sourcePts: number, time: number): number {
    if (typeof this.#offset === 'number') return this.#offset;
    const gap = this.#offset === 'following' ? 0 : time - (this.#lastTime ?? time) - (this.#lastDuration ?? 0);
    this.#offset = (this.#nextPts ?? sourcePts) + Math.max(0, gap) - sourcePts;
    return this.#offset;
  }
}
