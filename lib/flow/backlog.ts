/** A frame that waits. */
export interface Waiting {
  bytes: number;
  /** When it began to wait, ms. */
  since: number;
  /** Whether it is nothing without the frames before it, as most of compressed video are. Nothing is left out before one. */
  isDependent?: boolean;
}

/** What is missing before the next frame: nothing; one that was skipped; those from before the taking began. */
type Missing = 'nothing' | 'skipped' | 'not taken';

/** Ms between two looks at how long frames wait. */
const interval = 2000;
/** Ms that frames of a live source may wait in a flow that works. */
const tolerance = 2000;
/** Looks in a row at which they waited longer than at the one before, after which the flow is too slow for its source. */
const patience = 3;

/**
 * The frames of a live source that wait for room in the flow, oldest first, up to so many bytes: beyond, the oldest are
 * skipped.
 *
 * While the flow finishes nothing, as when the broker is away, all are kept. Where it goes on, but slower than the source,
 * waiting helps nobody: each frame would be late by all that is waiting, for ever. Then it goes on with the newest that depends on
 * none that was skipped, and if there is none, with the next one to come.
 */
export class Backlog<Frame extends Waiting> {
  readonly #maxBytes: number;
  readonly #onLeftOut: (frame: Frame, isSkip: boolean) => void;
  #missing: Missing = 'not taken';
  #frames: Frame[] = [];
  #bytes = 0;
  /** The shortest that a frame waited since the last look. */
  #shortest = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #before = 0;
  #growths = 0;

  /**
   * `onLeftOut` takes each frame that is left out: as a skip, or because it depends on frames from before there was a taker, or from
   * before `clear`.
   */
  constructor(maxBytes: number, onLeftOut: (frame: Frame, isSkip: boolean) => void) {
    this.#maxBytes = maxBytes;
    this.#onLeftOut = onLeftOut;
  }

  get oldest(): Frame | undefined {
    return this.#frames[0];
  }

  /** Whether the newest may be taken or pushed. One that depends on what is missing is left out. */
  admit(frame: Frame): boolean {
    if (!frame.isDependent) this.#missing = 'nothing';
    if (this.#missing === 'nothing') return true;
    this.#onLeftOut(frame, this.#missing === 'skipped');
    return false;
  }

  /** Adds the newest, which was admitted. */
  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes;
    while (this.#bytes > this.#maxBytes && this.#frames.length > 1) {
      this.#skip();
      while (this.oldest?.isDependent) this.#skip();
    }
  }

  /**
   * There is room for the oldest: takes it, at `now` (ms). Undefined where the flow is too slow, and all but the newest that can be
   * gone on with were skipped; there must be an oldest.
   */
  take(now: number): Frame | undefined {
    const [frame] = this.#frames as [Frame, ...Frame[]];
    if (!this.#isTooSlow(now - frame.since, now) || this.#frames.length === 1) return this.#take();
    const newest = this.#frames.findLastIndex(({ isDependent }) => !isDependent);
    for (let left = newest > 0 ? newest : this.#frames.length; left > 0; left -= 1) this.#skip();
    return undefined;
  }

  /** A frame found room without having to wait. */
  noteRoom(now: number): void {
    this.#isTooSlow(0, now);
  }

  /** Takes all that wait. What comes next is a new beginning. */
  clear(): Frame[] {
    this.#missing = 'not taken';
    this.#bytes = 0;
    return this.#frames.splice(0);
  }

  /** Notes that a frame had to wait for so many ms, and tells whether the flow is too slow for its source. */
  #isTooSlow(waited: number, now: number): boolean {
    this.#shortest = Math.min(this.#shortest, waited);
    if (now - this.#lookedAt < interval) return false;
    const isGrowing = this.#shortest > tolerance && this.#shortest > this.#before;
    this.#growths = isGrowing ? this.#growths + 1 : 0;
    this.#before = this.#shortest;
    this.#shortest = Number.POSITIVE_INFINITY;
    this.#lookedAt = now;
    if (this.#growths < patience) return false;
    this.#growths = 0;
    this.#before = 0;
    return true;
  }

  #skip(): void {
    this.#onLeftOut(this.#take(), true);
    if (this.#frames.length === 0) this.#missing = 'skipped';
  }

  #take(): Frame {
    const frame = this.#frames.shift() as Frame;
    this.#bytes -= frame.bytes;
    return frame;
  }
}
