import { type Clock, systemClock, type TimerHandle } from '../clock';
import { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import { FrameQueue, type QueueLimits } from './frame-queue';
import { StreamSelector } from './stream-selector';
import { isTimed, type PacingMode, type Placed, pacingModes, placeAfter } from './timeline';

/** What a playout needs to know of a frame that is entrusted to it. */
export interface Playable {
  frame: Frame;
  bytes: number;
  /** Whether a source waits for this frame to be finished: such a frame is never dropped for want of room. */
  tracked: boolean;
}

/**
 * `waiting`: nothing to show yet. `buffering`: a stream runs, but its next frame is not there.
 * `playing`. `paused`: nothing is shown nor given back. `ended`: the last frame has had its time and stays.
 */
export type PlayoutState = 'waiting' | 'buffering' | 'playing' | 'paused' | 'ended';

/** `superseded`: live, and a newer one was there. `overflow`: no room. `other-stream`: not the stream shown. */
export type DropReason = 'superseded' | 'overflow' | 'other-stream';

export interface PlayoutOptions<T extends Playable> {
  mode: PacingMode;
  /** Ms per frame for frames that are not paced by their time stamps. */
  interval: number;
  /** Times the recorded pace, 0.1 to 16. */
  speed: number;
  /** Name of the stream to show; '' shows whatever comes, one session after the other. */
  stream: string;
  /** Ms without a frame to show until `onStarved`; 0 = never. */
  timeout: number;
  /** Room for frames no source waits for. */
  untrackedLimits: QueueLimits;
  /** The frame is due: show it. It is given back with this. */
  onShow: (item: T) => void;
  /** The frame will not be shown. It is given back with this. */
  onDrop: (item: T, reason: DropReason) => void;
  onState: (state: PlayoutState, previous: PlayoutState) => void;
  /** A session's last frame has had its time. */
  onEnded: (last: Frame) => void;
  /** Nothing to show for `timeout` ms; it goes on by itself when frames come. */
  onStarved: () => void;
  clock?: Clock;
}

/** Ms a frame may be late and the lost time still be made up; beyond that, the rest is shown that much later. */
const longestDelay = 200;
/** Ms of video (or of waiting for it) before a stream starts, so that frames may come in bursts. */
const startBuffer = 250;
/** Ms a live frame waits for newer ones of the same burst. */
const liveGrace = 2;
/** Ms without the next frame until a stream counts as interrupted, where frames carry no time stamps to tell. */
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
  #selector: StreamSelector;
  #speed: number;
  #state: PlayoutState = 'waiting';
  /** The frame on screen. */
  #current: Placed | undefined;
  #shownAt = 0;
  #hasReportedEnd = false;
  /** At `time` on the clock the video is at `position`. While paused only the position counts. */
  #anchor: { time: number; position: number } | undefined;
  /** Since when frames are collected for a start. */
  #collectingSince: number | undefined;
  /** Steps asked for that found no frame yet. */
  #steps = 0;
  #timer: TimerHandle;
  #starvedTimer: TimerHandle;
  #isClosed = false;

  constructor(options: PlayoutOptions<T>) {
    if (!pacingModes.includes(options.mode)) {
      throw new VideoError('BAD_OPTION', `Pacing "${options.mode}" is unknown: use ${pacingModes.join(', ')}.`);
    }
    if (!(options.interval > 0)) {
      throw new VideoError('BAD_OPTION', `Interval ${options.interval} is no time: give milliseconds above 0.`);
    }
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#queue = new FrameQueue(options.untrackedLimits);
    this.#selector = new StreamSelector(options.stream);
    this.#speed = validSpeed(options.speed);
    this.#startStarvation();
  }

  get state(): PlayoutState {
    return this.#state;
  }

  get speed(): number {
    return this.#speed;
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
    if (this.#anchor !== undefined) this.#anchor.time = this.#clock.now();
    this.#collectingSince = undefined;
    this.#setState(this.#stateAfterPause());
    this.#proceed();
  }

  pause(): void {
    if (this.#state === 'paused') return;
    this.#moveAnchor();
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
    const valid = validSpeed(speed);
    if (this.#state !== 'paused') this.#moveAnchor();
    this.#speed = valid;
    this.#proceed();
  }

  /** Shows another stream ('' = whichever comes); frames of others are dropped. */
  setStream(stream: string): void {
    this.#selector = new StreamSelector(stream);
    if (stream === '') return;
    this.#dropQueued((item) => item.frame.stream !== stream, 'other-stream');
    if (this.#current !== undefined && this.#current.frame.stream !== stream) {
      this.#current = undefined;
      this.#anchor = undefined;
      if (this.#state !== 'paused') this.#setState('waiting');
    }
    this.#proceed();
  }

  /** Stops. Frames not shown yet are not given back: they were neither shown nor dropped. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue.clear();
    this.#clock.clearTimeout(this.#timer);
    this.#clock.clearTimeout(this.#starvedTimer);
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
      const wait = this.#msToCollect(head, now);
      if (wait >= timerGrain) {
        this.#setState('buffering');
        return wait;
      }
      this.#setState('playing');
    }
    if (this.#options.mode === 'live') return this.#proceedLive(now);
    this.#collectingSince = undefined;
    const wait = this.#dueTime(head, now) - now;
    if (wait < timerGrain) this.#showHead();
    return wait;
  }

  /** Shows the newest frame, once those that arrive in the same moment are there. */
  #proceedLive(now: number): number {
    this.#collectingSince ??= now;
    const wait = this.#collectingSince + liveGrace - now;
    if (wait >= timerGrain) return wait;
    this.#collectingSince = undefined;
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
    this.#anchor = undefined;
    this.#selector.noteIdle();
    this.#setState(state);
  }

  /** Ms to go on collecting before a start: until enough video is there, or none comes any more. */
  #msToCollect(head: T, now: number): number {
    const { mode, interval } = this.#options;
    if (mode !== 'source' || !isTimed(head.frame, mode)) return 0;
    this.#collectingSince ??= now;
    let collected = 0;
    for (const { frame } of this.#queue) {
      if (frame.last) return 0;
      collected += (frame.duration ?? interval) / this.#speed;
      if (collected >= startBuffer) return 0;
    }
    return this.#collectingSince + startBuffer - now;
  }

  /** When the next frame is due, by the clock. Moves the anchor when it is too late to make up for. */
  #dueTime(head: T, now: number): number {
    const placed = this.#place(head);
    if (this.#anchor === undefined || now - this.#timeOf(placed.position) > longestDelay) {
      this.#anchor = { time: now, position: placed.position };
    }
    const due = this.#timeOf(placed.position);
    if (this.#current === undefined) return due;
    // Lost time is made up for at double pace at most.
    const step = Math.max(0, placed.position - this.#current.position) / this.#speed;
    return Math.max(due, Math.min(now + longestDelay, this.#shownAt + step / 2));
  }

  #showHead(): void {
    const item = this.#queue.shift() as T;
    const now = this.#clock.now();
    if (this.#isEndUnreported()) this.#reportEnd();
    this.#current = this.#place(item);
    if (this.#anchor === undefined || this.#state === 'paused' || this.#options.mode === 'live') {
      this.#anchor = { time: now, position: this.#current.position };
    }
    this.#shownAt = now;
    this.#hasReportedEnd = false;
    this.#selector.noteShown(item.frame);
    this.#options.onShow(item);
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
    return this.#anchor === undefined ? this.#shownAt + hold / this.#speed : this.#timeOf(position + hold);
  }

  #reportEnd(): void {
    this.#hasReportedEnd = true;
    this.#options.onEnded((this.#current as Placed).frame);
  }

  /** Clock time of a video position. */
  #timeOf(position: number): number {
    const { time, position: origin } = this.#anchor as { time: number; position: number };
    return time + (position - origin) / this.#speed;
  }

  /** Anchors at the position of this moment, at most the end of the frame on screen. */
  #moveAnchor(): void {
    if (this.#anchor === undefined || this.#current === undefined) return;
    const now = this.#clock.now();
    const position = this.#anchor.position + (now - this.#anchor.time) * this.#speed;
    this.#anchor = { time: now, position: Math.min(position, this.#current.position + this.#current.hold) };
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
    if (!isHungry(state)) this.#clock.clearTimeout(this.#starvedTimer);
    else if (!isHungry(previous)) this.#startStarvation();
    this.#options.onState(state, previous);
  }

  #startStarvation(): void {
    if (this.#options.timeout <= 0) return;
    this.#starvedTimer = this.#clock.setTimeout(() => this.#options.onStarved(), this.#options.timeout);
  }
}

const isHungry = (state: PlayoutState) => state === 'waiting' || state === 'buffering';

function validSpeed(speed: number): number {
  if (typeof speed === 'number' && speed >= 0.1 && speed <= 16) return speed;
  throw new VideoError('BAD_OPTION', `Speed ${speed} is out of range: give a number from 0.1 to 16.`);
}
