import type { Cluster } from 'kafkajs';
import type { TopicOffset } from '../cluster/topic-partition';
import { unreadableIn } from '../kafkajs-patch/read-batches';

/** What the public types of kafkajs lack of a fetched record. */
interface FetchedRecord {
  offset: string;
  /** Whether it is a marker that ends a transaction. */
  isControlRecord: boolean;
  batchContext: { firstOffset: string; producerId: string; inTransaction: boolean };
}

interface FetchedPartition {
  messages: FetchedRecord[];
  /** Null where there are none. */
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
}

/** Batches looked at; whoever reads on from there finds out the rest. */
const maxBatches = 20;

/**
 * The offset of a partition's newest record that a consumer is given, from behind `position` up to `end`; that of
 * `position` where there is none, and without `brokers` to ask the one before `end`. Markers of transactions have offsets,
 * too, and so has what was aborted or cannot be read: none of it is ever given to anybody.
 */
export async function newestRecord(
  brokers: Cluster | undefined,
  { topic, partition, offset: position }: TopicOffset,
  end: bigint,
): Promise<bigint> {
  let at = end - 1n;
  if (brokers === undefined) return at;
  for (let batches = 0; at > position && batches < maxBatches; batches += 1) {
    const { messages, abortedTransactions } = await batchAt(brokers, { topic, partition, offset: at });
    const last = messages.at(-1);
    if (last === undefined) return at;
    const { firstOffset, producerId, inTransaction } = last.batchContext;
    const isAborted = (abortedTransactions ?? []).some(
      (aborted) => aborted.producerId === producerId && BigInt(aborted.firstOffset) <= BigInt(last.offset),
    );
    const isGiven = !last.isControlRecord && !(inTransaction && isAborted) && unreadableIn(last) === undefined;
    if (isGiven) return BigInt(last.offset);
    // Compaction may have left out the offset asked for: the batch is the next one then.
    at = (BigInt(firstOffset) < at ? BigInt(firstOffset) : at) - 1n;
  }
  return at > position ? at : position;
}

async function batchAt(brokers: Cluster, { topic, partition, offset }: TopicOffset): Promise<FetchedPartition> {
  const [nodeId] = Object.keys(brokers.findLeaderForPartitions(topic, [partition]));
  const broker = await brokers.findBroker({ nodeId: nodeId ?? '' });
  // A limit of one byte still gives one whole batch, and no more.
  const place = { partition, fetchOffset: String(offset), maxBytes: 1 };
  const { responses } = (await broker.fetch({
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes: 1,
    topics: [{ topic, partitions: [place] }],
  })) as { responses: { partitions: FetchedPartition[] }[] };
  return responses[0]?.partitions[0] ?? { messages: [], abortedTransactions: null };
}
