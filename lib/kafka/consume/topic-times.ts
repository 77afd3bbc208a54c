import type { Admin } from 'kafkajs';
import type { KafkaCluster } from '../cluster/cluster';

/** The times of a topic's first and last record, ms since the epoch. */
export interface TimeRange {
  begin: number;
  end: number;
}

/** Later than any record: the year 2109. */
const farFuture = 2 ** 42;

/**
 * Knows from when till when there are records in topics. Kafka tells the offset of the first record at or after a time,
 * but kafkajs passes on no record's time; so the first and the last time are found by bisection, and later by looking
 * whether they have moved.
 */
export class TopicTimes {
  readonly #cluster: KafkaCluster;
  readonly #ranges = new Map<string, TimeRange>();
  /** Topics to look at next time. */
  readonly #stale = new Set<string>();

  constructor(cluster: KafkaCluster) {
    this.#cluster = cluster;
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
    if (topics.length === 0) return;
    await this.#cluster.withAdmin(async (admin) => {
      for (const topic of topics) {
        const range = await findRange(admin, topic, this.#ranges.get(topic));
        if (range === undefined) this.#ranges.delete(topic);
        else this.#ranges.set(topic, range);
      }
    });
  }
}

/** The range of a topic's records; undefined when it has none. `known` is what it was before. */
export async function findRange(admin: Admin, topic: string, known?: TimeRange): Promise<TimeRange | undefined> {
  const marks = await admin.fetchTopicOffsets(topic);
  const filled = marks.filter(({ low, high }) => BigInt(low) < BigInt(high));
  if (filled.length === 0) return undefined;
  const offsetsAt = async (time: number) => {
    const offsets = await admin.fetchTopicOffsetsByTimestamp(topic, time);
    return new Map(offsets.map(({ partition, offset }) => [partition, BigInt(offset)]));
  };
  const isNothingBefore = async (time: number) => {
    const offsets = await offsetsAt(time);
    return filled.every(({ partition, low }) => (offsets.get(partition) ?? 0n) <= BigInt(low));
  };
  const isSomethingAfter = async (time: number) => {
    const offsets = await offsetsAt(time);
    return filled.some(({ partition, high }) => (offsets.get(partition) ?? 0n) < BigInt(high));
  };
  return {
    begin: await lastTrue(isNothingBefore, known?.begin),
    end: await lastTrue(isSomethingAfter, known?.end),
  };
}

/** The last time of which something holds that holds at 0 and, once it does not, never again. `guess` is tried first. */
async function lastTrue(holds: (time: number) => Promise<boolean>, guess = 0): Promise<number> {
  let yes = guess > 0 && (await holds(guess)) ? guess : 0;
  let no = farFuture;
  // From a guess that is not far off, steps that double find the other side sooner than halving all of time.
  for (let step = 1; yes > 0 && yes + step < no; step *= 2) {
    if (!(await holds(yes + step))) no = yes + step;
    else yes += step;
  }
  while (no - yes > 1) {
    const middle = Math.floor((yes + no) / 2);
    if (await holds(middle)) yes = middle;
    else no = middle;
  }
  return yes;
}
