import type { Window } from '../../flow/window';
import type { Clock } from '../../time/clock';
import { type Arrival, CaptureClock } from './capture-clock';
import { ClockJumps } from './clock-jumps';
import type { ReadFrame } from './frame-sequence';
import type { LiveFrames } from './live-frames';

/** A frame as it came in. */
export interface LiveFrame extends Omit<ReadFrame, 'time'>, Arrival {
  /** Ms; undefined where unknown. */
  duration: number | undefined;
}

/** How much more video than time has to come for a source to be ahead of time. */
const aheadFactor = 1.5;
/** Ms beyond which that counts. A live HLS begins with several segments. */
const aheadMargin = (format: string) => (format === 'hls' ? 40_000 : 5000);

/**
 * One connection to a live source: tells when its frames were taken, and passes them on. It is read whether the flow takes
 * the frames or not: so each frame's time is true, and a camera does not hang up.
 *
 * But a source may only look live, and come as fast as it is read, like a file sent over a plain connection. Once that shows,
 * it is read as the window allows, for nothing of it is to be skipped.
 */
export class LiveConnection {
  readonly #live: LiveFrames;
  readonly #window: Window;
  readonly #capture: CaptureClock<LiveFrame>;
  readonly #jumps = new ClockJumps();
  readonly #margin: number;
  #first: Arrival | undefined;
  #pace: 'real time' | 'as read' = 'real time';

  /** `format`: the source's, as probed. */
  constructor(format: string, live: LiveFrames, window: Window, clock: Clock) {
    this.#margin = aheadMargin(format);
    this.#live = live;
    this.#window = window;
    this.#capture = new CaptureClock(clock, (frame, pts, time) => this.#add(frame, pts, time, 0));
  }

  /**
   * Resolves when a frame of so many bytes may be read; with false when none may be any more. What was true is followed by
   * `take`, or by `miss`.
   */
  async ready(bytes: number): Promise<boolean> {
    return this.#pace === 'real time' || this.#window.acquire(bytes);
  }

  take(read: LiveFrame): void {
    const frame = { ...read, pts: this.#jumps.steady(read) };
    this.#first ??= frame;
    if (this.#pace === 'as read') {
      if (!this.#add(frame, frame.pts, frame.at, frame.entry.size)) this.miss(frame.entry.size);
      return;
    }
    this.#capture.take(frame);
    const [passed, came] = [frame.at - this.#first.at, frame.pts - this.#first.pts];
    if (came <= aheadFactor * passed + this.#margin) return;
    this.#capture.close();
    this.#pace = 'as read';
  }

  /** The frame of so many bytes that could be read did not come. */
  miss(bytes: number): void {
    if (this.#pace === 'as read') this.#window.release(bytes);
  }

  /** No more frames come. */
  close(): void {
    this.#capture.close();
  }

  #add({ entry, data, packet, duration }: LiveFrame, pts: number, time: number, room: number): boolean {
    return this.#live.add({ entry, data, packet, time }, pts, duration, room);
  }
}
