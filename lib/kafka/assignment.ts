import { OffsetTracker } from './offset-tracker';

interface AssignedPartition {
  tracker: OffsetTracker;
  /** What the group has committed, as far as known here. */
  committed: bigint | undefined;
}

export interface PartitionPosition {
  partition: number;
  offset: bigint;
}

/** The partitions this member of the group reads, and how far each is read, finished and committed. */
export class Assignment {
  #partitions = new Map<number, AssignedPartition>();

  get partitions(): number[] {
    return [...this.#partitions.keys()];
  }

  /** Undefined for a partition that is not assigned. */
  trackerOf(partition: number): OffsetTracker | undefined {
    return this.#partitions.get(partition)?.tracker;
  }

  /**
   * Takes over a new assignment, `committed` being what the group has committed of it. Returns where to go on in
   * partitions this member had before, so that frames which are still in the flow are not read a second time: unless
   * another member has got further meanwhile.
   */
  update(partitions: number[], committed: ReadonlyMap<number, bigint>): PartitionPosition[] {
    const before = this.#partitions;
    this.#partitions = new Map();
    const positions: PartitionPosition[] = [];
    for (const partition of partitions) {
      const known = before.get(partition);
      const now = committed.get(partition);
      if (known !== undefined && isOurs(known, now)) {
        this.#partitions.set(partition, { tracker: known.tracker, committed: now });
        if (known.tracker.next !== undefined) positions.push({ partition, offset: known.tracker.next });
      } else {
        this.#partitions.set(partition, { tracker: new OffsetTracker(now), committed: now });
      }
    }
    return positions;
  }

  /** Begins anew at `offset`: what was handed out before does not count for commits any more. */
  restart({ partition, offset }: PartitionPosition): OffsetTracker {
    const tracker = new OffsetTracker(offset);
    this.#partitions.set(partition, { tracker, committed: this.#partitions.get(partition)?.committed });
    return tracker;
  }

  /** What is finished and not committed yet. */
  uncommitted(): PartitionPosition[] {
    return [...this.#partitions].flatMap(([partition, { tracker, committed }]) =>
      tracker.committable === undefined || tracker.committable === committed
        ? []
        : [{ partition, offset: tracker.committable }],
    );
  }

  markCommitted(positions: PartitionPosition[]): void {
    for (const { partition, offset } of positions) {
      const assigned = this.#partitions.get(partition);
      if (assigned !== undefined) assigned.committed = offset;
    }
  }
}

/** Whether nobody else has committed for the partition since. */
function isOurs({ tracker, committed }: AssignedPartition, now: bigint | undefined): boolean {
  if (now === committed || now === undefined) return true;
  return tracker.committable !== undefined && now <= tracker.committable;
}
