import type { Clock, TimerHandle } from '../../time/clock';
import { RecentLeast } from '../../time/recent-least';

/** A frame's timestamp in its source, and when it came. */
export interface Arrival {
  /** Ms. */
  pts: number;
  /** Ms since the epoch. */
  at: number;
}

/** Ms by which frames may come unevenly without more behind it than the network. */
const unevenness = 1000;
/** Ms without a frame after which what came at once is complete. */
const quiet = 200;
/** Ms over which frames come at the pace they were taken at, where they come as they are taken; and by how much quicker. */
const pace = { span: 250, factor: 1.3 };
/** Most ms of video that are waited for as having come at once: some of HLS's longest usual segments. */
const longestBurst = 30_000;
/** Ms over which a source comes the quickest at least once: two of HLS's usual segments. */
const span = 15_000;

/**
 * - `settling`: frames come at once that were taken one after the other, as where a connection begins, a segment of HLS has
 *   arrived, or the network stood still. Only the last of them tells when the others were taken, so they wait for it.
 * - `settled`: frames come as they are taken.
 */
type State<Frame> = { name: 'settling'; frames: [Frame, ...Frame[]]; timer: TimerHandle } | { name: 'settled' };

/**
 * Tells when the frames of one live connection were taken, as far as it can be known at this end: by their own timestamps,
 * and by how far these are behind this machine's clock where frames come the quickest. Where time went by that the timestamps
 * do not tell of, as when a camera starts anew behind a server that goes on, the timestamps that follow are moved by it.
 */
export class CaptureClock<Frame extends Arrival> {
  readonly #clock: Clock;
  readonly #emit: (frame: Frame, pts: number, time: number) => void;
  #state: State<Frame> = { name: 'settled' };
  /** The time of timestamp 0, ms since the epoch. */
  #origin = new RecentLeast(span);
  #isSettledOnce = false;
  #last: Arrival | undefined;
  #lastTime = 0;
  /** Added to timestamps, ms. */
  #shift = 0;

  /** `emit` takes each frame, in order, with its timestamp (ms) and the time it was taken (ms since the epoch). */
  constructor(clock: Clock, emit: (frame: Frame, pts: number, time: number) => void) {
    this.#clock = clock;
    this.#emit = emit;
  }

  /** Takes the next frame. */
  take(frame: Frame): void {
    const last = this.#last;
    this.#last = frame;
    const isLate = last === undefined || frame.at - last.at - (frame.pts - last.pts) > unevenness;
    if (this.#state.name === 'settling') this.#addToBurst(this.#state.frames, frame);
    else if (isLate) this.#settle([frame]);
    else this.#tell(frame);
  }

  /** No more frames come: those that wait are told. */
  close(): void {
    this.#conclude();
  }

  #addToBurst(frames: [Frame, ...Frame[]], frame: Frame): void {
    frames.push(frame);
    const before = frames.findLast(({ at }) => frame.at - at >= pace.span);
    const isAtPace = before !== undefined && frame.pts - before.pts <= pace.factor * (frame.at - before.at);
    const isAsQuickAsBefore = this.#isSettledOnce && frame.at - frame.pts <= this.#origin.value;
    const isLong = frame.pts - frames[0].pts > longestBurst;
    if (isAtPace || isAsQuickAsBefore || isLong) this.#conclude();
    else this.#settle(frames);
  }

  #settle(frames: [Frame, ...Frame[]]): void {
    if (this.#state.name === 'settling') this.#clock.clearTimeout(this.#state.timer);
    this.#state = { name: 'settling', frames, timer: this.#clock.setTimeout(() => this.#conclude(), quiet) };
  }

  #conclude(): void {
    if (this.#state.name !== 'settling') return;
    const { frames, timer } = this.#state;
    this.#clock.clearTimeout(timer);
    this.#state = { name: 'settled' };
    const [first, last] = [frames[0], frames.at(-1) as Frame];
    const origin = Math.min(...frames.map(({ pts, at }) => at - pts));
    const lost = this.#isSettledOnce ? origin - this.#origin.value : 0;
    if (lost > unevenness + last.pts - first.pts) {
      this.#shift += lost;
      this.#origin = new RecentLeast(span);
    }
    this.#isSettledOnce = true;
    this.#origin.note(origin, last.at);
    for (const frame of frames) this.#tell(frame);
  }

  #tell(frame: Frame): void {
    const { pts, at } = frame;
    this.#origin.note(at - pts, at);
    this.#lastTime = Math.max(this.#lastTime, Math.round(this.#origin.value + pts));
    this.#emit(frame, pts + this.#shift, this.#lastTime);
  }
}
