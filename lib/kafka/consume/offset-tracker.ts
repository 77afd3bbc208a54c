/**
 * Follows the records of one partition through the flow. Records begin in the order of their offsets and finish in
 * any; what may be committed is the oldest unfinished one, so that after a restart nothing is skipped.
 */
export class OffsetTracker {
  #next: bigint | undefined;
  #open: { offset: bigint; finished: boolean }[] = [];

  /** `start` is the offset of the first record to come, where it is known before that record is. */
  constructor(start?: bigint) {
    this.#next = start;
  }

  /** Offset of the record to be read next; undefined while unknown. */
  get next(): bigint | undefined {
    return this.#next;
  }

  /** Everything below this offset is finished; undefined while nothing is known. */
  get committable(): bigint | undefined {
    return this.#open[0]?.offset ?? this.#next;
  }

  /** Notes a record handed out; the function returned finishes it. */
  begin(offset: bigint): () => void {
    const record = { offset, finished: false };
    this.#open.push(record);
    this.#next = offset + 1n;
    return () => {
      record.finished = true;
      while (this.#open[0]?.finished) this.#open.shift();
    };
  }

  /** Notes a record that nobody has to finish. */
  pass(offset: bigint): void {
    this.begin(offset)();
  }
}
