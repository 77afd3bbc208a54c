/** Wall-clock times in ms since the epoch. */
export interface TimeRange {
  begin: number;
  end: number;
}

/** Ms between two times that have nothing to do with each other. */
export const farOff = 30 * 86_400_000;
/** So few records say nothing of when the others are from: a camera that does not know the time begins in 1970. */
export const few = 3;
/** Stretches remembered; beyond, the one with the fewest records goes. */
const maxStretches = 8;

interface Stretch extends TimeRange {
  records: number;
}

/** From when records are, without the few whose time is far from that of all others. */
export class CredibleTimes {
  #stretches: Stretch[] = [];

  /** Notes so many records of these times. */
  note({ begin, end }: TimeRange, records = 1): void {
    const stretch = this.#stretchOf({ begin, end });
    if (stretch === undefined) {
      if (this.#stretches.length >= maxStretches) this.#forgetSmallest();
      this.#stretches.push({ begin, end, records });
      return;
    }
    Object.assign(stretch, union(stretch, { begin, end }));
    stretch.records += records;
  }

  /** Whether a time that was noted is credible. */
  has(time: number): boolean {
    const stretch = this.#stretchOf({ begin: time, end: time });
    return stretch !== undefined && this.#isCredible(stretch);
  }

  /** From the first to the last of the credible times; undefined where none was noted. */
  get range(): TimeRange | undefined {
    const credible = this.#stretches.filter((stretch) => this.#isCredible(stretch));
    return credible.reduce<TimeRange | undefined>(union, undefined);
  }

  #stretchOf({ begin, end }: TimeRange): Stretch | undefined {
    return this.#stretches.find((stretch) => end > stretch.begin - farOff && begin < stretch.end + farOff);
  }

  #isCredible({ records }: Stretch): boolean {
    return records > few || this.#stretches.every((other) => other.records <= few);
  }

  #forgetSmallest(): void {
    const smallest = this.#stretches.reduce((a, b) => (b.records < a.records ? b : a));
    this.#stretches = this.#stretches.filter((stretch) => stretch !== smallest);
  }
}

/** From the first to the last time of both. */
export function union(one: TimeRange | undefined, { begin, end }: TimeRange): TimeRange {
  return { begin: Math.min(one?.begin ?? begin, begin), end: Math.max(one?.end ?? end, end) };
}
