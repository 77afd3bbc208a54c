import type { Clock } from '../time/clock';
import type { Playable } from './frame-queue';
import { isTimed, type PacingMode } from './timeline';

/**
 * Ms of video (or of waiting for it) before a stream starts, so that frames may come in bursts. A live one starts at once: how
 * long its frames have to wait turns out on the way.
 */
const wanted = 250;
/** Ms a live frame waits for newer ones of the same burst. */
const liveGrace = 2;

/** Decides how long frames are collected before the first of them is shown. */
export class StartBuffer {
  readonly #clock: Clock;
  readonly #pacing: { mode: PacingMode; interval: number };
  #since: number | undefined;

  constructor(clock: Clock, pacing: { mode: PacingMode; interval: number }) {
    this.#clock = clock;
    this.#pacing = pacing;
  }

  /** Ends the collecting; it starts over with the next frame. */
  reset(): void {
    this.#since = undefined;
  }

  /** Ms to go on collecting before a start: until enough video is there, or none comes any more. */
  msToStart(queue: Iterable<Playable>, speed: number): number {
    const { mode, interval } = this.#pacing;
    let collected = 0;
    for (const { frame } of queue) {
      if (mode !== 'source' || frame.last) return 0;
      if (collected === 0 && (frame.live || !isTimed(frame, mode))) return 0;
      collected += (frame.duration ?? interval) / speed;
      if (collected >= wanted) return 0;
    }
    return this.#remaining(wanted);
  }

  /** Ms until those frames that arrive in the same moment are there. */
  msToNewest(): number {
    return this.#remaining(liveGrace);
  }

  #remaining(ms: number): number {
    const now = this.#clock.now();
    this.#since ??= now;
    return this.#since + ms - now;
  }
}
