import { ByteReader } from './byte-reader';
import { crc32c } from './crc32c';
import { codecMask, decompress } from './decompress';
import type { BatchContext, WireHeaders, WireRecord } from './record';
import { damaged, tooLarge, UnreadableError } from './unreadable';

/** https://kafka.apache.org/documentation/#recordbatch, from the beginning of the batch. */
const at = { crc: 17, checked: 21, count: 57, records: 61 };
const flags = { logAppendTime: 0x08, transactional: 0x10, control: 0x20 };

/** No record takes fewer bytes. */
const smallestRecord = 7;
/** Bytes that a record takes in memory besides those of its key, value and headers, roughly. */
const recordOverhead = 256;
/** Headers of a record that are read; Kafka sets no limit. */
const maxHeaders = 1000;

export interface RecordBatch {
  records: WireRecord[];
  /** Bytes of memory it takes besides those it came in. */
  cost: number;
}

interface BatchHeader {
  context: BatchContext;
  attributes: number;
  first: bigint;
  lastDelta: number;
  firstTimestamp: bigint;
  maxTimestamp: bigint;
}

/** The offset of the last record of the batch that begins here, as it says itself; undefined where it is too short for that. */
export function lastOffsetOf(batch: Buffer): bigint | undefined {
  if (batch.length < at.records) return undefined;
  return batch.readBigInt64BE(0) + BigInt(batch.readInt32BE(at.checked + 2));
}

/** What the batch says of all its records; undefined where it is too short for that. */
export function contextOf(batch: Buffer): BatchContext | undefined {
  return batch.length < at.records ? undefined : headerOf(batch).context;
}

/** Reads one whole batch of the current format, 2. Rejects with an UnreadableError, also where it costs more than `limit`. */
export async function readRecordBatch(batch: Buffer, limit: number): Promise<RecordBatch> {
  if (batch.length < at.records) throw damaged('it is too short');
  if (crc32c(batch.subarray(at.checked)) !== batch.readUInt32BE(at.crc)) {
    throw new UnreadableError('checksum', 'is damaged: its checksum is another one');
  }
  const header = headerOf(batch);
  const compressed = batch.subarray(at.records);
  const codec = header.attributes & codecMask;
  const count = batch.readInt32BE(at.count);
  if (codec === 0) assertFits(count, compressed);
  if (count * recordOverhead > limit) throw tooLarge(limit);
  const bytes = await decompress(codec, compressed, limit - count * recordOverhead);
  assertFits(count, bytes);
  const reader = new ByteReader(bytes);
  const records: WireRecord[] = [];
  for (let index = 0; index < count; index += 1) {
    records.push(readRecord(new ByteReader(reader.take(reader.varint())), header));
  }
  return { records, cost: count * recordOverhead + (codec === 0 ? 0 : bytes.length) };
}

/** The number comes from the wire, so no memory is taken for so many before. */
function assertFits(count: number, bytes: Buffer): void {
  if (count < 0 || count * smallestRecord > bytes.length) throw damaged('it says that it has more records than it has');
}

function headerOf(batch: Buffer): BatchHeader {
  const reader = new ByteReader(batch, at.checked);
  const attributes = reader.int16();
  const lastDelta = reader.int32();
  const firstTimestamp = reader.int64();
  const maxTimestamp = reader.int64();
  const first = batch.readBigInt64BE(0);
  const context = {
    firstOffset: String(first),
    producerId: String(reader.int64()),
    inTransaction: (attributes & flags.transactional) !== 0,
    isControlBatch: (attributes & flags.control) !== 0,
  };
  return { context, attributes, first, lastDelta, firstTimestamp, maxTimestamp };
}

function readRecord(reader: ByteReader, header: BatchHeader): WireRecord {
  const attributes = reader.int8();
  const timestampDelta = reader.varlong();
  const offsetDelta = reader.varint();
  if (offsetDelta < 0 || offsetDelta > header.lastDelta) throw damaged('a record has an offset outside of it');
  const isLogAppendTime = (header.attributes & flags.logAppendTime) !== 0;
  return {
    magicByte: 2,
    attributes,
    timestamp: String(isLogAppendTime ? header.maxTimestamp : header.firstTimestamp + timestampDelta),
    offset: String(header.first + BigInt(offsetDelta)),
    key: reader.nullableVarBytes(),
    value: reader.nullableVarBytes(),
    headers: readHeaders(reader),
    isControlRecord: header.context.isControlBatch,
    batchContext: header.context,
  };
}

function readHeaders(reader: ByteReader): WireHeaders {
  // Any name is one, also that of what every object has.
  const headers = Object.create(null) as WireHeaders;
  const count = Math.min(reader.varint(), maxHeaders);
  if (count < 0) throw damaged('a record has less than no headers');
  for (let index = 0; index < count; index += 1) {
    const name = reader.take(reader.varint()).toString();
    const value = reader.nullableVarBytes() as Buffer;
    const before = headers[name];
    if (before === undefined) headers[name] = value;
    else if (Array.isArray(before)) before.push(value);
    else headers[name] = [before, value];
  }
  return headers;
}
