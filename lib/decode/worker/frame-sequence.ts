import type { Frame } from '../../frame/frame';
import type { Clock } from '../../time/clock';
import { type IndexEntry, roundToMicroseconds } from './frame-index';
import { Gate } from './gate';
import { withHuffmanTables } from './huffman';
import type { DecodeRequest } from './messages';
import { Pacer } from './pacer';

/** A frame that was read, and when. */
export interface Held {
  entry: IndexEntry;
  data: ArrayBuffer;
  time: number;
}

/** Takes a frame, and the bytes of the window it has room in. */
type Give = (frame: Frame, data: ArrayBuffer, room: number) => void;

/** A session's frames in their order: numbers them, keeps their time growing, and lets them go when they are due. */
export class FrameSequence {
  readonly #request: DecodeRequest;
  readonly #give: Give;
  readonly #pacer: Pacer;
  readonly #gate = new Gate();
  #count = 0;
  /**
   * What is added to the source's timestamps (ms), so that they go on growing when it begins again.
   * Undefined at the beginning of another round, until its first frame tells.
   */
  #offset: number | undefined = 0;
  /** When the frame after the last one given out is due (ms, on the frames' own time scale). */
  #nextPts: number | undefined;
  #lastDuration: number | undefined;
  #lastTime: number | undefined;

  constructor(request: DecodeRequest, clock: Clock, give: Give) {
    this.#request = request;
    this.#give = give;
    this.#pacer = new Pacer(clock);
  }

  /** Frames given out so far. */
  get count(): number {
    return this.#count;
  }

  /** How long the last frame lasted, ms. */
  get lastDuration(): number | undefined {
    return this.#lastDuration;
  }

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#pacer.restart();
    this.#gate.open();
  }

  /** Whoever waits for a frame's time does so no longer. */
  hurry(): void {
    this.#pacer.restart();
  }

  close(): void {
    this.#pacer.close();
    this.#gate.open();
  }

  /** The next frame is the source's first again: its time follows that of the last, a loop's at once. */
  repeat(): void {
    this.#offset = undefined;
  }

  /** As `repeat`, but what has passed since the last frame, in ms, counts. */
  continueAfterGap(): void {
    if (this.#nextPts !== undefined && this.#lastTime !== undefined) {
      this.#nextPts += Math.max(0, Date.now() - this.#lastTime - (this.#lastDuration ?? 0));
    }
    this.repeat();
  }

  /** The next frames have the source's own time, wherever that is. */
  jump(): void {
    this.#offset = 0;
    this.#nextPts = undefined;
  }

  /** Waits until the frame is due and gives it out, unless `isWanted` says no by then. Returns whether it did. */
  async give(held: Held, duration: number | undefined, isLast: boolean, isWanted: () => boolean): Promise<boolean> {
    const { entry, data, time } = held;
    const { options, source, stream, session } = this.#request;
    this.#offset ??= (this.#nextPts ?? entry.pts) - entry.pts;
    const pts = roundToMicroseconds(entry.pts + this.#offset);
    if (options.realtime && source.recorded) {
      await this.#pacer.next(this.#nextPts === undefined ? 0 : pts - this.#nextPts + (this.#lastDuration ?? 0));
    }
    await this.#gate.pass();
    if (!isWanted()) return false;
    // A live source's clock may jump back; time between frames never does.
    const lasting = duration !== undefined && duration >= 0 ? roundToMicroseconds(duration) : this.#lastDuration;
    const frame: Frame = {
      stream,
      session,
      seq: this.#count,
      pts,
      ...(lasting === undefined ? {} : { duration: lasting }),
      time,
      width: entry.width,
      height: entry.height,
      codec: 'jpeg',
      ...(isLast ? { last: true as const } : {}),
    };
    this.#count += 1;
    this.#lastDuration = lasting;
    this.#nextPts = pts + (lasting ?? 0);
    this.#lastTime = time;
    this.#give(frame, withHuffmanTables(data), entry.size);
    return true;
  }
}
