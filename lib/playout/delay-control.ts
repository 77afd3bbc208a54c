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
 *
 * Frames that come later than others, as key frames do, need not delay them all: within the slack they are seen on their beat.
 */
export class DelayControl {
  readonly #clock: Clock;
  readonly #slack: number;
  #rate = 1;
  #span = firstSpan;
  #since: number | undefined;
  #leastWait = Number.POSITIVE_INFINITY;
  #leastTransit = Number.POSITIVE_INFINITY;
  #mostTransit = Number.NEGATIVE_INFINITY;

  /** `slack`: see `PlayoutOptions`. */
  constructor(clock: Clock, slack: number) {
    this.#clock = clock;
    this.#slack = slack;
  }

  /** The pace to be played at, of the recorded one. */
  get rate(): number {
    return this.#rate;
  }

  /**
   * A frame has come `wait` ms before its time; less than 0 where it is late. `transit`: ms that it took, counted from any time
   * that is the same for all.
   */
  note(wait: number, transit: number): void {
    if (wait < -longestDelay) {
      // From here on time counts anew.
      this.#startSpan(undefined);
      return;
    }
    const now = this.#clock.now();
    this.#since ??= now;
    this.#leastWait = Math.min(this.#leastWait, wait);
    this.#leastTransit = Math.min(this.#leastTransit, transit);
    this.#mostTransit = Math.max(this.#mostTransit, transit);
    if (now - this.#since < this.#span) return;
    // Most frames keep the slack: what some are late by is no more than what they took longer than others.
    const excess = this.#leastWait + Math.min(this.#slack, this.#mostTransit - this.#leastTransit);
    // What all frames waited is made up for within the next such time.
    const change = Math.abs(excess) > tolerance ? excess / this.#span : 0;
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
    this.#leastTransit = Number.POSITIVE_INFINITY;
    this.#mostTransit = Number.NEGATIVE_INFINITY;
  }
}
