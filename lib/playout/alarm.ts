import type { Clock, TimerHandle } from '../time/clock';

/** No timer runs longer in one go, whatever durations a frame claims (Node.js fires timers over 2^31 ms at once). */
const longestTimer = 60_000;

/** One timer, which may go off before its time where that is far away. */
export class Alarm {
  readonly #clock: Clock;
  readonly #onAlarm: () => void;
  #timer: TimerHandle;

  constructor(clock: Clock, onAlarm: () => void) {
    this.#clock = clock;
    this.#onAlarm = onAlarm;
  }

  /** In `ms`, instead of when it was set for before. */
  set(ms: number): void {
    this.clear();
    this.#timer = this.#clock.setTimeout(this.#onAlarm, Math.min(ms, longestTimer));
  }

  clear(): void {
    this.#clock.clearTimeout(this.#timer);
  }
}
