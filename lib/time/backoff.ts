/** How long to wait between attempts: doubling from `first` up to `max` ms. */
export class Backoff {
  readonly #first: number;
  readonly #max: number;
  #next: number;

  constructor({ first, max }: { first: number; max: number }) {
    this.#first = first;
    this.#max = max;
    this.#next = first;
  }

  /** Ms to wait before the next try. */
  next(): number {
    const wait = this.#next;
    this.#next = Math.min(wait * 2, this.#max);
    return wait;
  }

  /** Starts over with `first`, after a success. */
  reset(): void {
    this.#next = this.#first;
  }
}
