/** Ms over which frames are looked at. */
const span = 500;
/** Ms of video a ms by which a backlog comes faster than it was filmed. */
const leastGain = 0.1;
/** Ms by which frames may come later than those before them, without having been held up on their way. */
const tolerance = 100;

interface Arrival {
  /** Ms, by a clock that does not go back. */
  arrivedAt: number;
  /** Ms since its capture. */
  transit: number;
}

/**
 * Tells when a backlog is at its end, whatever time it is on the camera's machine: what is behind comes faster than it was
 * filmed, and each frame is less old than the one before it. The present comes as fast as it is filmed.
 */
export class CatchUp {
  #from: Arrival | undefined;

  /** Whether this frame, the newest there is, is of the present. */
  isOver({ arrivedAt, transit }: Arrival): boolean {
    this.#from ??= { arrivedAt, transit };
    const elapsed = arrivedAt - this.#from.arrivedAt;
    if (elapsed < span) return false;
    const gain = this.#from.transit - transit;
    this.#from = { arrivedAt, transit };
    return gain > -tolerance && gain < leastGain * elapsed;
  }
}
