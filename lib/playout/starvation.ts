import type { Clock, TimerHandle } from '../time/clock';

/** Tells once when a picture has been missing for `timeout` ms; 0 = never. */
export class Starvation {
  readonly #clock: Clock;
  readonly #timeout: number;
  readonly #onStarved: () => void;
  #isStarving = false;
  #timer: TimerHandle;

  constructor(clock: Clock, timeout: number, onStarved: () => void) {
    this.#clock = clock;
    this.#timeout = timeout;
    this.#onStarved = onStarved;
  }

  /** Whether a picture is missing: the time counts from the first such moment on. */
  note(isStarving: boolean): void {
    if (isStarving === this.#isStarving) return;
    this.#isStarving = isStarving;
    if (!isStarving) this.close();
    else if (this.#timeout > 0) this.#timer = this.#clock.setTimeout(this.#onStarved, this.#timeout);
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
