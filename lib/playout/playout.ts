import type { Frame } from '../frame/frame';
import { type Clock, systemClock } from '../time/clock';
import { Alarm } from './alarm';
import type { Playable } from './frame-queue';
import { Intake } from './intake';
import { LiveView } from './live-view';
import { validSpeed } from './media-clock';
import { checkPacing, type PlayoutOptions, type PlayoutState } from './playout-options';
import { Schedule } from './schedule';
import { SessionEnd } from './session-end';
import { StartBuffer } from './start-buffer';
import { Starvation } from './starvation';

/** A timer's callback may come this early (Node.js cuts fractions of a ms off). */
const timerGrain = 1;

/**
 * Plays frames out: decides which of those entrusted to it is due when, and gives each back exactly once, shown or
 * dropped. One picture, one clock.
 */
export class Playout<T extends Playable> {
  readonly #options: PlayoutOptions<T>;
  readonly #clock: Clock;
  readonly #intake: Intake<T>;
  readonly #schedule: Schedule;
  readonly #startBuffer: StartBuffer;
  readonly #starvation: Starvation;
  readonly #end: SessionEnd;
  readonly #alarm: Alarm;
  /** How a live stream is looked at. */
  readonly live: LiveView;
  #state: PlayoutState = 'waiting';
  /** Steps asked for that found no frame yet. */
  #steps = 0;
  #isClosed = false;

