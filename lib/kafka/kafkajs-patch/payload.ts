import { gathered } from './gather-write';

/** The header takes 14 bytes and the client id. */
const headroom = 512;
/** Values of so many bytes and more are sent from where they are; to copy fewer is quicker than one more piece to send. */
const worthLending = 16_384;

/** Whether a payload takes a value as it is, where it is, and not a copy of it. */
export function isLent(value: Buffer): boolean {
  return value.length >= worthLending;
}

/**
 * A request's bytes: memory of its own, and between its parts the values lent to it, with room in front for what
 * kafkajs still writes there: API key, version, correlation id, client id, and the length of it all.
 * Stands in for one of kafkajs's encoders.
 *
 * New memory for a whole request costs more than the copy into it: the system has to clear it first.
 */
export class Payload {
  readonly #memory: Buffer;
  /** Where in the memory each value stands, in their order. */
  readonly #lent: { at: number; value: Buffer }[] = [];
  #start = headroom;

  /** `size`: bytes of its own, without what will be lent to it. */
  constructor(size: number) {
    this.#memory = Buffer.allocUnsafe(headroom + size);
  }

  /** Its own memory, to be written in order. */
  get own(): Buffer {
    return this.#memory.subarray(this.#start);
  }

  /** The bytes of the request so far, for a socket that `gatherWrites`. */
  get buffer(): Buffer {
    return gathered(this.pieces());
  }

  /** kafkajs's encoders tell each other apart from other things by this field. */
  get buf(): Buffer {
    return this.own;
  }

  /** All bytes, those lent included. */
  size(): number {
    return this.#lent.reduce((sum, { value }) => sum + value.length, this.#memory.length - this.#start);
  }

  /** Puts `value` behind the first `at` bytes of its own. It must not change until it is sent: the checksum is made before. */
  lend(at: number, value: Buffer): void {
    this.#lent.push({ at: headroom + at, value });
  }

  /** The bytes of the request in their order, from byte `from` to before byte `to` of its own. */
  pieces(from = this.#start - headroom, to = this.#memory.length - headroom): Buffer[] {
    const pieces: Buffer[] = [];
    let start = headroom + from;
    for (const { at, value } of this.#lent) {
      if (at < start || at > headroom + to) continue;
      pieces.push(this.#memory.subarray(start, at), value);
      start = at;
    }
    pieces.push(this.#memory.subarray(start, headroom + to));
    return pieces;
  }

  /** Puts `head` in front of the request. False where there is no room. */
  prepend(head: Buffer): boolean {
    if (head.length > this.#start) return false;
    this.#start -= head.length;
    head.copy(this.#memory, this.#start);
    return true;
  }
}
