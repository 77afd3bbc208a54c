import type { Batch } from 'kafkajs';
import type { TopicPartition } from '../cluster/topic-partition';
import type { Assignment } from './assignment';
import type { LagMeter } from './lag-meter';

/** Records that Kafka deleted before they were read, as its retention has it. */
export interface DeletedRecords extends TopicPartition {
  first: bigint;
  /** The first offset behind the deleted ones. */
  end: bigint;
}

/** What the public type of kafkajs lacks of a batch. */
type FetchedBatch = Batch & { fetchedOffset: string };

/**
 * Notices when reading goes on behind records it never got. Offsets are left out for other reasons, too: compaction,
 * transaction markers, aborted transactions. So what counts is where the broker says that the partition begins now.
 */
export class LossWatch {
  readonly #assignment: Assignment;
  readonly #lag: LagMeter;
  readonly #onDeleted: (deleted: DeletedRecords) => void;

  constructor(assignment: Assignment, lag: LagMeter, onDeleted: (deleted: DeletedRecords) => void) {
    this.#assignment = assignment;
    this.#lag = lag;
    this.#onDeleted = onDeleted;
  }

  /** Checks the partition where the batch was not fetched from the record to be read next, but from a later one. */
  async checkBatch(batch: Batch): Promise<void> {
    const next = this.#assignment.trackerOf(batch)?.next;
    const fetched = BigInt((batch as FetchedBatch).fetchedOffset);
    if (next !== undefined && next < fetched) await this.check(batch, fetched);
  }

  /**
   * Asks where the partition begins, and reports what was deleted from the record to be read next on. `fetched`, where
   * records are at hand already, is the offset they were fetched from. Rejects when the broker does not say.
   */
  async check({ topic, partition }: TopicPartition, fetched?: bigint): Promise<void> {
    const of = { topic, partition };
    await this.#lag.refresh([topic]);
    const tracker = this.#assignment.trackerOf(of);
    const start = this.#lag.startOf(of);
    const end = fetched !== undefined && fetched < start ? fetched : start;
    const first = tracker?.next;
    if (tracker === undefined || first === undefined || first >= end) return;
    tracker.pass(end - 1n);
    this.#onDeleted({ ...of, first, end });
  }
}
