import type { Admin } from 'kafkajs';
import { VideoError } from '../../errors';
import type { TopicOffset } from '../cluster/topic-partition';

/** A place in a topic. Without `partition`, or `topic`, it is meant for each. */
export type Position = 'beginning' | 'end' | { time: number } | { offset: bigint; partition?: number; topic?: string };

/**
 * A position as a flow author writes it: 'beginning', 'end', an offset as a whole number, a time as a Date or an ISO
 * 8601 text, or explicitly `{ offset, partition?, topic? }` or `{ time }` (time then also in ms since the epoch).
 * Throws BAD_OPTION for anything else.
 */
export function parsePosition(value: unknown): Position {
  if (value === 'beginning' || value === 'end') return value;
  if (value instanceof Date || isTimeText(value)) return { time: timeOf(value) };
  if (isOffset(value)) return { offset: BigInt(value) };
  if (typeof value === 'object' && value !== null) {
    const { time, offset, partition, topic } = value as Record<string, unknown>;
    if (isOffset(offset) && (partition === undefined || isPartition(partition))) {
      return { offset: BigInt(offset), ...(partition !== undefined && { partition }), ...(isName(topic) && { topic }) };
    }
    if (time !== undefined && offset === undefined) return { time: timeOf(time) };
  }
  throw new VideoError(
    'BAD_OPTION',
    `${JSON.stringify(value)} is not a position in a topic: use "beginning", "end", an offset, a time such as "2026-01-31T12:00:00Z", or { offset, partition, topic }.`,
  );
}

/** The offsets a position means in each partition of `topics`: for a time, the first record at or after it. */
export async function resolvePosition(admin: Admin, topics: string[], position: Position): Promise<TopicOffset[]> {
  return (await Promise.all(topics.map((topic) => resolveIn(admin, topic, position)))).flat();
}

async function resolveIn(admin: Admin, topic: string, position: Position): Promise<TopicOffset[]> {
  if (typeof position === 'object' && 'time' in position) {
    const found = await admin.fetchTopicOffsetsByTimestamp(topic, position.time);
    return found.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }));
  }
  if (typeof position === 'object' && (position.topic ?? topic) !== topic) return [];
  const offsets = await admin.fetchTopicOffsets(topic);
  return offsets
    .filter(({ partition }) => typeof position === 'string' || (position.partition ?? partition) === partition)
    .map(({ partition, low, high }) => {
      if (position === 'beginning') return { topic, partition, offset: BigInt(low) };
      if (position === 'end') return { topic, partition, offset: BigInt(high) };
      return { topic, partition, offset: within(position.offset, BigInt(low), BigInt(high)) };
    });
}

function within(offset: bigint, low: bigint, high: bigint): bigint {
  if (offset < low) return low;
  return offset > high ? high : offset;
}

function isOffset(value: unknown): value is number | string | bigint {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0;
  return typeof value === 'bigint' ? value >= 0n : typeof value === 'string' && /^\d+$/.test(value);
}

function isPartition(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTimeText(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d/.test(value);
}

function timeOf(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : typeof value === 'number' ? value : Date.parse(String(value));
  if (Number.isFinite(time) && time >= 0) return Math.trunc(time);
  throw new VideoError('BAD_OPTION', `"${value}" is not a valid time: write it as 2026-01-31T12:00:00Z.`);
}
