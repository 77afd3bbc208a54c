import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { FrameQueue } from './frame-queue';
import { MediaClock, validSpeed } from './media-clock';
import { checkPacing, type DropReason, type Playable, type PlayoutOptions, type PlayoutState } from './playout-options';
import { StartBuffer } from './start-buffer';
import { Starvation } from './starvation';
import { StreamSelector } from './stream-selector';
import { type Placed, placeAfter } from './timeline';

/** Ms a frame may be late and the lost time still be made up; beyond that, the rest is shown that much later. */
const longestDelay = 200;
/** Ms without the next frame until a stream counts as interrupted, for frames without timestamps. */
const untimedPatience = 2000;
/** A timer's callback may come this early (Node.js cuts fractions of a ms off). */
const timerGrain = 1;
/** No timer runs longer in one go, whatever durations a frame claims (Node.js fires timers over 2^31 ms at once). */
const longestTimer = 60_000;

/**
 * Plays frames out: decides which of those entrusted to it is due when, and gives each back exactly once, shown or
 * dropped. One picture, one clock.
 *
 * Due times are counted from an anchor (this clock time is that video position), not from frame to frame, so errors
 * of timers do not add up. After a stall the anchor moves: what was late stays late, nothing sprints to catch up.
 */
export class Playout<T extends Playable> {
  readonly #options: PlayoutOptions<T>;
  readonly #clock: Clock;
  readonly #queue: FrameQueue<T>;
  readonly #media: MediaClock;
  readonly #startBuffer: StartBuffer;
  readonly #starvation: Starvation;
  #selector: StreamSelector;
  #state: PlayoutState = 'waiting';
  /** The frame on screen. */
  #current: Placed | undefined;
  #shownAt = 0;
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
    this.#media = new MediaClock(this.#clock, options.speed);
    this.#startBuffer = new StartBuffer(this.#clock, options);
    this.#starvation = new Starvation(this.#clock, options.timeout, options.onStarved);
    this.#starvation.note(true);
  }

  get state(): PlayoutState {
    return this.#state;
  }

  get speed(): number {
    return this.#media.speed;
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
    this.#media.resume();
    this.#startBuffer.reset();
    this.#setState(this.#stateAfterPause());
    this.#proceed();
  }

  pause(): void {
    if (this.#state === 'paused') return;
    this.#holdMedia();
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
    if (this.#state !== 'paused') this.#holdMedia();
    this.#media.setSpeed(speed);
    this.#proceed();
  }

  /** Shows another stream ('' = whichever comes); frames of others are dropped. */
  setStream(stream: string): void {
    this.#selector = new StreamSelector(stream);
    if (stream === '') return;
    this.#dropQueued((item) => item.frame.stream !== stream, 'other-stream');
    if (this.#current !== undefined && this.#current.frame.stream !== stream) {
      this.#current = undefined;
      this.#media.release();
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
    this.#media.release();
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
      const wait = this.#startBuffer.msToStart(this.#queue, this.#media.speed);
      if (wait >= timerGrain) {
        this.#setState('buffering');
        return wait;
      }
      this.#setState('playing');
    }
    if (this.#options.mode === 'live') return this.#proceedLive();
    this.#startBuffer.reset();
    const due = this.#dueTime(head, now);
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
    const current = this.#current as Placed;
    const isEnd = this.#isEndUnreported();
    const wait = this.#endOf(current) + (isEnd ? 0 : this.#patience(current)) - now;
    if (wait >= timerGrain) return wait;
    if (isEnd) this.#reportEnd();
    this.#becomeIdle(isEnd ? 'ended' : 'buffering');
    return undefined;
  }

  /** Ms after a frame's time until the next counts as missing. */
  #patience({ timed }: Placed): number {
    return timed && this.#options.mode === 'source' ? longestDelay : untimedPatience;
  }

  #becomeIdle(state: 'buffering' | 'ended'): void {
    this.#media.release();
    this.#selector.noteIdle();
    this.#setState(state);
  }

  /** When the next frame is due, by the clock. Moves the anchor when it is too late to make up for. */
  #dueTime(head: T, now: number): number {
    const placed = this.#place(head);
    if (!this.#media.isAnchored || now - this.#media.timeOf(placed.position) > longestDelay) {
      this.#media.anchorAt(placed.position);
    }
    const due = this.#media.timeOf(placed.position);
    if (this.#current === undefined) return due;
    // Lost time is made up for at double pace at most.
    const step = Math.max(0, placed.position - this.#current.position) / this.#media.speed;
    return Math.max(due, Math.min(now + longestDelay, this.#shownAt + step / 2));
  }

  /** `due` is the time it was meant for; none for a frame that is shown as soon as possible. */
  #showHead(due?: number): void {
    const item = this.#queue.shift() as T;
    if (this.#isEndUnreported()) this.#reportEnd();
    this.#current = this.#place(item);
    if (!this.#media.isAnchored || this.#state === 'paused' || this.#options.mode === 'live') {
      this.#media.anchorAt(this.#current.position);
    }
    this.#shownAt = this.#clock.now();
    this.#hasReportedEnd = false;
    this.#selector.noteShown(item.frame);
    this.#options.onShow(item, due);
  }

  #place(item: T): Placed {
    return placeAfter(this.#current, item.frame, this.#options);
  }

  /** Whether a session's last frame is on screen and has not had its time yet. */
  #isEndUnreported(): boolean {
    return this.#current?.frame.last === true && !this.#hasReportedEnd;
  }

  /** When the frame on screen has had its time, by the clock. */
  #endOf({ position, hold }: Placed): number {
    const { isAnchored, speed } = this.#media;
    return isAnchored ? this.#media.timeOf(position + hold) : this.#shownAt + hold / speed;
  }

  #reportEnd(): void {
    this.#hasReportedEnd = true;
    this.#options.onEnded((this.#current as Placed).frame);
  }

  /** Lets a new pace, or a pause, count from this moment's position, at most the end of the frame on screen. */
  #holdMedia(): void {
    if (this.#current !== undefined) this.#media.hold(this.#current.position + this.#current.hold);
  }

  #stateAfterPause(): PlayoutState {
    if (this.#queue.length > 0) return 'playing';
    if (this.#current === undefined) return 'waiting';
    if (this.#current.frame.last && this.#hasReportedEnd) return 'ended';
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
