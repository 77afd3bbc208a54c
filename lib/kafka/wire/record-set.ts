import { readMessage } from './message-set';
import { placeholder, type WireRecord } from './record';
import { contextOf, lastOffsetOf, type RecordBatch, readRecordBatch } from './record-batch';
import { damaged, UnreadableError } from './unreadable';

/** Bytes in front of each batch and each old message: its offset and its size. */
const prefix = 12;
/** Where the number of the format is, in all of them. */
const formatAt = 16;
/** Size of the smallest that there is: an old message with neither key nor value. */
const smallest = 14;

/**
 * Bytes of memory that a batch may take besides those it came in. Kafka's limit (max.message.bytes, 1 MB unless set) is for
 * compressed bytes, and images get no smaller: what becomes this large is none of ours. One that came with more has twice that.
 */
const maxBatchBytes = 64 * 1024 * 1024;

/**
 * Most records that may be stored between the moment of which the broker tells the partition's end and the one at which it
 * reads the records: they are not one.
 */
const newerRecords = 100_000n;

/** What may still be decompressed of one answer of the broker, together. */
export class Budget {
  #left = maxBatchBytes;

  get isSpent(): boolean {
    return this.#left <= 0;
  }

  spend(bytes: number): void {
    this.#left -= bytes;
  }
}

/**
 * Reads what the broker gave of one partition, `offset` being what was asked for and `end` the offset behind its last record,
 * as it was shortly before.
 * A batch that cannot be read is one placeholder. What `budget` has no room for is left for the next time, as is a batch that
 * is not all there.
 */
export async function readRecordSet(
  bytes: Buffer,
  { offset, end, budget }: { offset: bigint; end: bigint; budget: Budget },
): Promise<WireRecord[]> {
  const records: WireRecord[] = [];
  let next = offset;
  for (let at = 0; at + prefix <= bytes.length && !budget.isSpent; ) {
    const size = bytes.readInt32BE(at + 8);
    const batch = bytes.subarray(at, size < smallest ? bytes.length : at + prefix + size);
    const isWhole = size >= smallest && batch.length === prefix + size;
    // The broker cuts off the last one, and never the first: that one's size is wrong.
    if (!isWhole && at > 0) break;
    const last = lastIn(batch, { next, end });
    try {
      if (!isWhole) throw damaged('its size is wrong');
      if (last === undefined) throw damaged('it is not where it says');
      const read = await readBatch(batch);
      budget.spend(read.cost);
      for (const record of read.records) records.push(record);
      next = last + 1n;
    } catch (error) {
      if (!(error instanceof UnreadableError)) throw error;
      const first = batch.readBigInt64BE(0);
      // Its own header may be what is damaged, so the one that follows tells where it ends.
      const following = isWhole ? offsetAt(bytes, at + batch.length) : undefined;
      const isKnown = following !== undefined && following > next && following <= end + newerRecords;
      const passed = isKnown ? following - 1n : (last ?? next);
      const from = first > next && first <= passed ? first : next;
      records.push(
        placeholder({ cause: error.kind, reason: error.message, first: from, last: passed }, contextOf(batch)),
      );
      next = passed + 1n;
    }
    at += batch.length;
  }
  return records;
}

function readBatch(batch: Buffer): Promise<RecordBatch> {
  const format = batch.readInt8(formatAt);
  const limit = Math.max(maxBatchBytes, 2 * batch.length);
  if (format === 2) return readRecordBatch(batch, limit);
  if (format === 0 || format === 1) return readMessage(batch, limit);
  throw new UnreadableError('unknown-format', `is in format ${format}, which is not known`);
}

/** The offset of a batch's last record as it says itself; undefined where that cannot be true. */
function lastIn(batch: Buffer, { next, end }: { next: bigint; end: bigint }): bigint | undefined {
  const isOld = batch.length > formatAt && batch.readInt8(formatAt) < 2;
  const last = isOld ? batch.readBigInt64BE(0) : lastOffsetOf(batch);
  return last !== undefined && last >= next && last < end + newerRecords ? last : undefined;
}

function offsetAt(bytes: Buffer, at: number): bigint | undefined {
  return at + prefix <= bytes.length ? bytes.readBigInt64BE(at) : undefined;
}
