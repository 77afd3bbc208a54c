import type { WindowLimits } from '../../lib/flow/window';
import type { Clock } from '../../lib/time/clock';

/** The messages that a source has in its flow. */
export class InFlight {
  readonly limits: WindowLimits;
  readonly #clock: Clock;
  /** Bytes by message id. */
  readonly #sizes = new Map<string, number>();
  #bytes = 0;
  #lastSize = 0;
  #lastAt: number;

  constructor(limits: WindowLimits, clock: Clock) {
    this.limits = limits;
    this.#clock = clock;
    this.#lastAt = clock.now();
  }

  add(msgid: string, bytes: number): void {
    this.#sizes.set(msgid, bytes);
    this.#bytes += bytes;
    this.#lastSize = bytes;
    this.#lastAt = this.#clock.now();
  }

  remove(msgid: string): void {
    this.#bytes -= this.#sizes.get(msgid) ?? 0;
    this.#sizes.delete(msgid);
  }

  has(msgid: string): boolean {
    return this.#sizes.has(msgid);
  }

  ids(): string[] {
    return [...this.#sizes.keys()];
  }

  /** Which limit keeps the next frame out, if that is as large as the last one. */
  get fullBy(): 'frames' | 'bytes' | undefined {
    if (this.#sizes.size === 0) return undefined;
    if (this.#sizes.size >= this.limits.maxFrames) return 'frames';
    return this.#bytes + this.#lastSize > this.limits.maxBytes ? 'bytes' : undefined;
  }

  /** Ms since a message came into the flow. */
  get sinceLast(): number {
    return this.#clock.now() - this.#lastAt;
  }
}
