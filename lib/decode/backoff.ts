import type { Clock } from '../clock';

/** Ms before the first attempt to reconnect; each further one waits twice as long. */
const first = 1000;
const longest = 30_000;

/** Waits between attempts: longer each time, until one succeeds. */
export class Backoff {
  readonly #clock: Clock;
  #attempts = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts another attempt, and tells which it is and how many ms there are until then. */
  next(): { attempt: number; delay: number } {
    this.#attempts += 1;
    return { attempt: this.#attempts, delay: Math.min(longest, first * 2 ** (this.#attempts - 1)) };
  }

  /** Resolves after `delay` ms, or at once when closed. */
  async wait(delay: number): Promise<void> {
    if (this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = this.#clock.setTimeout(resolve, delay);
      this.#wake = () => {
        this.#clock.clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }

  /** It works again: the next trouble begins with the shortest wait. Returns whether there had been an attempt. */
  succeeded(): boolean {
    const hadTrouble = this.#attempts > 0;
    this.#attempts = 0;
    return hadTrouble;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}
