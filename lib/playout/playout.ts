import type { Frame } from '../frame/frame';
import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { FrameQueue, type Playable } from './frame-queue';
import { validSpeed } from './media-clock';
import { checkPacing, type DropReason, type PlayoutOptions, type PlayoutState } from './playout-options';
import { Schedule } from './schedule';
import { StartBuffer } from './start-buffer';
import { Starvation } from './starvation';
import { StreamSelector } from './stream-selector';

/** A timer's callback may come this early (Node.js cuts fractions of a ms off). */
const timerGrain = 1;
/** No timer runs longer in one go, whatever durations a frame claims (Node.js fires timers over 2^31 ms at once). */
const longestTimer = 60_000;

/**
 * Plays frames out: decides which of those entrusted to it is due when, and gives each back exactly once, shown or
 * dropped. One picture, one clock.
 */
export class Playout<T extends Playable> {
  readonly #options: PlayoutOptions<T>;
  readonly #clock: Clock;
  readonly #queue: FrameQueue<T>;
  readonly #schedule: Schedule;
  readonly #startBuffer: StartBuffer;
  readonly #starvation: Starvation;
  #selector: StreamSelector;
  #state: PlayoutState = 'waiting';
  #hasReportedEnd = false;
  /** Steps asked for that found no frame yet. */
  #steps = 0;
  #timer: TimerHandle;
  #isClosed = false;

  constructor(options: PlayoutOptions<T>) {
    checkPacing(options);
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new FrameQueue(options.untrackedLimits);
    this.#selector = new StreamSelector(options.stream);
    this.#schedule = new Schedule(this.#clock, options);
    this.#startBuffer = new StartBuffer(this.#clock, options);
    this.#starvation = new Starvation(this.#clock, options.timeout, options.onStarved);
    this.#starvation.note(true);
  }

  get state(): PlayoutState {
    return this.#state;
  }

  get speed(): number {
    return this.#schedule.speed;
  }

  /** Name of the stream selected, '' for whichever comes. */
  get stream(): string {
    return this.#selector.stream;
  }

  /** Frames waiting for their time. */
  get queued(): number {
    return this.#queue.length;
  }

  /** Entrusts a frame to the playout. */
  push(item: T): void {
    if (this.#isClosed) return;
    const { admitted, isExpelled } = this.#selector.admit(item.frame);
    if (!admitted) {
      this.#options.onDrop(item, 'other-stream');
      return;
    }
    if (isExpelled !== undefined) this.#dropQueued((queued) => isExpelled(queued.frame), 'other-stream');
    for (const oldest of this.#queue.push(item)) this.#options.onDrop(oldest, 'overflow');
    if (this.#state === 'paused' && this.#steps > 0) {
      this.#steps -= 1;
      this.#showHead();
    }
    this.#proceed();
  }

  play(): void {
    if (this.#state !== 'paused') return;
    this.#steps = 0;
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
    if (this.#queue.length === 0) this.#steps += 1;
    else this.#showHead();
  }

  /** Changes the pace from now on: 0.1 to 16 times the recorded one. */
  setSpeed(speed: number): void {
    validSpeed(speed);
    if (this.#state !== 'paused') this.#schedule.hold();
    this.#schedule.setSpeed(speed);
    this.#proceed();
  }

  /** Shows another stream ('' = whichever comes); frames of others are dropped. */
  setStream(stream: string): void {
    this.#selector = new StreamSelector(stream);
    if (stream === '') return;
    this.#dropQueued((item) => item.frame.stream !== stream, 'other-stream');
    const { current } = this.#schedule;
    if (current !== undefined && current.stream !== stream) {
      this.#schedule.clear();
      if (this.#state !== 'paused') this.#setState('waiting');
    }
    this.#proceed();
  }

  /**
   * Gives up all frames that wait: what comes next is somewhere else in the video. While paused, the first frame that
   * comes is shown, so that one sees where.
   */
  flush(): void {
    this.#dropQueued(() => true, 'seek');
    this.#schedule.release();
    this.#startBuffer.reset();
    if (this.#state === 'paused') this.#steps = 1;
    this.#proceed();
  }

  /** Stops. Frames not shown yet are not given back: they were neither shown nor dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.clear();
    this.#clock.clearTimeout(this.#timer);
    this.#starvation.close();
  }

  /** Does what is due now and sets the timer for what comes next. */
  #proceed(): void {
    this.#clock.clearTimeout(this.#timer);
    while (!this.#isClosed && this.#state !== 'paused') {
      const wait = this.#queue.length > 0 ? this.#proceedWithFrame() : this.#proceedWithoutFrame();
      if (wait === undefined) return;
      if (wait < timerGrain) continue;
      this.#setTimer(wait);
      return;
    }
  }

  #setTimer(ms: number): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = this.#clock.setTimeout(() => this.#proceed(), Math.min(ms, longestTimer));
  }

  /** Shows the next frame when it is due. Ms to wait until then; 0 when there may be more to do. */
  #proceedWithFrame(): number | undefined {
    const now = this.#clock.now();
    const head = this.#queue.head as T;
    if (this.#state !== 'playing') {
      const wait = this.#startBuffer.msToStart(this.#queue, this.#schedule.speed);
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
    const { newest } = this.#queue;
    this.#dropQueued((item) => item !== newest, 'superseded');
    this.#showHead();
    return wait;
  }

  /** Tells the end of a session, or that the stream is interrupted. Ms to wait until then, undefined for no need to. */
  #proceedWithoutFrame(): number | undefined {
    if (this.#state !== 'playing') return undefined;
    const now = this.#clock.now();
    const isEnd = this.#isEndUnreported();
    const wait = this.#schedule.currentEnd() + (isEnd ? 0 : this.#schedule.patience) - now;
    if (wait >= timerGrain) return wait;
    if (isEnd) this.#reportEnd();
    this.#becomeIdle(isEnd ? 'ended' : 'buffering');
    return undefined;
  }

  #becomeIdle(state: 'buffering' | 'ended'): void {
    this.#schedule.release();
    this.#selector.noteIdle();
    this.#setState(state);
  }

  /** `due` is the time it was meant for; none for a frame that is shown as soon as possible. */
  #showHead(due?: number): void {
    const item = this.#queue.shift() as T;
    if (this.#isEndUnreported()) this.#reportEnd();
    this.#schedule.show(item.frame, this.#state === 'paused' || this.#options.mode === 'live');
    this.#hasReportedEnd = false;
    this.#selector.noteShown(item.frame);
    this.#options.onShow(item, due);
  }

  /** Whether a session's last frame is on screen and has not had its time yet. */
  #isEndUnreported(): boolean {
    return this.#schedule.current?.last === true && !this.#hasReportedEnd;
  }

  #reportEnd(): void {
    this.#hasReportedEnd = true;
    this.#options.onEnded(this.#schedule.current as Frame);
  }

  #stateAfterPause(): PlayoutState {
    if (this.#queue.length > 0) return 'playing';
    const { current } = this.#schedule;
    if (current === undefined) return 'waiting';
    if (current.last && this.#hasReportedEnd) return 'ended';
    return 'playing';
  }

  #dropQueued(isDropped: (item: T) => boolean, reason: DropReason): void {
    for (const item of this.#queue.remove(isDropped)) this.#options.onDrop(item, reason);
  }

  #setState(state: PlayoutState): void {
    const previous = this.#state;
    if (state === previous) return;
    this.#state = state;
    this.#starvation.note(state === 'waiting' || state === 'buffering');
    this.#options.onState(state, previous);
  }
}
