/** A frame that waits. */
export interface Waiting {
  bytes: number;
  /** When it began to wait, ms. */
  since: number;
}

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
 * waiting helps nobody: each frame would be late by all that is waiting, for ever. Then it goes on with the newest.
 */
export class Backlog<Frame extends Waiting> {
  readonly #maxBytes: number;
  readonly #onSkipped: (frame: Frame) => void;
  #frames: Frame[] = [];
  #bytes = 0;
  /** The shortest that a frame waited since the last look. */
  #shortest = Number.POSITIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #before = 0;
  #growths = 0;

  /** `onSkipped` takes each frame that is left out. */
  constructor(maxBytes: number, onSkipped: (frame: Frame) => void) {
    this.#maxBytes = maxBytes;
    this.#onSkipped = onSkipped;
  }

  get oldest(): Frame | undefined {
    return this.#frames[0];
  }

  /** Adds the newest. */
  push(frame: Frame): void {
    this.#frames.push(frame);
    this.#bytes += frame.bytes;
    while (this.#bytes > this.#maxBytes && this.#frames.length > 1) this.#onSkipped(this.#take());
  }

  /**
   * There is room for the oldest: takes it, at `now` (ms). Undefined where the flow is too slow, and all but the newest were
   * skipped; there must be one.
   */
  take(now: number): Frame | undefined {
    const frame = this.#take();
    if (!this.#isTooSlow(now - frame.since, now) || this.#frames.length === 0) return frame;
    this.#onSkipped(frame);
    while (this.#frames.length > 1) this.#onSkipped(this.#take());
    return undefined;
  }

  /** A frame found room without having to wait. */
  noteRoom(now: number): void {
    this.#isTooSlow(0, now);
  }

  /** Takes all that wait. */
  clear(): Frame[] {
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

  #take(): Frame {
    const frame = this.#frames.shift() as Frame;
    this.#bytes -= frame.bytes;
    return frame;
  }
}
