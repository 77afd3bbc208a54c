/** A timer's handle, opaque to everyone but the clock that gave it. */
export type TimerHandle = unknown;

/** Time as the domain sees it, injected so that tests can play hours in milliseconds. */
export interface Clock {
  /** Monotonic time in ms. Only differences mean anything. */
  now(): number;
  /** Wall clock in ms since the epoch, which may be set forward and back. */
  date(): number;
  setTimeout(callback: () => void, ms: number): TimerHandle;
  clearTimeout(handle: TimerHandle): void;
}

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => Date.now(),
  setTimeout: (callback, ms) => setTimeout(callback, ms),
  clearTimeout: (handle) => clearTimeout(handle as NodeJS.Timeout),
};
