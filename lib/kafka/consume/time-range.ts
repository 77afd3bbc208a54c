import type { Broker, Cluster } from 'kafkajs';
import { CredibleTimes, farOff, few, type TimeRange } from '../../time/credible-times';
import { unreadableIn } from '../kafkajs-patch/read-batches';
import { fetchPartition, latest, listOffsets } from './partition-fetch';

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
 * a camera whose clock has not been set, are passed over. The broker tells the first record's time along with its offset; the last
 * record has to be read, together with the batch it is in. kafkajs's admin client passes on neither, so `brokers` are asked
 * directly.
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
  const { messages = [] } = (await fetchPartition(broker, { topic, partition, offset: end - 1n }, 1)) ?? {};
  const readable = messages.filter((message) => unreadableIn(message) === undefined);
  const times = readable.map(({ timestamp }) => Number(timestamp)).filter(isCredible);
  return times.length === 0 ? undefined : times.reduce((a, b) => Math.max(a, b));
}
