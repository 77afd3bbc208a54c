import type { Probe } from '../ffmpeg/probe';
import type { EncodedFrame } from '../frame/frame';
import type { Clock, TimerHandle } from '../time/clock';

export interface Progress {
  /** Since the start. */
  frames: number;
  bytes: number;
  /** Frames of a live source that were left out, as the flow was too slow for them. Left out where there were none. */
  skipped?: number;
  /** Ms since the source was opened. */
  elapsed: number;
  /** Frames per second since the last `progress` event. */
  fps: number;
  /** The last frame's pts, ms. */
  position: number;
  /** How much of the source, or of the part that was chosen, is done. Undefined where its length is unknown. */
  percent?: number;
  /** How many times faster than it was recorded it has been since the last `progress` event. */
  speed: number;
  /** Ms until it is done, at this speed. Undefined where its length is unknown, or nothing moves. */
  remaining?: number;
}

/** Ms between progress events. */
const interval = 1000;

/** The part of a source that is played, in ms, and whether again and again. */
export interface PlayedRange {
  start: number;
  end?: number;
  loop?: boolean;
}

/** Counts a session's frames, and tells every second. */
export class ProgressMeter {
  readonly #clock: Clock;
  readonly #range: PlayedRange;
  #length: number | undefined;
  #openedAt: number | undefined;
  #lastTick = { at: 0, frames: 0, position: 0 };
  #frames = 0;
  #bytes = 0;
  #skipped = 0;
  #position = 0;
  #duration = 0;
  #timer: TimerHandle | undefined;

  constructor(clock: Clock, range: PlayedRange) {
    this.#clock = clock;
    this.#range = range;
  }

  /** The source is open: from now on `onTick` is called every second. */
  open(media: Pick<Probe, 'duration'>, onTick: () => void): void {
    const end = Math.min(this.#range.end ?? Infinity, media.duration ?? Infinity);
    this.#length = Number.isFinite(end) ? end - this.#range.start : undefined;
    this.#openedAt = this.#clock.now();
    this.#lastTick = { at: this.#openedAt, frames: 0, position: this.#range.start };
    const tick = () => {
      onTick();
      this.#lastTick = { at: this.#clock.now(), frames: this.#frames, position: this.#reached };
      this.#timer = this.#clock.setTimeout(tick, interval);
    };
    this.#timer = this.#clock.setTimeout(tick, interval);
  }

  count({ frame, data }: EncodedFrame): void {
    this.#frames += 1;
    this.#bytes += data.length;
    // In the order of decoding, a frame may be seen before the one that came before it.
    const follows = frame.dts !== undefined && !frame.key;
    this.#position = follows ? Math.max(this.#position, frame.pts) : frame.pts;
    this.#duration = frame.duration ?? 0;
  }

  skip(): void {
    this.#skipped += 1;
  }

  progress(): Progress {
    const now = this.#clock.now();
    const sinceTick = now - this.#lastTick.at;
    const fps = sinceTick > 0 ? ((this.#frames - this.#lastTick.frames) * 1000) / sinceTick : 0;
    const moved = this.#frames === 0 ? 0 : this.#reached - this.#lastTick.position;
    const speed = sinceTick > 0 ? Math.max(0, moved / sinceTick) : 0;
    const done = this.#length === undefined ? undefined : this.#done(this.#length);
    return {
      frames: this.#frames,
      bytes: this.#bytes,
      ...(this.#skipped === 0 ? {} : { skipped: this.#skipped }),
      elapsed: Math.round(now - (this.#openedAt ?? now)),
      fps: Math.round(fps * 10) / 10,
      position: this.#position,
      speed: Math.round(speed * 100) / 100,
      ...(done === undefined ? {} : { percent: Math.round(done.share * 100) }),
      ...(done === undefined || speed === 0 ? {} : { remaining: Math.round(done.missing / speed) }),
    };
  }

  close(): void {
    this.#clock.clearTimeout(this.#timer);
  }

  /** The end of the last frame, ms. */
  get #reached(): number {
    return this.#position + this.#duration;
  }

  /** How much of a length is done (0 to 1), and how many ms are missing. */
  #done(length: number): { share: number; missing: number } {
    const done = this.#reached - this.#range.start;
    // A loop's timestamps grow on: what counts is where in the present round it is.
    const isLater = this.#range.loop && done > length;
    const inRound = Math.min(length, Math.max(0, isLater ? done % length : done));
    return { share: inRound / length, missing: length - inRound };
  }
}
