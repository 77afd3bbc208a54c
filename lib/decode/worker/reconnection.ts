import { Backoff } from '../../time/backoff';
import type { Clock } from '../../time/clock';

/** The attempts to reach a live source again: counted, and with waits between them that grow until one succeeds. */
export class Reconnection {
  readonly #clock: Clock;
  readonly #backoff = new Backoff({ first: 1000, most: 30_000 });
  #attempts = 0;
  #wake: (() => void) | undefined;
  #closed = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Counts another attempt, and tells which it is and how many ms there are until then. */
  next(): { attempt: number; delay: number } {
    this.#attempts += 1;
    return { attempt: this.#attempts, delay: this.#backoff.next() };
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
    this.#backoff.reset();
    return hadTrouble;
  }

  close(): void {
    this.#closed = true;
    this.#wake?.();
  }
}
