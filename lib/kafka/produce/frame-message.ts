import type { Message } from 'kafkajs';
import type { EncodedFrame } from '../../frame/frame';
import { type RecordHeaders, toRecordHeaders } from '../../frame/record-headers';

/** A frame as the record to send. */
export interface FrameMessage extends Message {
  value: Buffer;
  headers: RecordHeaders;
}

export function toFrameMessage(key: string, { frame, data }: EncodedFrame): FrameMessage {
  return { key, value: data, headers: toRecordHeaders(frame), timestamp: String(Math.trunc(frame.time)) };
}

/** Most bytes a record batch needs beside its records (v2 format: 61), rounded up. */
export const batchOverhead = 64;

/**
 * Most bytes a record takes in a batch: what the broker holds against message.max.bytes.
 * Each length and the record's own fields are varints; their longest forms are counted.
 */
export function recordBytes({ key, value, headers }: FrameMessage): number {
  let bytes = 40 + Buffer.byteLength(key as string) + value.length;
  for (const [name, text] of Object.entries(headers)) bytes += 10 + name.length + Buffer.byteLength(text);
  return bytes;
}
