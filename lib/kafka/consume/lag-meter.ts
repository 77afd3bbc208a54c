import type { KafkaCluster } from '../cluster/cluster';
import { keyOf, type TopicPartition } from '../cluster/topic-partition';
import type { Assignment } from './assignment';

/** Knows where the assigned partitions begin and end, and so how much of them is not read yet. */
export class LagMeter {
  readonly #cluster: KafkaCluster;
  readonly #assignment: Assignment;
  readonly #starts = new Map<string, bigint>();
  readonly #ends = new Map<string, bigint>();

  constructor(cluster: KafkaCluster, assignment: Assignment) {
    this.#cluster = cluster;
    this.#assignment = assignment;
  }

  /** Records not read yet, as far as known. */
  get records(): number {
    let lag = 0;
    for (const of of this.#assignment.partitions) {
      const next = this.#assignment.trackerOf(of)?.next;
      if (next !== undefined) lag += Math.max(0, Number(this.endOf(of) - next));
    }
    return lag;
  }

  /** The offset the next record of the partition will get, as far as known. */
  endOf(of: TopicPartition): bigint {
    return this.#ends.get(keyOf(of)) ?? 0n;
  }

  /** The offset of the partition's oldest record when `refresh` was called last; 0 before. */
  startOf(of: TopicPartition): bigint {
    return this.#starts.get(keyOf(of)) ?? 0n;
  }

  noteEnd(of: TopicPartition, end: bigint): void {
    this.#ends.set(keyOf(of), end);
  }

  /** Asks the broker where the topics, else all that are assigned, begin and end now. */
  async refresh(
    topics = new Set(this.#assignment.partitions.map(({ topic }) => topic)) as Iterable<string>,
  ): Promise<void> {
    await this.#cluster.withAdmin(async (admin) => {
      for (const topic of topics) {
        for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
          this.#starts.set(keyOf({ topic, partition }), BigInt(low));
          this.noteEnd({ topic, partition }, BigInt(high));
        }
      }
    });
  }
}
