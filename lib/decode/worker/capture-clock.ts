/** Ms a second that the source's clock may lose against this machine's. */
const drift = 0.2;
/** Ms behind the present that still count as the present: what the network's unevenness makes. */
const tolerance = 50;

/**
 * Tells when the frames of one live connection came in, though they are read late while the flow holds the source: by
 * their own timestamps, and by how far these were behind this machine's clock before.
 */
export class CaptureClock {
  /** Where reading is: at the present, or behind it since the flow held the source, until then (ms since the epoch). */
  #state: { name: 'present' } | { name: 'behind'; heldUntil: number } = { name: 'present' };
  /** The time of timestamp 0, ms since the epoch. */
  #origin: number | undefined;
  #lastPts = 0;

  /** The flow held the source until now: what is read next came before, or waited in the source. */
  held(): void {
    this.#state = { name: 'behind', heldUntil: Date.now() };
  }

  /** When a frame came in, ms since the epoch, that has this timestamp (ms) and was read `at` this time. */
  timeOf(pts: number, at: number): number {
    const known = this.#origin === undefined ? Infinity : this.#origin + (drift * (pts - this.#lastPts)) / 1000;
    this.#lastPts = pts;
    this.#origin = Math.min(known, at - pts);
    if (this.#state.name === 'present') return at;
    const isCaughtUp = at >= this.#state.heldUntil && at - pts <= this.#origin + tolerance;
    if (isCaughtUp) this.#state = { name: 'present' };
    return isCaughtUp ? at : Math.round(this.#origin + pts);
  }
}
