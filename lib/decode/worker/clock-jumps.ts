/** What can be told of a frame's time before it is read. */
interface Arrival {
  /** Its timestamp in its source, ms. */
  pts: number;
  /** When it came, ms since the epoch. */
  at: number;
}

/** Ms by which a live source's timestamps go further between two frames than time does, at most: more than any burst holds back. */
const longestStep = 30_000;

/**
 * Takes out of a live source's timestamps what was no time: where they go on by more than can have passed, its clock was set, or
 * it wrapped around. (A live HLS whose camera starts anew counts from 0 again, which ffmpeg takes for 33 bits that ran over, and
 * adds 26.5 hours.) There the timestamps go on by the step before.
 */
export class ClockJumps {
  #last: Arrival | undefined;
  #lastStep = 0;
  /** Ms that were no time. */
  #taken = 0;

  /** The timestamp of the next frame (ms), without jumps. */
  steady(arrival: Arrival): number {
    const last = this.#last;
    this.#last = arrival;
    if (last !== undefined) {
      const step = arrival.pts - last.pts;
      if (step - (arrival.at - last.at) > longestStep) this.#taken += step - this.#lastStep;
      else this.#lastStep = step;
    }
    return arrival.pts - this.#taken;
  }
}
