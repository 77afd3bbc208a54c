import { type Clock, systemClock, type TimerHandle } from '../clock';
import { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import { Playout } from '../playout/playout';
import type { DropReason, Playable, PlayoutOptions, PlayoutState } from '../playout/playout-options';
import { Viewers } from './viewers';

/** A frame to be displayed, together with its encoded image. */
export interface DisplayItem extends Playable {
  data: Buffer;
}

export const displayActions = ['play', 'pause', 'step', 'speed', 'stream'] as const;
export type DisplayAction = (typeof displayActions)[number];

/** How the display is doing: what its node's status and its viewers' overlays are made of. */
export interface DisplayReport {
  state: PlayoutState;
  /** Frames shown in the last second. */
  fps: number;
  viewers: number;
  speed: number;
  /** The stream on screen, or the one selected. */
  stream: string;
  /** Frames dropped so far. */
  dropped: number;
  /** What keeps the picture from coming, in words; goes when the next frame is shown or the state changes. */
  problem?: string;
}

export type DisplayEvent = {
  event: 'state' | 'dropped' | 'ended' | 'starved' | 'command' | 'viewer-joined' | 'viewer-left';
  payload: Record<string, unknown>;
  /** The stream concerned. */
  topic: string;
};

export interface DisplayOptions<T extends DisplayItem>
  extends Omit<PlayoutOptions<T>, 'onState' | 'onEnded' | 'onStarved' | 'untrackedLimits'> {
  onEvent: (event: DisplayEvent) => void;
  /** Called at every change of state and at most once a second otherwise. */
  onReport: (report: DisplayReport) => void;
}

/** Room for frames that no source waits for. */
const untrackedLimits = { maxFrames: 120, maxBytes: 64 * 1024 * 1024 };
const reportInterval = 1000;

/** A playout with an audience: what it shows goes to the viewers, what happens is told in events and reports. */
export class Display<T extends DisplayItem> {
  readonly viewers: Viewers<Frame>;
  readonly #options: DisplayOptions<T>;
  readonly #clock: Clock;
  readonly #playout: Playout<T>;
  readonly #dropped: Record<DropReason, number> = { superseded: 0, overflow: 0, 'other-stream': 0, seek: 0 };
  #droppedTotal = 0;
  #droppedReported = 0;
  #stream = '';
  /** The session on screen. */
  #session = { name: '', frames: 0, startedAt: 0 };
  #shownInInterval = 0;
  #fps = 0;
  #intervalStart = 0;
  #problem: string | undefined;
  #timer: TimerHandle;

  constructor(options: DisplayOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.viewers = new Viewers({
      clock: this.#clock,
      onCount: (viewers, change) => {
        this.#tell(`viewer-${change}`, { viewers });
        this.#reportSoon();
      },
    });
    this.#playout = new Playout<T>({
      ...options,
      untrackedLimits,
      onShow: (item) => this.#show(item),
      onDrop: (item, reason) => this.#drop(item, reason),
      onState: (state, previous) => {
        this.#problem = undefined;
        this.#tell('state', { state, previous });
        this.#report();
      },
      onEnded: (last) => this.#tellEnd(last),
      onStarved: () => this.#tellStarved(),
    });
  }

  get report(): DisplayReport {
    return {
      state: this.#playout.state,
      fps: this.#fps,
      viewers: this.viewers.count,
      speed: this.#playout.speed,
      stream: this.#playout.stream || this.#stream,
      dropped: this.#droppedTotal,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  push(item: T): void {
    this.#playout.push(item);
  }

  /**
   * Carries out a command; `by` names who gave it, for the event.
   * Throws BAD_OPTION for an action or a value that makes no sense.
   */
  command(action: unknown, value: unknown, by: string): void {
    switch (action) {
      case 'play':
        this.#playout.play();
        break;
      case 'pause':
        this.#playout.pause();
        break;
      case 'step':
        this.#playout.step();
        break;
      case 'speed':
        this.#playout.setSpeed(typeof value === 'string' && value.trim() !== '' ? Number(value) : (value as number));
        break;
      case 'stream':
        if (typeof value !== 'string') throw new VideoError('BAD_OPTION', `Stream ${value} is no name: give a string.`);
        this.#playout.setStream(value);
        break;
      default:
        throw new VideoError('BAD_OPTION', `Action "${action}" is unknown: use ${displayActions.join(', ')}.`);
    }
    const hasValue = action === 'speed' || action === 'stream';
    this.#tell('command', { action, ...(hasValue ? { value } : {}), by });
    this.#report();
  }

  /** Tells the viewers what keeps the picture from coming. */
  noteProblem(problem: string): void {
    this.#problem = problem;
    this.#reportSoon();
  }

  async close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    await Promise.all([this.#playout.close(), this.viewers.close()]);
  }

  #show(item: T): void {
    const { frame, data } = item;
    if (frame.session !== this.#session.name || frame.stream !== this.#stream) {
      this.#session = { name: frame.session, frames: 0, startedAt: this.#clock.now() };
      this.#stream = frame.stream;
    }
    this.#session.frames += 1;
    this.#shownInInterval += 1;
    this.#problem = undefined;
    this.viewers.show(frame, data);
    this.#reportSoon();
    this.#options.onShow(item);
  }

  #drop(item: T, reason: DropReason): void {
    this.#dropped[reason] += 1;
    this.#droppedTotal += 1;
    this.#reportSoon();
    this.#options.onDrop(item, reason);
  }

  #tellEnd({ stream, session }: Frame): void {
    const { frames, startedAt } = this.#session;
    const seconds = (this.#clock.now() - startedAt) / 1000;
    this.#tell('ended', { stream, session, frames, seconds });
  }

  #tellStarved(): void {
    const seconds = this.#options.timeout / 1000;
    this.#problem = `No frame for ${seconds} s`;
    this.#tell('starved', { seconds });
    this.#report();
  }

  #tell(event: DisplayEvent['event'], payload: Record<string, unknown>): void {
    this.#options.onEvent({ event, payload, topic: this.#playout.stream || this.#stream });
  }

  #report(): void {
    this.#options.onReport(this.report);
  }

  #reportSoon(): void {
    if (this.#timer !== undefined) return;
    this.#intervalStart = this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#endInterval(), reportInterval);
  }

  #endInterval(): void {
    this.#timer = undefined;
    const seconds = (this.#clock.now() - this.#intervalStart) / 1000;
    this.#fps = Math.round(this.#shownInInterval / seconds);
    // Once more after the last frame, so that the rate goes back to 0.
    if (this.#shownInInterval > 0) this.#reportSoon();
    this.#shownInInterval = 0;
    if (this.#droppedTotal > this.#droppedReported) {
      this.#droppedReported = this.#droppedTotal;
      this.#tell('dropped', { ...this.#dropped, total: this.#droppedTotal });
    }
    this.#report();
  }
}
