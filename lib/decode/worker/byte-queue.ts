/** Cuts a stream of bytes into blocks of asked sizes, each in memory of its own. */
export class ByteQueue {
  #chunks: Uint8Array[] = [];
  #wanted: { block: Uint8Array; filled: number; resolve: (block: ArrayBuffer | undefined) => void } | undefined;
  #ended = false;

  /** Whether a block waits for more bytes. */
  get wanting(): boolean {
    return this.#wanted !== undefined;
  }

  /** The next `size` bytes; undefined when the stream ends before. One at a time. */
  take(size: number): Promise<ArrayBuffer | undefined> {
    if (this.#wanted !== undefined) throw new Error('the block asked for before is not complete yet');
    return new Promise((resolve) => {
      // Not zeroed, as nobody sees it before it is full; "slow" means that it is in no pool, which could not be transferred.
      this.#wanted = { block: new Uint8Array(Buffer.allocUnsafeSlow(size).buffer), filled: 0, resolve };
      this.#fill();
    });
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#fill();
  }

  /** There are no more bytes. */
  end(): void {
    this.#ended = true;
    this.#fill();
  }

  #fill(): void {
    const wanted = this.#wanted;
    if (wanted === undefined) return;
    const { block } = wanted;
    while (wanted.filled < block.length) {
      const chunk = this.#chunks.shift();
      if (chunk === undefined) {
        if (this.#ended) this.#settle(undefined);
        return;
      }
      const part = chunk.subarray(0, block.length - wanted.filled);
      block.set(part, wanted.filled);
      wanted.filled += part.length;
      if (part.length < chunk.length) this.#chunks.unshift(chunk.subarray(part.length));
    }
    this.#settle(block.buffer as ArrayBuffer);
  }

  #settle(block: ArrayBuffer | undefined): void {
    const resolve = this.#wanted?.resolve;
    this.#wanted = undefined;
    resolve?.(block);
  }
}
