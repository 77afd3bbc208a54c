import { ByteReader } from './byte-reader';
import { codecMask, decompress } from './decompress';
import type { WireRecord } from './record';
import type { RecordBatch } from './record-batch';
import { damaged } from './unreadable';

const logAppendTime = 0x08;
/** Bytes that a message takes in memory besides those of its key and value, roughly. */
const messageOverhead = 256;
/** Bytes of a message's offset and size, which are in front of it. */
const prefix = 12;

interface Message {
  magicByte: number;
  offset: bigint;
  attributes: number;
  timestamp: bigint;
  key: Buffer | null;
  value: Buffer | null;
}

/**
 * Reads one message as Kafka had them before 0.11 (https://kafka.apache.org/documentation/#messageset), which later brokers hand
 * out as they were stored; a compressed one holds others. Rejects with an UnreadableError, also where that costs more than
 * `limit`. Their checksum, of another kind, is not looked at.
 */
export async function readMessage(bytes: Buffer, limit: number): Promise<RecordBatch> {
  const message = messageIn(new ByteReader(bytes));
  const codec = message.attributes & codecMask;
  if (codec === 0) return { records: [recordOf(message)], cost: messageOverhead };
  if (message.value === null) throw damaged('it has nothing in it');
  const inner = await decompress(codec, message.value, limit);
  const messages = messagesIn(inner);
  const last = messages.at(-1);
  if (last === undefined) throw damaged('it has nothing in it');
  // Since format 1 those inside count from 0, and the one around them has the offset of the last.
  const base = message.magicByte > 0 ? message.offset - last.offset : 0n;
  const records = messages.map((each) =>
    recordOf({
      ...each,
      offset: each.offset + base,
      ...(message.attributes & logAppendTime && { timestamp: message.timestamp }),
    }),
  );
  return { records, cost: inner.length + records.length * messageOverhead };
}

function messagesIn(bytes: Buffer): Message[] {
  const messages: Message[] = [];
  for (let at = 0; at < bytes.length; ) {
    const end = at + prefix + new ByteReader(bytes, at + 8).int32();
    if (end <= at + prefix || end > bytes.length) throw damaged('a message in it is not whole');
    messages.push(messageIn(new ByteReader(bytes.subarray(at, end))));
    at = end;
  }
  return messages;
}

function messageIn(reader: ByteReader): Message {
  const offset = reader.int64();
  reader.take(8); // Its size and its checksum.
  const magicByte = reader.int8();
  const attributes = reader.int8();
  const timestamp = magicByte > 0 ? reader.int64() : 0n;
  return { magicByte, offset, attributes, timestamp, key: reader.nullableBytes(), value: reader.nullableBytes() };
}

function recordOf({ magicByte, offset, attributes, timestamp, key, value }: Message): WireRecord {
  return {
    ...{ magicByte, attributes, key, value },
    timestamp: String(timestamp),
    offset: String(offset),
    headers: {},
    isControlRecord: false,
    batchContext: { firstOffset: String(offset), producerId: '-1', inTransaction: false, isControlBatch: false },
  };
}
