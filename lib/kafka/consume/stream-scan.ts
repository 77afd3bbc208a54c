import type { Cluster } from 'kafkajs';
import { type Frame, isVideoCodec } from '../../frame/frame';
import { type FrameRecord, RecordFrameReader } from '../../frame/record-frame-reader';
import type { Clock } from '../../time/clock';
import { protocolErrorType } from '../cluster/kafka-error';
import type { TopicPartition } from '../cluster/topic-partition';
import { unreadableIn } from '../kafkajs-patch/read-batches';
import { fetchFrom, startOf } from './partition-fetch';
import { toFrameRecord } from './record';

/** A frame and the record it came in, without the value of images. */
export interface FoundFrame {
  frame: Frame;
  record: FrameRecord;
}

/** Offsets that are looked at first; each time that was too few, twice as many. */
const firstStep = 32n;
/** Bytes that are looked at together, about. */
const mostBytes = 16 * 1024 * 1024;
/** Bytes of one request, about. */
const requestBytes = 512 * 1024;

/** How far is looked: what is farther away is not worth it. */
export interface ScanLimits {
  records: number;
  bytes: number;
  /** Ms. */
  time: number;
}

/** With what is read. */
export interface Asking {
  /** Undefined where the consumer is not in its group any more: there is nobody to read for. */
  brokers: Cluster | undefined;
  /** Called between requests; where it rejects, so does the scan. */
  heartbeat: () => Promise<void>;
}

export interface ScanOptions extends Asking {
  of: TopicPartition;
  /** Which frames are looked for. */
  wants: (frame: Frame) => boolean;
  /** The offset in front of which to begin. */
  end: bigint;
  /** The offset that is looked at last; the partition's beginning unless set. */
  first?: bigint;
  limits: ScanLimits;
  clock: Clock;
}

/**
 * Frames of a partition from an offset backwards: newest first, in groups whose own order is that of the partition. It reads no
 * more than it has to as long as nobody asks for more. Returns whether it came to the end: false at its limits. Rejects where the
 * broker does not say.
 */
export async function* scanBackwards(options: ScanOptions): AsyncGenerator<FoundFrame[], boolean> {
  const { of, limits, clock, first = 0n } = options;
  const read = { records: 0, bytes: 0, time: 0 };
  const start = await startOf(brokersOf(options), of);
  const least = first > start ? first : start;
  let { end } = options;
  for (let step = firstStep; end > least; step = stepAfter(step, read)) {
    if (read.records > limits.records || read.bytes > limits.bytes || read.time > limits.time) return false;
    const from = end - step > least ? end - step : least;
    const began = clock.now();
    const found = await framesIn(options, { from, end }, read);
    read.time += clock.now() - began;
    yield found;
    end = from;
  }
  return true;
}

/** Twice as many, but no more than some megabytes: what is large is not looked at in advance. */
function stepAfter(step: bigint, { records, bytes }: { records: number; bytes: number }): bigint {
  const most = BigInt(Math.ceil((mostBytes * records) / (bytes + 1)) + 1);
  return step * 2n < most ? step * 2n : most;
}

function brokersOf({ brokers }: Asking): Cluster {
  if (brokers === undefined) throw new Error('the consumer has left its group');
  return brokers;
}

async function framesIn(
  options: ScanOptions,
  { from, end }: { from: bigint; end: bigint },
  read: { records: number; bytes: number },
): Promise<FoundFrame[]> {
  const { of, wants, heartbeat } = options;
  // Not the consumer's own, which knows what was before in the order of the partition.
  const reader = new RecordFrameReader();
  const found: FoundFrame[] = [];
  for (let at = from; at < end; ) {
    const { messages, next } = await fetchFrom(brokersOf(options), { ...of, offset: at }, requestBytes).catch(
      afterDeletion,
    );
    await heartbeat();
    for (const message of messages) {
      if (BigInt(message.offset) >= end) break;
      const record = toFrameRecord(of.topic, of.partition, message);
      read.records += 1;
      read.bytes += record.value.length;
      const frame = unreadableIn(message) === undefined ? reader.read(record) : undefined;
      if (frame === undefined || !wants(frame)) continue;
      // A copy, as the value is a part of the fetch response, which it would keep alive.
      const value = isVideoCodec(frame.codec) ? Buffer.from(record.value) : Buffer.alloc(0);
      found.push({ frame, record: { ...record, value } });
    }
    if (next === undefined || next <= at) break;
    at = next;
  }
  return found;
}

/** What was there a moment ago may have been deleted meanwhile. */
function afterDeletion(error: unknown): { messages: []; next: undefined } {
  if (protocolErrorType(error) !== 'OFFSET_OUT_OF_RANGE') throw error;
  return { messages: [], next: undefined };
}
