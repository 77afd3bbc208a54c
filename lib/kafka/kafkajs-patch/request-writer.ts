import { isLent, type Payload } from './payload';

/**
 * Varints are zigzag coded, as in Protocol Buffers: small negative numbers stay short. Without bit operations, which
 * are for 32 bits only: the times of two frames may be months apart.
 */
export function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Writes one after the other into a payload that is known to be large enough. */
export class RequestWriter {
  readonly #payload: Payload;
  readonly #memory: Buffer;
  #at = 0;

  constructor(payload: Payload) {
    this.#payload = payload;
    this.#memory = payload.own;
  }

  get position(): number {
    return this.#at;
  }

  /** What was written from `position` on, in pieces. */
  since(position: number): Buffer[] {
    return this.#payload.pieces(position, this.#at);
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

  /** As `varintBytes`, but what is long is lent to the payload. */
  varintValue(value: Buffer | undefined): void {
    if (value === undefined || !isLent(value)) {
      this.varintBytes(value);
    } else {
      this.varint(value.length);
      this.#payload.lend(this.#at, value);
    }
  }
}
