import type { NodeMessage } from 'node-red';
import type { Place } from '../../lib/display/time-shift';
import type { TimeRange } from '../../lib/time/credible-times';

/** A message with a frame, as far as it is read here. */
export interface FrameMessage extends NodeMessage {
  frame?: unknown;
  /** Set by kafka-frame-in. */
  kafka?: Partial<Record<'partition' | 'offset' | 'range' | 'seek' | 'past' | 'maxDelay', unknown>>;
}

/** How its reader goes about the past: sent there on purpose, or leaving it behind by itself. */
export function readerOf({ kafka }: FrameMessage): { isPast: boolean; isReaderLeaping: boolean } {
  return { isPast: kafka?.past === true, isReaderLeaping: kafka?.maxDelay !== undefined };
}

/** From when till when there are records in the frame's topic; undefined where nobody says. */
export function rangeOf({ kafka }: FrameMessage): TimeRange | undefined {
  const { begin, end } = (kafka?.range ?? {}) as Partial<Record<keyof TimeRange, unknown>>;
  const isRange = Number.isFinite(begin) && Number.isFinite(end);
  return isRange ? { begin: begin as number, end: end as number } : undefined;
}

/** Where in its topic the frame was read; undefined for one that does not come from kafka-frame-in. */
export function placeOf({ kafka }: FrameMessage): Place | undefined {
  const { partition, offset } = kafka ?? {};
  if (typeof partition !== 'number' || typeof offset !== 'string' || !/^\d+$/.test(offset)) return undefined;
  return { partition, offset };
}
