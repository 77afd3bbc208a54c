import type { Frame } from '../frame/frame';
import type { Schedule } from './schedule';

/** Tells the end of each session once. */
export class SessionEnd {
  readonly #schedule: Schedule;
  readonly #onEnded: (last: Frame) => void;
  #isReported = false;

  constructor(schedule: Schedule, onEnded: (last: Frame) => void) {
    this.#schedule = schedule;
    this.#onEnded = onEnded;
  }

  /** Whether the session's last frame is on screen, and its end was told. */
  get isReported(): boolean {
    return this.#schedule.current?.last === true && this.#isReported;
  }

  /** Whether the session's last frame is on screen, and has not had its time yet. */
  get isUnreported(): boolean {
    return this.#schedule.current?.last === true && !this.#isReported;
  }

  report(): void {
    this.#isReported = true;
    this.#onEnded(this.#schedule.current as Frame);
  }

  /** Another frame is on screen. */
  noteShown(): void {
    this.#isReported = false;
  }
}
