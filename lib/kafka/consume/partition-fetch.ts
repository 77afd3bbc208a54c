import type { Broker, Cluster, KafkaMessage } from 'kafkajs';
import type { TopicOffset, TopicPartition } from '../cluster/topic-partition';

/** What the public types of kafkajs lack of a broker; `listOffsets` is marked public in its source. */
interface OffsetLister {
  listOffsets(request: {
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { partitions: { partition: number; offset: string; timestamp: string }[] }[] }>;
}

/** Of the offsets that `listOffsets` tells: https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
export const latest = -1;
const earliest = -2;

/** What the public types of kafkajs lack of a fetched record. */
type FetchedRecord = KafkaMessage & {
  /** Whether it is a marker that ends a transaction. */
  isControlRecord: boolean;
  batchContext: { firstOffset: string; producerId: string; inTransaction: boolean };
};

/** A partition as a broker gives it. */
export interface FetchedPartition {
  messages: FetchedRecord[];
  /** Null where there are none. */
  abortedTransactions: { producerId: string; firstOffset: string }[] | null;
}

/** kafkajs's own reading of what was fetched. */
type BatchClass = new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => { messages: KafkaMessage[]; rawMessages: KafkaMessage[] };

/** Records as they were fetched, and the offset behind them; a place where nothing is has none, and no such offset. */
export interface FetchedRecords {
  /** As a consumer is given them: without what was aborted, and markers. */
  messages: KafkaMessage[];
  next: bigint | undefined;
}

/** The broker that leads a partition. */
export async function leaderOf(brokers: Cluster, { topic, partition }: TopicPartition): Promise<Broker> {
  const [nodeId] = Object.keys(brokers.findLeaderForPartitions(topic, [partition]));
  return brokers.findBroker({ nodeId: nodeId ?? '' });
}

/**
 * Asks a partition's leader for records from an offset on, beside what a consumer reads: some `maxBytes` of them, and at least one
 * whole batch; so a limit of one byte gives that batch, and no more. Undefined where the broker does not say; rejects for an
 * offset that the partition does not have.
 */
export async function fetchPartition(
  leader: Broker,
  { topic, partition, offset }: TopicOffset,
  maxBytes: number,
): Promise<FetchedPartition | undefined> {
  const place = { partition, fetchOffset: String(offset), maxBytes };
  const { responses } = (await leader.fetch({
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [place] }],
  })) as { responses: { partitions: FetchedPartition[] }[] };
  return responses[0]?.partitions[0];
}

/** The same, as a consumer is given it. Rejects where the broker cannot be asked. */
export async function fetchFrom(brokers: Cluster, place: TopicOffset, maxBytes: number): Promise<FetchedRecords> {
  const fetched = await fetchPartition(await leaderOf(brokers, place), place, maxBytes);
  if (fetched === undefined) return { messages: [], next: undefined };
  const Batch = require('kafkajs/src/consumer/batch') as BatchClass;
  const { messages, rawMessages } = new Batch(place.topic, String(place.offset), fetched);
  const last = rawMessages.at(-1);
  return { messages, next: last === undefined ? undefined : BigInt(last.offset) + 1n };
}

/**
 * By partition, of those that one broker leads: offset and time of its first record that is not older than a time (ms since the
 * epoch), or, for `latest`, its end; -1 where there is none.
 */
export async function listOffsets(
  leader: Broker,
  topic: string,
  partitions: number[],
  timestampOf: (partition: number) => number,
): Promise<Map<number, { offset: bigint; time: number }>> {
  const asked = partitions.map((partition) => ({ partition, timestamp: timestampOf(partition) }));
  const { responses } = await (leader as Broker & OffsetLister).listOffsets({ topics: [{ topic, partitions: asked }] });
  const told = responses.flatMap(({ partitions }) => partitions);
  return new Map(
    told.map(({ partition, offset, timestamp }) => [partition, { offset: BigInt(offset), time: Number(timestamp) }]),
  );
}

/** The offset of a partition's oldest record. Rejects where the broker does not say. */
export async function startOf(brokers: Cluster, { topic, partition }: TopicPartition): Promise<bigint> {
  const leader = await leaderOf(brokers, { topic, partition });
  return (await listOffsets(leader, topic, [partition], () => earliest)).get(partition)?.offset ?? 0n;
}