  constructor(options: PlayoutOptions<T>) {
    checkPacing(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#intake = new Intake(options);
    this.#schedule = new Schedule(this.#clock, options);
    this.#startBuffer = new StartBuffer(this.#clock, options);
    this.#starvation = new Starvation(this.#clock, options.timeout, options.onStarved);
    this.#starvation.note(true);
    this.live = new LiveView(this.#clock, this.#schedule, options);
    this.#end = new SessionEnd(this.#schedule, options.onEnded);
    this.#alarm = new Alarm(this.#clock, () => this.#proceed());
  }

  get state(): PlayoutState {
    return this.#state;
  }

  /** Name of the stream selected, '' for whichever comes. */
  get stream(): string {
    return this.#intake.stream;
  }

  /** Frames waiting for their time. */
  get queued(): number {
    return this.#intake.queue.length;
  }

  /** Entrusts a frame to the playout. */
  push(item: T): void {
    if (this.#isClosed) return;
    this.live.note(item.frame, item.isPast === true);
    if (!this.#intake.push(item)) return;
    while (this.#state === 'paused' && this.#steps > 0 && this.queued > 0) {
      this.#steps -= 1;
      this.#showHead();
    }
    this.#proceed();
  }

  /** A session's last frame is not shown: the one before it is the last. */
  endBefore(last: Frame): void {
    if (!this.#intake.endBefore(last)) this.#schedule.endBefore(last);
    this.#proceed();
  }

  play(): void {
    if (this.#state !== 'paused') return;
    this.#steps = 0;
    this.live.resume();
    this.#schedule.resume();
    this.#startBuffer.reset();
    this.#setState(this.#stateAfterPause());
    this.#proceed();
  }

  pause(): void {
    if (this.#state === 'paused') return;
    this.#schedule.hold();
    this.#setState('paused');
    this.#proceed();
  }

  /** Pauses and shows exactly one frame: the next, or the next to come. */
  step(): void {
    this.pause();
    if (this.#intake.queue.length === 0) this.#steps += 1;
    else this.#showHead();
  }

  /** Changes the pace from now on: 0.1 to 16 times the recorded one. */
  setSpeed(speed: number): void {
    validSpeed(speed);
    if (this.#state !== 'paused') this.#schedule.hold();
    this.#schedule.setSpeed(speed);
    this.live.resume();
    this.#proceed();
  }

  /** Shows another stream ('' = whichever comes); frames of others are dropped. */
  setStream(stream: string): void {
    this.#intake.select(stream);
    if (stream === '') return;
    if (this.#schedule.clearOther(stream) && this.#state !== 'paused') this.#setState('waiting');
    this.#proceed();
  }

  /**
   * Gives up all frames that wait, or those that match: what comes next is somewhere else in the video. While paused, the first frame that
   * comes is shown, so that one sees where. Of a live stream that is the past, and is played as such.
   */
  flush(isDropped?: (item: T) => boolean): void {
    this.#intake.flush(isDropped);
    this.live.lookBack();
    this.#startOver();
    if (this.#state === 'paused') this.#steps = 1;
    this.#proceed();
  }

  /** Plays a live stream at its present: whatever comes is passed over until it is the newest there is. */
  returnToPresent(): void {
    this.live.returnToPresent();
    this.play();
    this.#proceed();
  }

  /** Stops. Frames not shown yet are not given back: they were neither shown nor dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#intake.clear();
    this.#alarm.clear();
    this.#starvation.close();
  }

  /** Does what is due now and sets the timer for what comes next. */
  #proceed(): void {
    this.#alarm.clear();
    while (!this.#isClosed && this.#state !== 'paused') {
      const wait = this.#intake.queue.length > 0 ? this.#proceedWithFrame() : this.#proceedWithoutFrame();
      if (wait === undefined) return;
      if (wait < timerGrain) continue;
      this.#alarm.set(wait);
      return;
    }
  }

  /** What is shown next counts from when that is. */
  #startOver(): void {
    this.#schedule.release();
    this.#startBuffer.reset();
    this.live.startOver();
  }

  /** Shows the next frame when it is due. Ms to wait until then; 0 when there may be more to do. */
  #proceedWithFrame(): number | undefined {
    const now = this.#clock.now();
    const head = this.#intake.queue.head as T;
    if (this.live.isReturning(head.frame)) return this.#proceedToPresent();
    if (this.#state !== 'playing') {
      const wait = this.#startBuffer.msToStart(this.#intake.queue, this.#schedule.speed);
      if (wait >= timerGrain) {
        this.#setState('buffering');
        return wait;
      }
      this.#setState('playing');
    }
    if (this.#options.mode === 'live') return this.#proceedLive();
    this.#startBuffer.reset();
    const due = this.#schedule.dueOf(head.frame);
    if (due - now < timerGrain) this.#showHead(due);
    return due - now;
  }

  /** Shows the newest frame, once those that arrive in the same moment are there. */
  #proceedLive(): number {
    const wait = this.#startBuffer.msToNewest();
    if (wait >= timerGrain) return wait;
    this.#startBuffer.reset();
    this.#intake.passToNewest();
    this.#showHead();
    return wait;
  }

  /** Passes over what is behind the present, and shows the newest frame when that is the present. */
  #proceedToPresent(): number {
    const { frame } = this.#intake.passToNewest();
    const wait = this.live.msToShow(frame);
    if (wait >= timerGrain) return wait;
    this.#startOver();
    this.#setState('playing');
    this.#showHead(this.#clock.now());
    return 0;
  }

  /** Tells the end of a session, or that the stream is interrupted. Ms to wait until then, undefined for no need to. */
  #proceedWithoutFrame(): number | undefined {
    const isEnd = this.#end.isUnreported;
    if (this.#state !== 'playing' && !(isEnd && this.#state === 'buffering')) return undefined;
    const wait = this.#schedule.currentEnd() + (isEnd ? 0 : this.#schedule.patience) - this.#clock.now();
    if (wait >= timerGrain) return wait;
    if (isEnd) this.#end.report();
    this.#schedule.release();
    this.#intake.noteIdle();
    this.#setState(isEnd ? 'ended' : 'buffering');
    return undefined;
  }

  /** `due` is the time it was meant for; none for a frame that is shown as soon as possible. */
  #showHead(due?: number): void {
    const item = this.#intake.shift();
    if (this.#end.isUnreported) this.#end.report();
    this.#schedule.show(item.frame, this.#state === 'paused' || this.#options.mode === 'live');
    this.live.show(item.frame);
    this.#end.noteShown();
    this.#options.onShow(item, due);
  }

  #stateAfterPause(): PlayoutState {
    if (this.#intake.queue.length > 0) return 'playing';
    const { current } = this.#schedule;
    if (current === undefined) return 'waiting';
    if (this.#end.isReported) return 'ended';
    return 'playing';
  }

  #setState(state: PlayoutState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#starvation.note(state === 'waiting' || state === 'buffering');
    this.#options.onState(state, previous);
  }
}
