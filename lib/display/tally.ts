import type { DropReason } from '../playout/playout-options';

/** Counts what became of frames: how many are shown a second, how many were dropped for which reason. */
export class Tally {
  readonly #dropped: Record<DropReason, number> = {
    ...{ superseded: 0, overflow: 0, 'other-stream': 0, seek: 0, 'too-large': 0 },
  };
  #total = 0;
  #told = 0;
  #shown = 0;
  #fps = 0;

  /** Frames shown a second, in the interval ended last. */
  get fps(): number {
    return this.#fps;
  }

  /** Frames dropped so far that a viewer could have seen: not those of other streams. */
  get missed(): number {
    return this.#dropped.superseded + this.#dropped.overflow + this.#dropped['too-large'];
  }

  noteShown(): void {
    this.#shown += 1;
  }

  noteDropped(reason: DropReason): void {
    this.#dropped[reason] += 1;
    this.#total += 1;
  }

  /** Ends an interval of this many seconds; true when there were frames shown in it. */
  endInterval(seconds: number): boolean {
    const hasShown = this.#shown > 0;
    this.#fps = Math.round(this.#shown / seconds);
    this.#shown = 0;
    return hasShown;
  }

  /** The counts of dropped frames if they have grown since they were taken last. */
  takeDropped(): Record<string, number> | undefined {
    if (this.#total === this.#told) return undefined;
    this.#told = this.#total;
    return { ...this.#dropped, total: this.#total };
  }
}
