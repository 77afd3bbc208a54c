/** The least of the values of late: of the last `span` ms at least, and of twice that at most. */
export class RecentLeast {
  readonly #span: number;
  #since = Number.NEGATIVE_INFINITY;
  #latest = Number.POSITIVE_INFINITY;
  #before = Number.POSITIVE_INFINITY;

  constructor(span: number) {
    this.#span = span;
  }

  /** Infinity while there is none. */
  get value(): number {
    return Math.min(this.#latest, this.#before);
  }

  /** `now`: ms, by a clock that does not go back. */
  note(value: number, now: number): void {
    if (now - this.#since >= this.#span) {
      this.#before = now - this.#since < 2 * this.#span ? this.#latest : Number.POSITIVE_INFINITY;
      this.#latest = Number.POSITIVE_INFINITY;
      this.#since = now;
    }
    this.#latest = Math.min(this.#latest, value);
  }
}
