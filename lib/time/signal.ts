import type { Clock } from './clock';

/** Lets one loop sleep until something changes or time is up. */
export class Signal {
  readonly #clock: Clock;
  readonly #waiting = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Resolves at the next `notify`, or after `ms`. */
  wait(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#clock.clearTimeout(timer);
        this.#waiting.delete(wake);
        resolve();
      };
      const timer = this.#clock.setTimeout(wake, ms);
      this.#waiting.add(wake);
    });
  }

  /** Wakes everyone who waits. */
  notify(): void {
    for (const wake of [...this.#waiting]) wake();
  }
}

/** Settles as `work` does, but after `ms` at the latest: then, as when `work` fails, with false. */
export async function within(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  let timer: unknown;
  const timeUp = new Promise<boolean>((resolve) => {
    timer = clock.setTimeout(() => resolve(false), ms);
  });
  const done = work.then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([done, timeUp]);
  } finally {
    clock.clearTimeout(timer);
  }
}
