import type { Broker, Cluster, KafkaMessage } from 'kafkajs';
import type { TopicOffset, TopicPartition } from '../cluster/topic-partition';

/** What the public types of kafkajs lack of a broker; `listOffsets` is marked public in its source. */
interface OffsetLister {
  listOffsets(request: {
    topics: { topic: string; partitions: { partition: number; timestamp: number }[] }[];
  }): Promise<{ responses: { partitions: { offset: string }[] }[] }>;
}

interface FetchedPartition {
  messages: KafkaMessage[];
}

/** kafkajs's own reading of what was fetched. */
type BatchClass = new (
  topic: string,
  fetchedOffset: string,
  partition: FetchedPartition,
) => { messages: KafkaMessage[]; rawMessages: KafkaMessage[] };

/** Asks for the offset of the oldest record: https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const earliest = -2;

/** Records as they were fetched, and the offset behind them; a place where nothing is has none, and no such offset. */
export interface FetchedRecords {
  /** As a consumer is given them: without what was aborted, and markers. */
  messages: KafkaMessage[];
  next: bigint | undefined;
}

/**
 * Fetches records from an offset on, beside what a consumer reads: some `maxBytes` of them, and at least one batch. Rejects where the
 * broker does not say, and for an offset that the partition does not have.
 */
export async function fetchFrom(
  brokers: Cluster,
  { topic, partition, offset }: TopicOffset,
  maxBytes: number,
): Promise<FetchedRecords> {
  const broker = await leaderOf(brokers, { topic, partition });
  const place = { partition, fetchOffset: String(offset), maxBytes };
  const { responses } = (await broker.fetch({
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes,
    topics: [{ topic, partitions: [place] }],
  })) as { responses: { partitions: FetchedPartition[] }[] };
  const [fetched] = responses[0]?.partitions ?? [];
  if (fetched === undefined) return { messages: [], next: undefined };
  const Batch = require('kafkajs/src/consumer/batch') as BatchClass;
  const { messages, rawMessages } = new Batch(topic, String(offset), fetched);
  const last = rawMessages.at(-1);
  return { messages, next: last === undefined ? undefined : BigInt(last.offset) + 1n };
}

/** The offset of a partition's oldest record. Rejects where the broker does not say. */
export async function startOf(brokers: Cluster, { topic, partition }: TopicPartition): Promise<bigint> {
  const broker = (await leaderOf(brokers, { topic, partition })) as Broker & OffsetLister;
  const asked = { topic, partitions: [{ partition, timestamp: earliest }] };
  const { responses } = await broker.listOffsets({ topics: [asked] });
  return BigInt(responses[0]?.partitions[0]?.offset ?? 0);
}

async function leaderOf(brokers: Cluster, { topic, partition }: TopicPartition): Promise<Broker> {
  const [nodeId] = Object.keys(brokers.findLeaderForPartitions(topic, [partition]));
  return brokers.findBroker({ nodeId: nodeId ?? '' });
}
