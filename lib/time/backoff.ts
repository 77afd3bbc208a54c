/** How long to wait between tries: doubling from `first` up to `most` ms. */
export class Backoff {
  readonly #first: number;
  readonly #most: number;
  #next: number;

  constructor({ first, most }: { first: number; most: number }) {
    this.#first = first;
    this.#most = most;
    this.#next = first;
  }

  /** Ms to wait before the next try. */
  next(): number {
    const wait = this.#next;
    this.#next = Math.min(wait * 2, this.#most);
    return wait;
  }

  /** Begins anew after a success. */
  reset(): void {
    this.#next = this.#first;
  }
}
