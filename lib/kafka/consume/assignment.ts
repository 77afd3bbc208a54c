import { keyOf, type TopicOffset, type TopicPartition } from '../cluster/topic-partition';
import { OffsetTracker } from './offset-tracker';

/** Whether what is finished is committed, or what the flow says. */
export type CommitMode = 'auto' | 'manual';

interface AssignedPartition extends TopicPartition {
  tracker: OffsetTracker;
  /** What the group has committed, as far as known here. */
  committed: bigint | undefined;
  /** In manual mode: what the flow wants committed. */
  wanted: bigint | undefined;
}

/** The partitions this member of the group reads, and how far each is read, finished and committed. */
export class Assignment {
  readonly #mode: CommitMode;
  #partitions = new Map<string, AssignedPartition>();

  constructor(mode: CommitMode = 'auto') {
    this.#mode = mode;
  }

  get partitions(): TopicPartition[] {
    return [...this.#partitions.values()].map(({ topic, partition }) => ({ topic, partition }));
  }

  /** Undefined for a partition that is not assigned. */
  trackerOf(of: TopicPartition): OffsetTracker | undefined {
    return this.#partitions.get(keyOf(of))?.tracker;
  }

  /**
   * Takes over a new assignment, `committed` being what the group has committed of it. Returns where to go on in
   * partitions this member had before, so that frames which are still in the flow are not read a second time: unless
   * another member has got further meanwhile.
   */
  update(partitions: TopicPartition[], committed: readonly TopicOffset[]): TopicOffset[] {
    const before = this.#partitions;
    const offsets = new Map(committed.map((position) => [keyOf(position), position.offset]));
    this.#partitions = new Map();
    const positions: TopicOffset[] = [];
    for (const { topic, partition } of partitions) {
      const key = keyOf({ topic, partition });
      const known = before.get(key);
      const now = offsets.get(key);
      if (known !== undefined && this.#isOurs(known, now)) {
        this.#partitions.set(key, { ...known, committed: now });
        if (known.tracker.next !== undefined) positions.push({ topic, partition, offset: known.tracker.next });
      } else {
        this.#partitions.set(key, {
          topic,
          partition,
          tracker: new OffsetTracker(now),
          committed: now,
          wanted: undefined,
        });
      }
    }
    return positions;
  }

  /** Restarts at `offset`: what was handed out before no longer counts for commits. */
  restart({ topic, partition, offset }: TopicOffset): OffsetTracker {
    const key = keyOf({ topic, partition });
    const tracker = new OffsetTracker(offset);
    const committed = this.#partitions.get(key)?.committed;
    this.#partitions.set(key, { topic, partition, tracker, committed, wanted: undefined });
    return tracker;
  }

  /**
   * In manual mode: the record at `offset`, and all before it, are to be committed. False where that is not ours to say: for a
   * partition of somebody else's, or a record that was not read since the last seek.
   */
  acknowledge({ offset, ...of }: TopicOffset): boolean {
    const assigned = this.#partitions.get(keyOf(of));
    if (assigned === undefined || !assigned.tracker.hasRead(offset)) return false;
    if (assigned.wanted === undefined || offset >= assigned.wanted) assigned.wanted = offset + 1n;
    return true;
  }

  /** What is to be committed and is not yet. */
  uncommitted(): TopicOffset[] {
    return [...this.#partitions.values()].flatMap((assigned) => {
      const { topic, partition, committed } = assigned;
      const offset = this.#committable(assigned);
      return offset === undefined || offset === committed ? [] : [{ topic, partition, offset }];
    });
  }

  markCommitted(positions: TopicOffset[]): void {
    for (const position of positions) {
      const assigned = this.#partitions.get(keyOf(position));
      if (assigned !== undefined) assigned.committed = position.offset;
    }
  }

  #committable({ tracker, wanted }: AssignedPartition): bigint | undefined {
    return this.#mode === 'auto' ? tracker.committable : wanted;
  }

  /** Whether nobody else has committed for the partition since. */
  #isOurs(assigned: AssignedPartition, now: bigint | undefined): boolean {
    if (now === assigned.committed || now === undefined) return true;
    const committable = this.#committable(assigned);
    return committable !== undefined && now <= committable;
  }
}
