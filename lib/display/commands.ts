import { VideoError } from '../errors';
import type { TimeRange } from '../time/credible-times';
import type { Place, SeekTarget } from './time-shift';

export const displayActions = [
  ...(['play', 'pause', 'step', 'stop', 'speed', 'stream', 'seek', 'live', 'replay', 'session', 'range'] as const),
] as const;
export type DisplayAction = (typeof displayActions)[number];

/** A command to a display, validated. */
export type DisplayCommand =
  | { action: 'play' | 'pause' | 'step' | 'stop' | 'live' | 'replay' }
  | { action: 'speed'; value: number }
  | { action: 'stream'; value: string }
  | { action: 'seek'; value: SeekTarget }
  /** Where in the topic a session begins. */
  | { action: 'session'; value: Place }
  | { action: 'range'; value: TimeRange };

/**
 * Reads a command as flow authors and browsers write it: numbers may be texts, times may be ISO 8601.
 * Throws BAD_OPTION for an action or a value that makes no sense.
 */
export function parseCommand(action: unknown, value: unknown): DisplayCommand {
  switch (action) {
    case 'play':
    case 'pause':
    case 'step':
    case 'stop':
    case 'live':
    case 'replay':
      return { action };
    case 'speed':
      return { action, value: speedOf(value) };
    case 'stream':
      if (typeof value !== 'string')
        throw new VideoError('BAD_OPTION', `Stream ${textOf(value)} is not a name: give a string.`);
      return { action, value };
    case 'seek':
      if (value === 'beginning' || value === 'end') return { action, value };
      return { action, value: parseMoment(value) ?? parseTime(propertyOf(value, 'time') ?? value) };
    case 'session':
      return { action, value: parsePlace(value) };
    case 'range': {
      const range = { begin: parseTime(propertyOf(value, 'begin')), end: parseTime(propertyOf(value, 'end')) };
      if (range.begin <= range.end) return { action, value: range };
      throw new VideoError('BAD_OPTION', 'The range ends before it begins: give { begin, end }, both times.');
    }
    default:
      throw new VideoError('BAD_OPTION', `Action "${textOf(action)}" is unknown: use ${displayActions.join(', ')}.`);
  }
}

/** Ms: what a Date can hold. */
const latestTime = 8.64e15;

function speedOf(value: unknown): number {
  const isText = typeof value === 'string' && value.trim() !== '';
  return isText || typeof value === 'number' ? Number(value) : Number.NaN;
}

/** For a message; not everything can be made a text: symbols, objects without a prototype. */
const textOf = (value: unknown) => (typeof value === 'object' && value !== null ? 'an object' : String(value));

function parseTime(value: unknown): number {
  const time = value instanceof Date ? value.getTime() : typeof value === 'string' ? Date.parse(value) : value;
  if (typeof time === 'number' && Math.abs(time) <= latestTime) return time;
  throw new VideoError(
    'BAD_OPTION',
    `"${textOf(value)}" is not a valid time: give ms since the epoch, or a time such as 2026-01-31T12:00:00Z.`,
  );
}

function parseMoment(value: unknown): { session: string; pts: number } | undefined {
  const [session, pts] = [propertyOf(value, 'session'), propertyOf(value, 'pts')];
  return typeof session === 'string' && Number.isFinite(pts) ? { session, pts: pts as number } : undefined;
}

function parsePlace(value: unknown): Place {
  const [partition, offset] = [propertyOf(value, 'partition'), String(propertyOf(value, 'offset'))];
  if (typeof partition === 'number' && /^\d+$/.test(offset)) return { partition, offset };
  throw new VideoError('BAD_OPTION', 'A session needs to be told by where it begins: give { partition, offset }.');
}

const propertyOf = (value: unknown, name: string) =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
