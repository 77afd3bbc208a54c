import type { Clock, TimerHandle } from '../../time/clock';

/** Notices when something that is waited for takes too long. */
export class StallWatch {
  readonly #clock: Clock;
  readonly #patience: number | undefined;
  readonly #onStall: () => void;
  #hasStalled = false;

  /** `patience`: ms to wait for one thing; undefined = for ever. */
  constructor(clock: Clock, patience: number | undefined, onStall: () => void) {
    this.#clock = clock;
    this.#patience = patience;
    this.#onStall = onStall;
  }

  get hasStalled(): boolean {
    return this.#hasStalled;
  }

  async during<Result>(waiting: Promise<Result>): Promise<Result> {
    if (this.#patience === undefined) return waiting;
    const timer: TimerHandle = this.#clock.setTimeout(() => {
      this.#hasStalled = true;
      this.#onStall();
    }, this.#patience);
    try {
      return await waiting;
    } finally {
      this.#clock.clearTimeout(timer);
    }
  }
}
