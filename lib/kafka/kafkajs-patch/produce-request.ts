import type { Message } from 'kafkajs';
import { crc32c } from '../wire/crc32c';
import { isLent, Payload } from './payload';
import { RequestWriter, zigzag } from './request-writer';

/** What kafkajs is asked to send in one produce request. */
export interface ProduceRequest {
  acks: number;
  timeout: number;
  transactionalId?: string | null;
  producerId?: { toString(): string };
  producerEpoch?: number;
  topicData: { topic: string; partitions: ProducePartition[] }[];
}

interface ProducePartition {
  partition: number;
  firstSequence?: number;
  messages: Message[];
}

/** Bytes of a batch from its partition leader epoch to its records: what the batch's own length counts. */
const batchHeader = 49;

interface Batch {
  partition: number;
  firstSequence: number;
  firstTimestamp: number;
  maxTimestamp: number;
  records: Record[];
  /** Bytes of all records. */
  size: number;
  /** Bytes of those that the payload takes as they are. */
  lent: number;
}

interface Record {
  timestampDelta: number;
  key: Buffer | undefined;
  value: Buffer | undefined;
  headers: [name: Buffer, value: Buffer | undefined][];
  /** Bytes after the record's own length. */
  size: number;
}

/**
 * A produce request of version 3 to 7 with one record batch (magic 2, not compressed) per partition, byte for byte as
 * kafkajs encodes it, but measured first and then written once into its place, where the frames themselves stay theirs.
 * Formats: https://kafka.apache.org/protocol.html#The_Messages_Produce,
 * https://kafka.apache.org/documentation/#recordbatch
 */
export function encodeProduceRequest(request: ProduceRequest): Payload {
  const { transactionalId, acks, timeout, topicData } = request;
  const topics = topicData.map(({ topic, partitions }) => ({
    name: Buffer.from(topic),
    batches: partitions.map(measureBatch),
  }));
  const id = transactionalId == null ? undefined : Buffer.from(transactionalId);
  let size = 2 + (id?.length ?? 0) + 2 + 4 + 4;
  for (const { name, batches } of topics) {
    size += 2 + name.length + 4;
    for (const batch of batches) size += 4 + 4 + 8 + 4 + batchHeader + batch.size - batch.lent;
  }
  const payload = new Payload(size);
  const out = new RequestWriter(payload);
  out.int16(id?.length ?? -1);
  if (id !== undefined) out.bytes(id);
  out.int16(acks);
  out.int32(timeout);
  out.int32(topics.length);
  for (const { name, batches } of topics) {
    out.int16(name.length);
    out.bytes(name);
    out.int32(batches.length);
    for (const batch of batches) writeBatch(out, batch, request);
  }
  return payload;
}

function measureBatch({ partition, firstSequence = 0, messages }: ProducePartition): Batch {
  const now = Date.now();
  const timestamps = messages.map(({ timestamp }) => (timestamp == null ? now : Number(timestamp)));
  const firstTimestamp = Math.min(...timestamps);
  const records = messages.map((message, index) =>
    measureRecord(message, index, (timestamps[index] as number) - firstTimestamp),
  );
  const size = records.reduce((sum, record) => sum + sizeOfVarint(record.size) + record.size, 0);
  const lent = records.reduce((sum, { value }) => sum + (value !== undefined && isLent(value) ? value.length : 0), 0);
  return { partition, firstSequence, firstTimestamp, maxTimestamp: Math.max(...timestamps), records, size, lent };
}

function measureRecord(message: Message, offsetDelta: number, timestampDelta: number): Record {
  const key = bytesOf(message.key);
  const value = bytesOf(message.value);
  const headers = Object.entries(message.headers ?? {}).flatMap(([name, values]) =>
    (Array.isArray(values) ? values : [values]).map((each): Record['headers'][number] => [
      Buffer.from(name),
      bytesOf(each),
    ]),
  );
  let size = 1 + sizeOfVarint(timestampDelta) + sizeOfVarint(offsetDelta) + sizeOfBytes(key) + sizeOfBytes(value);
  size += sizeOfVarint(headers.length);
  for (const [name, each] of headers) size += sizeOfBytes(name) + sizeOfBytes(each);
  return { timestampDelta, key, value, headers, size };
}

function bytesOf(value: Buffer | string | null | undefined): Buffer | undefined {
  if (value == null) return undefined;
  return Buffer.isBuffer(value) ? value : Buffer.from(String(value));
}

function writeBatch(
  out: RequestWriter,
  batch: Batch,
  { transactionalId, producerId, producerEpoch }: ProduceRequest,
): void {
  out.int32(batch.partition);
  out.int32(8 + 4 + batchHeader + batch.size);
  out.int64(0n); // base offset: the broker's to say
  out.int32(batchHeader + batch.size);
  out.int32(0); // partition leader epoch
  out.int8(2); // magic
  const checksum = out.skip(4);
  const checked = out.position;
  out.int16(transactionalId ? 16 : 0); // attributes
  out.int32(batch.records.length - 1);
  out.int64(BigInt(batch.firstTimestamp));
  out.int64(BigInt(batch.maxTimestamp));
  out.int64(BigInt(producerId?.toString() ?? -1));
  out.int16(producerEpoch ?? 0);
  out.int32(batch.firstSequence);
  out.int32(batch.records.length);
  batch.records.forEach((record, index) => {
    writeRecord(out, record, index);
  });
  checksum.writeUInt32BE(out.since(checked).reduce((before, piece) => crc32c(piece, before), 0));
}

function writeRecord(
  out: RequestWriter,
  { timestampDelta, key, value, headers, size }: Record,
  offsetDelta: number,
): void {
  out.varint(size);
  out.int8(0); // attributes
  out.varint(timestampDelta);
  out.varint(offsetDelta);
  out.varintBytes(key);
  out.varintValue(value);
  out.varint(headers.length);
  for (const [name, each] of headers) {
    out.varintBytes(name);
    out.varintBytes(each);
  }
}

function sizeOfVarint(value: number): number {
  let size = 1;
  for (let rest = zigzag(value); rest > 0x7f; rest = Math.floor(rest / 0x80)) size += 1;
  return size;
}

function sizeOfBytes(bytes: Buffer | undefined): number {
  return bytes === undefined ? sizeOfVarint(-1) : sizeOfVarint(bytes.length) + bytes.length;
}
