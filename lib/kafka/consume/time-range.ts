import type { Broker, Cluster } from 'kafkajs';
import { CredibleTimes, farOff, few, type TimeRange } from '../../time/credible-times';
import { unreadableIn } from '../kafkajs-patch/read-batches';

/** What the public types of kafkajs lack of a broker; `listOffsets` is marked public in its source. */
interface OffsetLister {
  listOffsets(request: {
    topics: { topic: string; partitions: { partition: number; timestamp: number | string }[] }[];
  }): Promise<{ responses: { partitions: { partition: number; timestamp: string; offset: string }[] }[] }>;
}

/** Asks for the offset that the next record will get: https://kafka.apache.org/protocol.html#The_Messages_ListOffsets */
const latest = -1;

/** Ms by which another machine's clock may be ahead. */
const ahead = 86_400_000;

/** Records of a partition. */
interface Stretch extends TimeRange {
  partition: number;
  /** The offset of the first of them. */
  first: bigint;
  records: number;
}

/**
 * The times of a topic's first and last record over all partitions; undefined where it has none. Odd times of a few records, as of
 * a camera whose clock has not been set, are passed over. The broker tells the first
 * record's time along with its offset; the last record has to be read, together with the batch it is in. kafkajs's admin client
 * passes on neither, so `brokers` are asked directly.
 */
export async function timeRangeOf(brokers: Cluster, topic: string): Promise<TimeRange | undefined> {
  const ids = brokers.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
  const leaders = Object.entries(brokers.findLeaderForPartitions(topic, ids));
  const ranges = await Promise.all(
    leaders.map(async ([nodeId, partitions]) => rangesAt(await brokers.findBroker({ nodeId }), topic, partitions)),
  );
  const times = new CredibleTimes();
  for (const range of ranges.flat()) times.note(range, range.records);
  return times.range;
}

/** When the partitions of one leader have records. */
async function rangesAt(broker: Broker, topic: string, partitions: number[]): Promise<Stretch[]> {
  const list = (timestampOf: (partition: number) => number) => listOffsets(broker, topic, partitions, timestampOf);
  const [firsts, ends] = await Promise.all([list(() => 0), list(() => latest)]);
  const ranges: Stretch[] = [];
  for (const partition of partitions) {
    const [first, end] = [firsts.get(partition), ends.get(partition)?.offset ?? 0n];
    if (first === undefined || first.offset < 0n || first.offset >= end) continue;
    const last = (await timeBefore(broker, topic, partition, end)) ?? first.time;
    const begin = isCredible(first.time) ? first.time : last;
    const records = Number(end - first.offset);
    ranges.push({ partition, first: first.offset, begin, end: Math.max(begin, last), records });
  }
  return withoutBeginnings(list, ranges);
}

/** Tells a partition's first few records apart where these may be from another time than its others. */
async function withoutBeginnings(
  list: (timestampOf: (partition: number) => number) => ReturnType<typeof listOffsets>,
  ranges: Stretch[],
): Promise<Stretch[]> {
  const long = ranges.filter(({ begin, end }) => end - begin > farOff);
  if (long.length === 0) return ranges;
  const middles = new Map(long.map(({ partition, begin, end }) => [partition, Math.floor((begin + end) / 2)]));
  const found = await list((partition) => middles.get(partition) ?? 0);
  const done = ranges.filter((range) => !long.includes(range));
  const doubtful: Stretch[] = [];
  for (const range of long) {
    const { offset, time } = found.get(range.partition) ?? { offset: -1n, time: 0 };
    const before = Number(offset - range.first);
    if (before <= 0) done.push(range);
    else {
      done.push({ ...range, end: range.begin, records: before });
      const rest = { ...range, first: offset, begin: time, records: range.records - before };
      (before <= few ? doubtful : done).push(rest);
    }
  }
  return [...done, ...(await withoutBeginnings(list, doubtful))];
}

const isCredible = (time: number) => time <= Date.now() + ahead;

/** The newest credible time in the batch that ends at an offset; undefined where compaction took it, or it cannot be read. */
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
  const times = messages.map(({ timestamp }) => Number(timestamp)).filter(isCredible);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}

/** By partition: offset and time of its first record that is not older, or, for `latest`, its end; -1 where there is none. */
async function listOffsets(
  broker: Broker,
  topic: string,
  partitions: number[],
  timestampOf: (partition: number) => number,
): Promise<Map<number, { offset: bigint; time: number }>> {
  const asked = partitions.map((partition) => ({ partition, timestamp: timestampOf(partition) }));
  const { responses } = await (broker as Broker & OffsetLister).listOffsets({ topics: [{ topic, partitions: asked }] });
  const told = responses.flatMap(({ partitions }) => partitions);
  return new Map(
    told.map(({ partition, offset, timestamp }) => [partition, { offset: BigInt(offset), time: Number(timestamp) }]),
  );
}
