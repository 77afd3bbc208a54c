import type { DropReason } from '../playout/playout-options';

/** Counts what became of frames: how many are shown a second, how many were dropped for which reason. */
export class Tally {
  readonly #dropped: Record<DropReason, number> = {
    ...{ superseded: 0, overflow: 0, 'other-stream': 0, seek: 0, 'too-large': 0, undecodable: 0 },
  };
  #total = 0;
  #told = 0;
  /** Of each frame shown since the interval began, ms from its capture until it should be seen. */
  #latencies: number[] = [];
  #latency = 0;
  #fps = 0;

  /** Frames shown a second, in the interval ended last. */
  get fps(): number {
    return this.#fps;
  }

  /** Frames dropped so far that a viewer could have seen: not those of other streams. */
  get missed(): number {
    const { superseded, overflow, undecodable, 'too-large': tooLarge } = this.#dropped;
    return superseded + overflow + undecodable + tooLarge;
  }

  /** Ms from capture until it should be seen: the median of the frames shown in the interval ended last. */
  get latency(): number {
    return this.#latency;
  }

  /** `latency`: ms from its capture until it should be seen. */
  noteShown(latency: number): void {
    this.#latencies.push(latency);
  }

  noteDropped(reason: DropReason): void {
    this.#dropped[reason] += 1;
    this.#total += 1;
  }

  /** Ends an interval of this many seconds; true when there were frames shown in it. */
  endInterval(seconds: number): boolean {
    const sorted = this.#latencies.sort((a, b) => a - b);
    this.#latencies = [];
    this.#fps = Math.round(sorted.length / seconds);
    this.#latency = Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
    return sorted.length > 0;
  }

  /** The counts of dropped frames if they have grown since they were taken last. */
  takeDropped(): Record<string, number> | undefined {
    if (this.#total === this.#told) return undefined;
    this.#told = this.#total;
    return { ...this.#dropped, total: this.#total };
  }
}
