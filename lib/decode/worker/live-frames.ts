import type { FrameSequence, ReadFrame } from './frame-sequence';
import type { Timeline } from './timeline';

export interface LiveFramesParts {
  frames: FrameSequence;
  timeline: Timeline;
}

/** The frames of a session's live source, as they come, over all its connections. Those that come in a pause are not wanted. */
export class LiveFrames {
  readonly #parts: LiveFramesParts;
  #received = 0;

  constructor(parts: LiveFramesParts) {
    this.#parts = parts;
  }

  /** Frames that came so far. */
  get received(): number {
    return this.#received;
  }

  /**
   * Emits the newest frame, with its source's timestamp and its duration (ms), the latter undefined where unknown. Returns
   * whether it was wanted.
   */
  add(read: ReadFrame, pts: number, duration: number | undefined, room: number): boolean {
    const { frames, timeline } = this.#parts;
    this.#received += 1;
    if (frames.isPaused) return false;
    frames.emitNow(read, timeline.place(pts, read.time, duration), { isLive: true, isLast: false, room });
    return true;
  }
}
