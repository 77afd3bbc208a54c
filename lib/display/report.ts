import type { PlayoutState } from '../playout/playout-options';
import type { Clock, TimerHandle } from '../time/clock';
import type { TimeRange } from '../time/credible-times';
import { RateLimit } from '../time/rate-limit';
import type { ScreenReport } from './screen-report';
import type { SessionSpan } from './session-map';

/** How the display is doing: what its status and its viewers' overlays are made of. */
export interface DisplayReport {
  /** Of a wall: the liveliest of its screens'. */
  state: PlayoutState;
  /** Frames shown in the last second, on all screens. */
  fps: number;
  viewers: number;
  /** Times the recorded pace. */
  speed: number;
  /** The stream on screen, or the one selected. */
  stream: string;
  /** The stream selected, '' for whichever comes. */
  selected: string;
  /** All streams seen. */
  streams: readonly string[];
  screens: ScreenReport[];
  /** Ms by which a live picture is behind its present, where one is; of several, the most. */
  behind?: number;
  /** What the topic holds that the frames come from. */
  range?: TimeRange;
  /** The sessions in it, as far as they were read, in the order of time. */
  sessions?: SessionSpan[];
  /** What keeps the picture from coming, on all screens. */
  problem?: string;
}

/** Ms between reports while frames are shown. */
const reportInterval = 1000;
/** Liveliest first. */
const states: PlayoutState[] = ['playing', 'buffering', 'paused', 'waiting', 'ended'];

/** What the screens say together. */
export function summarize(
  screens: ScreenReport[],
): Pick<DisplayReport, 'state' | 'fps' | 'screens' | 'behind' | 'problem'> {
  const problem = screens.every((screen) => screen.problem !== undefined) ? screens[0]?.problem : undefined;
  const delays = screens.flatMap(({ behind }) => behind ?? []);
  return {
    state: states.find((state) => screens.some((screen) => screen.state === state)) ?? 'waiting',
    fps: screens.reduce((sum, { fps }) => sum + fps, 0),
    screens,
    ...(delays.length === 0 ? {} : { behind: Math.max(...delays) }),
    ...(problem === undefined ? {} : { problem }),
  };
}

export interface ReportTimerOptions {
  /** An interval of this many seconds is over: takes its figures; true when frames were shown in it. */
  onInterval: (seconds: number) => boolean;
  onReport: () => void;
  clock: Clock;
}

/** Reports that do not wait: where sessions of a frame or two end one after the other, the state changes all the time. */
const urgent = { burst: 20, perSecond: 2 };
/** Ms until one that has to wait. */
const urgentWait = 250;

/** Times the reports: what has changed at once, as long as that is not too often, everything else within a second. */
export class ReportTimer {
  readonly #options: ReportTimerOptions;
  readonly #urgent: RateLimit;
  #intervalStart = 0;
  #timer: TimerHandle;
  #soon: TimerHandle;

  constructor(options: ReportTimerOptions) {
    this.#options = options;
    this.#urgent = new RateLimit(options.clock, urgent);
  }

  /** Reports at once, or shortly where there were many such reports. */
  hurry(): void {
    const { clock, onReport } = this.#options;
    if (this.#soon !== undefined) return;
    if (this.#urgent.take()) onReport();
    else {
      this.#soon = clock.setTimeout(() => {
        this.#soon = undefined;
        onReport();
      }, urgentWait);
    }
  }

  /** Reports within a second. */
  schedule(): void {
    if (this.#timer !== undefined) return;
    const { clock } = this.#options;
    this.#intervalStart = clock.now();
    this.#timer = clock.setTimeout(() => this.#endInterval(), reportInterval);
  }

  close(): void {
    this.#options.clock.clearTimeout(this.#timer);
    this.#options.clock.clearTimeout(this.#soon);
  }

  #endInterval(): void {
    const { clock, onInterval, onReport } = this.#options;
    this.#timer = undefined;
    const hasShown = onInterval((clock.now() - this.#intervalStart) / 1000);
    // Once more after the last frame, so that the rate returns to 0.
    if (hasShown) this.schedule();
    onReport();
  }
}
