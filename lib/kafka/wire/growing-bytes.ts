import { damaged, tooLarge } from './unreadable';

/** Bytes that are decompressed, up to a limit: their number is known when all of them are there. */
export class GrowingBytes {
  readonly #limit: number;
  #bytes: Buffer;
  #length = 0;

  /** `expected`: bytes there is room for from the beginning. Throws what is too large where that is more than `limit`. */
  constructor(limit: number, expected: number) {
    if (expected > limit) throw tooLarge(limit);
    this.#limit = limit;
    this.#bytes = Buffer.allocUnsafe(expected);
  }

  get length(): number {
    return this.#length;
  }

  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#length);
  }

  append(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  /** Repeats `length` bytes from `distance` bytes before the end on; where it is shorter than that, it repeats itself. */
  repeat(distance: number, length: number): void {
    if (distance < 1 || distance > this.#length) throw damaged('it repeats what was not there');
    this.#makeRoom(length);
    const start = this.#length;
    const end = start + length;
    // What was repeated already is repeated, too: each turn takes twice as much.
    for (let at = start; at < end; ) {
      const piece = Math.min(end - at, at - (start - distance));
      this.#bytes.copyWithin(at, start - distance, start - distance + piece);
      at += piece;
    }
    this.#length = end;
  }

  /** Throws what is too large where so many bytes more are. */
  assertRoom(more: number): void {
    if (this.#length + more > this.#limit) throw tooLarge(this.#limit);
  }

  #makeRoom(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    this.assertRoom(more);
    const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, this.#bytes.length * 2)));
    this.#bytes.copy(grown, 0, 0, this.#length);
    this.#bytes = grown;
  }
}
