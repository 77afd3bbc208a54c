/**
 * Varints are zigzag coded, as in Protocol Buffers: small negative numbers stay short. Without bit operations, which
 * work on 32 bits only: the times of two frames may be months apart.
 */
function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Bytes a number takes as a varint. */
export function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

/** Bytes that bytes with their length in front take; -1 as the length stands for none. */
export function sizeOfBytes(bytes: Buffer | undefined): number {
  return bytes === undefined ? sizeOfVarint(-1) : sizeOfVarint(bytes.length) + bytes.length;
}

/** Writes values one after the other, big-endian, into memory that is known to be large enough. */
export class Writer {
  readonly #memory: Buffer;
  #at = 0;

  constructor(memory: Buffer) {
    this.#memory = memory;
  }

  get position(): number {
    return this.#at;
  }

  since(position: number): Buffer {
    return this.#memory.subarray(position, this.#at);
  }

  /** Leaves room, to be filled in later. */
  skip(length: number): Buffer {
    this.#at += length;
    return this.#memory.subarray(this.#at - length, this.#at);
  }

  int8(value: number): void {
    this.#at = this.#memory.writeInt8(value, this.#at);
  }

  int16(value: number): void {
    this.#at = this.#memory.writeInt16BE(value, this.#at);
  }

  int32(value: number): void {
    this.#at = this.#memory.writeInt32BE(value, this.#at);
  }

  int64(value: bigint): void {
    this.#at = this.#memory.writeBigInt64BE(value, this.#at);
  }

  varint(value: number): void {
    let rest = zigzag(value);
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) {
      this.#at = this.#memory.writeUInt8((rest % 0x80) + 0x80, this.#at);
    }
    this.#at = this.#memory.writeUInt8(rest, this.#at);
  }

  bytes(bytes: Buffer): void {
    this.#at += bytes.copy(this.#memory, this.#at);
  }

  varintBytes(bytes: Buffer | undefined): void {
    this.varint(bytes?.length ?? -1);
    if (bytes !== undefined) this.bytes(bytes);
  }
}
