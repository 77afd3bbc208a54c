/**
 * Follows the records of one partition through the flow, from where reading began. Records begin in the order of their offsets
 * and finish in any; what may be committed is the oldest unfinished one, so that after a restart nothing is skipped.
 * What is kept is the unfinished records, which the window bounds.
 */
export class OffsetTracker {
  #first: bigint | undefined;
  #next: bigint | undefined;
  /** In the order of their offsets. */
  readonly #unfinished = new Set<bigint>();

  /** `start` is the offset of the first record to come, where it is known before that record is. */
  constructor(start?: bigint) {
    this.#first = start;
    this.#next = start;
  }

  /** Offset of the record to be read next; undefined while unknown. */
  get next(): bigint | undefined {
    return this.#next;
  }

  /** Everything below this offset is finished; undefined while nothing is known. */
  get committable(): bigint | undefined {
    const [oldest] = this.#unfinished;
    return oldest ?? this.#next;
  }

  /** Whether the record at this offset was read since reading began here. */
  hasRead(offset: bigint): boolean {
    return this.#first !== undefined && this.#next !== undefined && offset >= this.#first && offset < this.#next;
  }

  /** Notes a record handed out; the function returned finishes it. */
  begin(offset: bigint): () => void {
    this.pass(offset);
    this.#unfinished.add(offset);
    return () => {
      this.#unfinished.delete(offset);
    };
  }

  /** Notes a record that nobody has to finish. */
  pass(offset: bigint): void {
    this.#first ??= offset;
    this.#next = offset + 1n;
  }
}
