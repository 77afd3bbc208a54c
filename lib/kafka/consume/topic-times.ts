import type { TimeRange } from '../../time/credible-times';

/** Remembers from when till when there are records in topics. */
export class TopicTimes {
  readonly #find: (topic: string) => Promise<TimeRange | undefined>;
  readonly #ranges = new Map<string, TimeRange>();
  /** Topics to look at next time. */
  readonly #stale = new Set<string>();

  /** `find` asks the broker for a topic's range. */
  constructor(find: (topic: string) => Promise<TimeRange | undefined>) {
    this.#find = find;
  }

  /** The range as last seen; undefined before. Whoever asks wants to know it: the next `refresh` looks again. */
  of(topic: string): TimeRange | undefined {
    this.#stale.add(topic);
    return this.#ranges.get(topic);
  }

  /** Whether a topic was asked for that is not known at all. */
  get isWanting(): boolean {
    return [...this.#stale].some((topic) => !this.#ranges.has(topic));
  }

  /** Looks at the topics that were asked for since. Rejects when the broker does not say. */
  async refresh(): Promise<void> {
    const topics = [...this.#stale];
    this.#stale.clear();
    for (const topic of topics) {
      const range = await this.#find(topic);
      if (range === undefined) this.#ranges.delete(topic);
      else this.#ranges.set(topic, range);
    }
  }
}
