import type { Frame } from '../frame/frame';
import { sessionKey } from '../frame/name';
import type { Clock } from '../time/clock';
import { MediaClock } from './media-clock';
import { isTimed, type PacingMode, type Placed, placeAfter } from './timeline';

/** Ms a frame may be late and the lost time still be made up; beyond that, the rest is shown that much later. */
export const longestDelay = 200;
/** Ms without the next frame until a stream counts as interrupted, for frames without timestamps. */
const untimedPatience = 2000;

export interface ScheduleOptions {
  mode: PacingMode;
  /** Ms per frame for frames that are not paced by their timestamps. */
  interval: number;
  /** Times the recorded pace, 0.1 to 16. */
  speed: number;
  /** See `PlayoutOptions`. Default 0. */
  slack?: number;
}

/**
 * When each frame is due, by the clock, from what is on screen.
 *
 * Due times are counted from an anchor (this clock time is that video position), not from frame to frame, so errors
 * of timers do not add up. After a stall the anchor moves: what was late stays late, nothing sprints to catch up.
 */
export class Schedule {
  readonly #clock: Clock;
  readonly #options: ScheduleOptions;
  readonly #media: MediaClock;
  #current: Placed | undefined;
  /** When the frame on screen was shown; when it was due, where it is seen on its beat. */
  #shownAt = 0;
  #speed: number;
  /** Of `#speed`, while a live picture is kept at the present. */
  #rate = 1;

  constructor(clock: Clock, options: ScheduleOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#media = new MediaClock(clock, options.speed);
    this.#speed = options.speed;
  }

  /** Times the recorded pace, as asked for. */
  get speed(): number {
    return this.#speed;
  }

  /** The frame on screen. */
  get current(): Frame | undefined {
    return this.#current?.frame;
  }

  /** Clock time at which the next frame is due. Moves the anchor when it is too late to make up for. */
  dueOf(frame: Frame): number {
    const now = this.#clock.now();
    const placed = this.#place(frame);
    if (!this.#media.isAnchored || now - this.#media.timeOf(placed.position) > longestDelay) {
      this.#media.anchorAt(placed.position);
    }
    const due = this.#media.timeOf(placed.position);
    if (this.#current === undefined) return due;
    // Lost time is made up for at double pace at most.
    const step = Math.max(0, placed.position - this.#current.position) / this.#media.speed;
    return Math.max(due, Math.min(now + longestDelay, this.#shownAt + step / 2));
  }

  /** The frame goes on screen now; with `isAnchor` the next ones count from it. */
  show(frame: Frame, isAnchor: boolean): void {
    this.#current = this.#place(frame);
    if (!this.#media.isAnchored || isAnchor) this.#media.anchorAt(this.#current.position);
    const now = this.#clock.now();
    const { slack = 0 } = this.#options;
    this.#shownAt = Math.min(now, Math.max(this.#media.timeOf(this.#current.position), now - slack));
  }

  /** Nothing is on screen any more, where it was another stream; tells whether it was. */
  clearOther(stream: string): boolean {
    if (this.#current === undefined || this.#current.frame.stream === stream) return false;
    this.#current = undefined;
    this.#media.release();
    return true;
  }

  /** What is on screen is the last frame of its session, where that is the session of `last`. */
  endBefore(last: Frame): void {
    if (this.#current === undefined || sessionKey(this.#current.frame) !== sessionKey(last)) return;
    this.#current = { ...this.#current, frame: { ...this.#current.frame, last: true } };
  }

  /** Clock time at which the frame on screen has had its time. */
  currentEnd(): number {
    if (this.#current === undefined) return this.#clock.now();
    const { position, hold } = this.#current;
    const { isAnchored, speed } = this.#media;
    return isAnchored ? this.#media.timeOf(position + hold) : this.#shownAt + hold / speed;
  }

  /** Ms after the end of the frame on screen until the next counts as missing. */
  get patience(): number {
    return this.#current?.timed && this.#options.mode === 'source' ? longestDelay : untimedPatience;
  }

  /** Lets a new pace, or a pause, count from this moment's position, at most the end of the frame on screen. */
  hold(): void {
    if (this.#current !== undefined) this.#media.hold(this.#current.position + this.#current.hold);
  }

  /** Continues from the position held: nothing moved meanwhile. */
  resume(): void {
    this.#media.resume();
  }

  /** The next frame is due at once, whatever was before. */
  release(): void {
    this.#media.release();
  }

  /** Takes effect from the position held on. Throws BAD_OPTION when out of range. */
  setSpeed(speed: number): void {
    this.#media.setSpeed(speed);
    this.#speed = speed;
    this.#rate = 1;
  }

  /** Plays at `rate` of the pace that was asked for, from the frame on screen on. */
  setRate(rate: number): void {
    if (rate === this.#rate) return;
    this.#rate = rate;
    if (this.#current !== undefined) this.#media.rebaseAt(this.#current.position);
    this.#media.setSpeed(this.#speed * rate);
  }

  /** Ms that a frame which has come now will have to wait for its time; undefined where that is not known yet. */
  waitOf(frame: Frame): number | undefined {
    if (this.#current === undefined || !this.#media.isAnchored) return undefined;
    const { frame: onScreen, position } = this.#current;
    if (frame.session !== onScreen.session || !isTimed(frame, this.#options.mode)) return undefined;
    return this.#media.timeOf(position + frame.pts - onScreen.pts) - this.#clock.now();
  }

  #place(frame: Frame): Placed {
    return placeAfter(this.#current, frame, this.#options);
  }
}
