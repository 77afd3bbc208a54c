import type { FrameRecord } from '../../frame/record-frame-reader';
import type { TopicOffset } from '../cluster/topic-partition';
import type { Assignment } from './assignment';
import type { OffsetTracker } from './offset-tracker';

/**
 * Goes back to the oldest abandoned frame of a partition, once all of those that are abandoned together are known. Frames that
 * are still in the flow come again, too: at least once.
 */
export class Rewind {
  readonly #assignment: Assignment;
  /** Offsets of frames abandoned just now, by their partition's tracker. */
  readonly #abandoned = new Map<OffsetTracker, bigint[]>();

  constructor(assignment: Assignment) {
    this.#assignment = assignment;
  }

  /** The frame of a record was abandoned; `goTo` is called where its partition is still read as it was then. */
  note({ topic, partition, offset }: FrameRecord, tracker: OffsetTracker, goTo: (place: TopicOffset) => void): void {
    const abandoned = this.#abandoned.get(tracker) ?? [];
    abandoned.push(BigInt(offset));
    if (abandoned.length > 1) return;
    this.#abandoned.set(tracker, abandoned);
    setImmediate(() => {
      this.#abandoned.delete(tracker);
      const oldest = abandoned.reduce((a, b) => (a < b ? a : b));
      if (this.#assignment.trackerOf({ topic, partition }) === tracker) goTo({ topic, partition, offset: oldest });
    });
  }
}
