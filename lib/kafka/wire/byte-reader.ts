import { damaged } from './unreadable';

/** Reads Kafka's primitive types one after the other; what would lie behind the end is damage. */
export class ByteReader {
  readonly bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer, at = 0) {
    this.bytes = bytes;
    this.#at = at;
  }

  get at(): number {
    return this.#at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.length - this.#at;
  }

  int8(): number {
    return this.bytes.readInt8(this.#forward(1));
  }

  int16(): number {
    return this.bytes.readInt16BE(this.#forward(2));
  }

  int32(): number {
    return this.bytes.readInt32BE(this.#forward(4));
  }

  int64(): bigint {
    return this.bytes.readBigInt64BE(this.#forward(8));
  }

  /** A part of the same memory. */
  take(length: number): Buffer {
    const start = this.#forward(length);
    return this.bytes.subarray(start, this.#at);
  }

  /** Bytes with their length, 32 bits, in front; -1 is null. */
  nullableBytes(): Buffer | null {
    const length = this.int32();
    return length === -1 ? null : this.take(length);
  }

  /** As `nullableBytes`, with a length of variable size. */
  nullableVarBytes(): Buffer | null {
    const length = this.varint();
    return length === -1 ? null : this.take(length);
  }

  string(): string {
    const length = this.int16();
    return length === -1 ? '' : this.take(length).toString();
  }

  /** 32 bits in up to 5 bytes, the sign in the lowest one ("zigzag"). */
  varint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte();
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw damaged('a number has no end');
  }

  /** 64 bits in up to 10 bytes, the sign in the lowest one. */
  varlong(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, (value >> 1n) ^ -(value & 1n));
    }
    throw damaged('a number has no end');
  }

  #byte(): number {
    return this.bytes[this.#forward(1)] as number;
  }

  /** Returns where it stood. */
  #forward(length: number): number {
    if (length < 0 || length > this.left) throw damaged('it says that it is longer than it is');
    const start = this.#at;
    this.#at += length;
    return start;
  }
}
