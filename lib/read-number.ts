import { VideoError } from './errors';

/** What a number may be. */
export interface NumberRange {
  /** More than this. */
  above?: number;
  min?: number;
  max?: number;
  whole?: boolean;
}

/** Whether a field was left empty. */
export function isUnset(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
}

/** What was entered in a numeric field, NaN where it is no number. */
export function numberOf(value: unknown): number {
  return typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
}

export function isInRange(number: number, range: NumberRange): boolean {
  const { above = -Infinity, min = -Infinity, max = Infinity, whole = false } = range;
  const isWithin = number > above && number >= min && number <= max;
  return Number.isFinite(number) && isWithin && (!whole || Number.isInteger(number));
}

/**
 * Reads a number as a flow's author entered it: undefined for an empty field. Throws BAD_OPTION, naming the field and what it
 * may be, for everything else that is not a number in its range.
 */
export function readNumber(name: string, value: unknown, range: NumberRange): number | undefined {
  if (isUnset(value)) return undefined;
  const number = numberOf(value);
  if (isInRange(number, range)) return number;
  const { above, min = -Infinity, max, whole } = range;
  const kind = whole ? 'a whole number' : 'a number';
  const from = above === undefined ? ` from ${min}` : ` above ${above}`;
  const to = max === undefined ? '' : ` up to ${max}`;
  throw new VideoError(
    'BAD_OPTION',
    `${name} is ${JSON.stringify(value)}: enter ${kind}${from}${to}, or leave it empty`,
  );
}
