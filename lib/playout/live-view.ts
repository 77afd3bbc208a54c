import type { Frame } from '../frame/frame';
import type { Clock } from '../time/clock';
import { CatchUp } from './catch-up';
import { DelayControl } from './delay-control';
import { Present } from './present';
import type { Schedule } from './schedule';

/**
 * Where a live stream is looked at. `present`: at most so far behind. `returning`: it fell behind, and whatever is older than
 * the newest frame is passed over. `past`: behind on purpose, after a pause or a seek.
 */
export type Viewpoint = 'present' | 'returning' | 'past';

/** Ms behind that are the present. */
const near = 200;
/** Ms after which a frame is shown on the way back, where none comes that is newer; and in any case. */
const settled = 10;
const glance = 500;

/** Keeps whoever looks at a live stream at the present, unless the past is what they want to see. */
export class LiveView {
  readonly #clock: Clock;
  readonly #schedule: Schedule;
  /** Ms behind the present at most; Infinity for any. */
  readonly #maxDelay: number;
  readonly #present: Present;
  readonly #delay: DelayControl;
  #viewpoint: Viewpoint = 'present';
  #isReaderInPast = false;
  #glancedAt = 0;
  #catchUp = new CatchUp();

  /** `maxDelay`, `slack`: see `PlayoutOptions`. */
  constructor(clock: Clock, schedule: Schedule, { maxDelay = 2000, slack = 0 }: { maxDelay?: number; slack?: number }) {
    this.#clock = clock;
    this.#schedule = schedule;
    this.#maxDelay = maxDelay === 0 ? Number.POSITIVE_INFINITY : maxDelay;
    this.#present = new Present(clock);
    this.#delay = new DelayControl(clock, slack);
  }

  /** Undefined for a recorded stream. */
  get viewpoint(): Viewpoint | undefined {
    return this.#schedule.current?.live ? this.#viewpoint : undefined;
  }

  /** Ms by which the live picture on screen is behind the present; 0 for a recorded one. */
  get behind(): number {
    const { current } = this.#schedule;
    return current?.live ? Math.max(0, this.#present.lagOf(current)) : 0;
  }

  /** When the frame on screen was captured, by its own account: ms since the epoch. */
  get time(): number {
    return this.#schedule.current?.time ?? Number.NaN;
  }

  /** When the frame was captured, in ms on the clock's `now()`: see `Present`. */
  capturedAt(frame: Frame): number {
    return this.#present.capturedAt(frame);
  }

  /** A frame has come. `isPast`: its reader was sent to the past, and has not come back from there. */
  note(frame: Frame, isPast: boolean): void {
    if (isPast && !this.#isReaderInPast) this.#viewpoint = 'past';
    this.#isReaderInPast = isPast;
    if (!frame.live) return;
    this.#present.note(frame);
    const wait = this.#schedule.waitOf(frame);
    if (wait !== undefined && this.#isFollowing) this.#delay.note(wait, this.#clock.now() - frame.pts);
  }

  /** The past is to be seen from now on. */
  lookBack(): void {
    this.#viewpoint = 'past';
  }

  /** The present is to be seen from now on. */
  returnToPresent(): void {
    this.#viewpoint = 'returning';
    this.#catchUp = new CatchUp();
    this.#glancedAt = this.#clock.now();
  }

  /**
   * It goes on after a pause, or at another pace. Where it is behind now by more than it ever falls behind by itself, that is
   * on purpose.
   */
  resume(): void {
    this.#delay.reset();
    if (this.#viewpoint === 'present' && this.behind > this.#maxDelay) this.#viewpoint = 'past';
  }

  /** What comes next has nothing to do with what is on screen. */
  startOver(): void {
    this.#delay.reset();
  }

  /** Whether to pass over everything but the newest frame, `next` being the one whose turn it is. */
  isReturning(next: Frame): boolean {
    // Whoever plays it slower than it comes means to be behind.
    if (this.#schedule.speed < 1) return false;
    if (!next.live) {
      this.#viewpoint = 'present';
      return false;
    }
    const lag = this.#present.lagOf(next);
    if (this.#viewpoint === 'past' && lag <= near) this.#viewpoint = 'present';
    if (this.#viewpoint === 'present' && lag > this.#maxDelay) this.returnToPresent();
    return this.#viewpoint === 'returning';
  }

  /** Ms until the newest frame is shown on the way back. */
  msToShow(newest: Frame): number {
    if (this.#present.lagOf(newest) <= near) return 0;
    const { arrivedAt = 0 } = this.#present.arrivalOf(newest.stream) ?? {};
    return Math.min(arrivedAt + settled, this.#glancedAt + glance) - this.#clock.now();
  }

  /** A frame went on screen: on the way back, the newest there is. Sets the pace from there on. */
  show(frame: Frame): void {
    if (this.#viewpoint === 'returning' && this.#hasReturned(frame)) this.#viewpoint = 'present';
    this.#glancedAt = this.#clock.now();
    this.#schedule.setRate(frame.live && this.#isFollowing ? this.#delay.rate : 1);
  }

  /** Whether the pace may be changed a little; not one that somebody wants as it is. */
  get #isFollowing(): boolean {
    return this.#viewpoint === 'present' && this.#schedule.speed === 1;
  }

  /** It has where the frame says so, or where frames have ceased to come faster than they were captured. */
  #hasReturned(frame: Frame): boolean {
    if (this.#present.lagOf(frame) <= near) return true;
    const arrival = this.#present.arrivalOf(frame.stream);
    const isThere = arrival !== undefined && this.#catchUp.isOver(arrival);
    if (isThere) this.#present.reach(frame.stream);
    return isThere;
  }
}
