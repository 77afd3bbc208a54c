import { isUtf8 } from 'node:buffer';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { FrameRecord } from '../../frame/record-frame-reader';
import type { RecordHeaders } from '../../frame/record-headers';

/** Where a frame came from: `msg.kafka`. */
export interface RecordInfo extends Omit<FrameRecord, 'value'> {
  /** Set where its reader was sent to a place in the past, and has not come to the newest record since. */
  past?: true;
}

/** A fetched message as a record. Its value still is a part of the whole fetch response. */
export function toFrameRecord(topic: string, partition: number, message: KafkaMessage): FrameRecord {
  return {
    topic,
    partition,
    offset: message.offset,
    timestamp: Number(message.timestamp),
    ...(message.key && { key: textOf(message.key) }),
    headers: textsOf(message.headers),
    value: message.value ?? Buffer.alloc(0),
  };
}

export function infoOf({ value: _, ...info }: FrameRecord): RecordInfo {
  return info;
}

/** A key is any bytes: those that are no text, such as numbers, in hexadecimal digits, so that different ones stay different. */
function textOf(key: Buffer): string {
  return isUtf8(key) ? key.toString() : `0x${key.toString('hex')}`;
}

/** Kafka's headers are bytes and may repeat; of repeated ones the last counts, as in the Java client. */
function textsOf(headers: IHeaders = {}): RecordHeaders {
  // Any name is one, also that of what every object has.
  const texts: RecordHeaders = Object.create(null);
  for (const [name, value] of Object.entries(headers)) {
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (last !== undefined && last !== null) texts[name] = last.toString();
  }
  return texts;
}
