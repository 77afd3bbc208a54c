import { VideoError } from '../../errors';
import { keyOf, type TopicPartition } from '../cluster/topic-partition';
import type { UnreadableRecords as Found } from '../kafkajs-patch/read-batches';

/** Records that are passed over, because nobody could read their batch. */
export interface UnreadableRecords extends TopicPartition {
  first: bigint;
  /** The first offset behind them. */
  end: bigint;
  /** What is wrong with them, in a word. */
  cause: Found['cause'];
  error: VideoError;
}

const remedies: Record<Found['cause'], string> = {
  corrupt: "Check the broker's disk and memory.",
  checksum: "Check the broker's disk and memory.",
  damaged: 'Check the program that sent it.',
  'too-large': 'Check the program that sent it: images hardly get smaller when compressed.',
  'unknown-format': 'Check whether a newer version of these nodes knows it.',
  'codec-missing': 'Or let its producer send uncompressed: images hardly get smaller.',
};

/** Counts records that cannot be read, and reports the first ones of each partition and cause. */
export class UnreadableWatch {
  readonly #onUnreadable: (records: UnreadableRecords) => void;
  readonly #reported = new Set<string>();
  #records = 0;

  constructor(onUnreadable: (records: UnreadableRecords) => void) {
    this.#onUnreadable = onUnreadable;
  }

  /** How many there were. */
  get records(): number {
    return this.#records;
  }

  note(of: TopicPartition, { cause, reason, first, last }: Found): void {
    this.#records += Number(last - first) + 1;
    const key = `${keyOf(of)} ${cause}`;
    if (this.#reported.has(key)) return;
    this.#reported.add(key);
    const [offsets, are] = first === last ? [`offset ${first}`, 'is'] : [`offsets ${first} to ${last}`, 'are'];
    const error = new VideoError(
      'BATCH_UNREADABLE',
      `A batch of ${keyOf(of)} ${reason}. Its records (${offsets}) ${are} passed over, as are others like it. ${remedies[cause]}`,
    );
    this.#onUnreadable({ ...of, first, end: last + 1n, cause, error });
  }
}
