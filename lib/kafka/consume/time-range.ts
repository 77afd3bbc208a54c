import type { Broker, Cluster } from 'kafkajs';
import { unreadableIn } from '../kafkajs-patch/read-batches';

/** The times of a topic's first and last record, ms since the epoch. */
export interface TimeRange {
  begin: number;
  end: number;
}

/** What the public types of kafkajs lack of a broker; `listOffsets` is marked public in its source. */
interface OffsetLister {
  listOffsets(request: {
    topics: { topic: string; partitions: { partition: number; timestamp: number | string }[] }[];
  }): Promise<{ responses: { partitions: { partition: number; timestamp: string; offset: string }[] }[] }>;
}

/** Asks for the offset that the next record will get: https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const latest = -1;

/**
 * The times of a topic's first and last record over all partitions; undefined where it has none. The broker tells the first
 * record's time along with its offset; the last record has to be read, together with the batch it is in. kafkajs's admin client
 * passes on neither, so `brokers` are asked directly.
 */
export async function timeRangeOf(brokers: Cluster, topic: string): Promise<TimeRange | undefined> {
  const ids = brokers.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  const leaders = Object.entries(brokers.findLeaderForPartitions(topic, ids));
  const ranges = await Promise.all(
    leaders.map(async ([nodeId, partitions]) => rangesAt(await brokers.findBroker({ nodeId }), topic, partitions)),
  );
  return ranges.flat().reduce<TimeRange | undefined>(
    (all, { begin, end }) => ({
      begin: Math.min(all?.begin ?? begin, begin),
      end: Math.max(all?.end ?? end, end),
    }),
    undefined,
  );
}

/** The ranges of those partitions of one leader that have records. */
async function rangesAt(broker: Broker, topic: string, partitions: number[]): Promise<TimeRange[]> {
  const list = async (timestamp: number) => {
    const asked = partitions.map((partition) => ({ partition, timestamp }));
    const { responses } = await (broker as Broker & OffsetLister).listOffsets({
      topics: [{ topic, partitions: asked }],
    });
    return new Map(responses.flatMap(({ partitions: told }) => told.map((each) => [each.partition, each])));
  };
  const [firsts, ends] = await Promise.all([list(0), list(latest)]);
  const ranges: TimeRange[] = [];
  for (const partition of partitions) {
    const first = firsts.get(partition);
    const end = BigInt(ends.get(partition)?.offset ?? 0);
    if (first === undefined || BigInt(first.offset) < 0n || BigInt(first.offset) >= end) continue;
    const begin = Number(first.timestamp);
    ranges.push({ begin, end: (await timeBefore(broker, topic, partition, end)) ?? begin });
  }
  return ranges;
}

/** The newest time in the batch that ends at an offset; undefined where compaction took it, or it cannot be read. */
async function timeBefore(broker: Broker, topic: string, partition: number, end: bigint): Promise<number | undefined> {
  // A limit of one byte still gives one whole batch, and no more.
  const place = { partition, fetchOffset: String(end - 1n), maxBytes: 1 };
  const { responses } = (await broker.fetch({
    maxWaitTime: 1,
    minBytes: 1,
    maxBytes: 1,
    topics: [{ topic, partitions: [place] }],
  })) as {
    responses: { partitions: { messages: { offset: string; timestamp: string }[] }[] }[];
  };
  const messages = responses.flatMap(({ partitions }) =>
    partitions.flatMap(({ messages }) => messages.filter((message) => unreadableIn(message) === undefined)),
  );
  const times = messages.map(({ timestamp }) => Number(timestamp));
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
