import { type Clock, systemClock } from '../../time/clock';

/** How late a frame may be, in ms, and still be caught up with. Beyond that the schedule restarts: no sprint. */
const tolerance = 250;

/** Spaces frames as they were recorded. */
export class Pacer {
  readonly #clock: Clock;
  #due: number | undefined;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
  }

  /** Resolves when the next frame is due, `interval` ms after the one before; the first is due at once. */
  async next(interval: number): Promise<void> {
    const now = this.#clock.now();
    const due = this.#due === undefined ? now : this.#due + interval;
    this.#due = now - due > tolerance ? now : due;
    const wait = this.#due - now;
    if (wait <= 0 || this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimeout(resolve, wait);
      this.#wake = () => {
        this.#clock.clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** After a pause or a jump: the next frame is due at once, whatever was before. */
  restart(): void {
    this.#due = undefined;
    this.#wake?.();
  }

  /** Lets whoever waits go; nobody waits any more. */
  close(): void {
    this.#closed = true;
    this.restart();
  }
}
