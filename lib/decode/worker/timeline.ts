import { roundToMicroseconds } from '../../time/round';

/** A frame's place in its session's time, in ms. */
export interface Place {
  pts: number;
  /** Undefined where nothing tells how long it lasts. */
  duration: number | undefined;
  /** From when the frame before was due. */
  step: number;
}

/** A session's time: the source's timestamps, moved so that they go on growing when it starts over. */
export class Timeline {
  /** Added to the source's timestamps (ms), or how that is to be found with the next frame. */
  #offset: number | 'following' | 'after a gap' = 0;
  /** When the frame after the last one is due (ms). */
  #nextPts: number | undefined;
  #lastDuration: number | undefined;
  #lastTime: number | undefined;

  /** How long the last frame lasted, ms. */
  get lastDuration(): number | undefined {
    return this.#lastDuration;
  }

  /** The next frame is the source's first again, and follows the last one without a gap. */
  restart(): void {
    this.#offset = 'following';
  }

  /** As `restart`, but the time between the last frame and the next one counts. */
  continueAfterGap(): void {
    this.#offset = 'after a gap';
  }

  /** The next frames have the source's own time, wherever that is. */
  jump(): void {
    this.#offset = 0;
    this.#nextPts = undefined;
  }

  /** The place of the next frame, by its source's timestamp (ms), when it came in (ms since the epoch), and its duration. */
  place(sourcePts: number, time: number, duration: number | undefined): Place {
    const pts = roundToMicroseconds(sourcePts + this.#offsetFor(sourcePts, time));
    const step = this.#nextPts === undefined ? 0 : pts - this.#nextPts + (this.#lastDuration ?? 0);
    // A live source's clock may jump back; the time between frames never does.
    const lasting = duration !== undefined && duration >= 0 ? roundToMicroseconds(duration) : this.#lastDuration;
    this.#lastDuration = lasting;
    this.#nextPts = pts + (lasting ?? 0);
    this.#lastTime = time;
    return { pts, duration: lasting, step };
  }

  #offsetFor(sourcePts: number, time: number): number {
    if (typeof this.#offset === 'number') return this.#offset;
    const gap = this.#offset === 'following' ? 0 : time - (this.#lastTime ?? time) - (this.#lastDuration ?? 0);
    this.#offset = (this.#nextPts ?? sourcePts) + Math.max(0, gap) - sourcePts;
    return this.#offset;
  }
}
