import { RecentMap } from '../../recent-map';
import type { Clock } from '../../time/clock';

/** Frames that come faster than this, ms apart, are no live video: they are sent together. */
const fastGap = 10;
/**
 * Ms that fast frames wait for more of them: a request of two or three costs node and broker hardly more than one of a single frame.
 * Found by trying: with 25, V8's own threads took more than was saved (see bench/README.md).
 */
const fastLinger = 12;
/** How much the newest gap counts in the average. */
const weight = 0.2;

/** Knows how fast frames come in each lane, and so whether waiting for more of them is worth it. */
export class Arrivals {
  readonly #clock: Clock;
  readonly #lanes = new RecentMap<string, { at: number; gap: number }>(1000);

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A frame has come in a lane. */
  note(lane: string): void {
    const at = this.#clock.now();
    const last = this.#lanes.get(lane);
    this.#lanes.set(lane, { at, gap: last === undefined ? Infinity : averageOf(last.gap, at - last.at) });
  }

  /** Ms to wait for more frames: none while they come at the pace of live video, for whose latency it would be. */
  lingerOf(lane: string): number {
    return (this.#lanes.get(lane)?.gap ?? Infinity) < fastGap ? fastLinger : 0;
  }
}

/** A moving average; the first gap stands for itself. */
function averageOf(average: number, newest: number): number {
  return average === Infinity ? newest : average * (1 - weight) + newest * weight;
}
