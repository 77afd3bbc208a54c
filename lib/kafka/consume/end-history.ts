/** Moments kept. */
const maxMoments = 64;
/** Moments within the span of time that is of interest. */
const resolution = 16;

/**
 * Where a partition ended at which time, from which follows when its records came into it: by this machine's clock alone,
 * whatever time it is where they were made.
 */
export class EndHistory {
  /** Ms. */
  readonly #step: number;
  /** Oldest first. */
  #moments: { at: number; end: bigint }[] = [];

  /** `span`: ms that records may be old. */
  constructor(span: number) {
    this.#step = span / resolution;
  }

  /** The partition ends there `now` (ms, by a clock that does not go back). */
  note(end: bigint, now: number): void {
    const last = this.#moments.at(-1);
    if (last !== undefined && now - last.at < this.#step) return;
    this.#moments.push({ at: now, end });
    if (this.#moments.length > maxMoments) this.#moments.shift();
  }

  /** Ms that a record has been there `now`: at least, and at most. */
  ageOf(offset: bigint, now: number): { least: number; most: number } {
    const firstWith = this.#moments.find(({ end }) => end > offset);
    const lastWithout = this.#moments.findLast(({ end }) => end <= offset);
    return {
      least: firstWith === undefined ? 0 : now - firstWith.at,
      most: lastWithout === undefined ? Number.POSITIVE_INFINITY : now - lastWithout.at,
    };
  }
}
