import type { Clock } from '../time/clock';
import { longestDelay } from './schedule';

/** Ms over which it is seen how long frames wait: at first, and, for sources that deliver in bursts, later. */
const firstSpan = 2000;
const longestSpan = 10_000;
/** Pace at most and at least, of the recorded one: nobody notices in a picture. */
const fastest = 1.1;
const slowest = 0.95;
/** Ms not worth a change of pace. */
const tolerance = 5;

/**
 * Keeps a live picture as close to its source as the unevenness of its frames allows: where all of them have to wait for
 * their time, it plays slightly faster until one of them does not; where frames come too late, slightly slower. So a source
 * whose clock runs fast is followed, too.
 */
export class DelayControl {
  readonly #clock: Clock;
  #rate = 1;
  #span = firstSpan;
  #since: number | undefined;
  #leastWait = Number.POSITIVE_INFINITY;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The pace to be played at, of the recorded one. */
  get rate(): number {
    return this.#rate;
  }

  /** A frame has come `wait` ms before its time; less than 0 where it is late. */
  note(wait: number): void {
    if (wait < -longestDelay) {
      // From here on time counts anew.
      this.#startSpan(undefined);
      return;
    }
    const now = this.#clock.now();
    this.#since ??= now;
    this.#leastWait = Math.min(this.#leastWait, wait);
    if (now - this.#since < this.#span) return;
    // What all frames waited is made up for within the next such time.
    const change = Math.abs(this.#leastWait) > tolerance ? this.#leastWait / this.#span : 0;
    this.#rate = Math.min(fastest, Math.max(slowest, 1 + change));
    this.#span = Math.min(longestSpan, 2 * this.#span);
    this.#startSpan(now);
  }

  /** What comes next has nothing to do with what was before. */
  reset(): void {
    this.#rate = 1;
    this.#span = firstSpan;
    this.#startSpan(undefined);
  }

  #startSpan(since: number | undefined): void {
    this.#since = since;
    this.#leastWait = Number.POSITIVE_INFINITY;
  }
}
