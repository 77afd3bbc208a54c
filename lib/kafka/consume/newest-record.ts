import type { Cluster } from 'kafkajs';
import type { TopicOffset } from '../cluster/topic-partition';
import { unreadableIn } from '../kafkajs-patch/read-batches';
import { fetchPartition, leaderOf } from './partition-fetch';

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
    const leader = await leaderOf(brokers, { topic, partition });
    const fetched = await fetchPartition(leader, { topic, partition, offset: at }, 1);
    const last = fetched?.messages.at(-1);
    if (fetched === undefined || last === undefined) return at;
    const { firstOffset, producerId, inTransaction } = last.batchContext;
    const isAborted = (fetched.abortedTransactions ?? []).some(
      (aborted) => aborted.producerId === producerId && BigInt(aborted.firstOffset) <= BigInt(last.offset),
    );
    const isGiven = !last.isControlRecord && !(inTransaction && isAborted) && unreadableIn(last) === undefined;
    if (isGiven) return BigInt(last.offset);
    // Compaction may have left out the offset asked for: the batch is the next one then.
    at = (BigInt(firstOffset) < at ? BigInt(firstOffset) : at) - 1n;
  }
  return at > position ? at : position;
}
