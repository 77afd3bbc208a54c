import type { NodeMessage } from 'node-red';
import type { Place, TopicRange } from '../../lib/display/time-shift';
import { messageOf, VideoError } from '../../lib/errors';
import type { EncodedFrame, Frame } from '../../lib/frame/frame';
import { readImageHeader } from '../../lib/frame/image-header';

export interface FrameMessage extends NodeMessage {
  frame?: Partial<Frame>;
  /** Set by kafka-frame-in. */
  kafka?: { partition?: unknown; offset?: unknown; range?: unknown };
}

/** From when till when there are records in the frame's topic; undefined where nobody says. */
export function rangeOf({ kafka }: FrameMessage): TopicRange | undefined {
  const { begin, end } = (kafka?.range ?? {}) as Partial<Record<keyof TopicRange, unknown>>;
  const isRange = Number.isFinite(begin) && Number.isFinite(end);
  return isRange ? { begin: begin as number, end: end as number } : undefined;
}

/** Where in its topic the frame was read; undefined for one that does not come from kafka-frame-in. */
export function placeOf({ kafka }: FrameMessage): Place | undefined {
  const { partition, offset } = kafka ?? {};
  if (typeof partition !== 'number' || typeof offset !== 'string' || !/^\d+$/.test(offset)) return undefined;
  return { partition, offset };
}

/**
 * The frame in a message. What `msg.frame` does not say, the image itself does; an image alone has no time stamps and
 * so is paced by the interval. `count` is its number where it has none.
 * Throws NOT_A_FRAME when the payload is no image.
 */
export function readFrameMessage(msg: FrameMessage, count: number): EncodedFrame {
  const { payload } = msg;
  const data = payload instanceof Uint8Array ? asBuffer(payload) : undefined;
  const header = data === undefined ? undefined : readImageHeader(data);
  if (data === undefined || header === undefined) {
    throw new VideoError('NOT_A_FRAME', `msg.payload is no image but ${describe(payload)}: send a JPEG as a Buffer.`);
  }
  const given = typeof msg.frame === 'object' && msg.frame !== null ? msg.frame : {};
  const pts = finite(given.pts);
  const duration = finite(given.duration);
  const frame: Frame = {
    stream: text(given.stream) ?? text(msg.topic) ?? '',
    session: text(given.session) ?? '',
    seq: finite(given.seq) ?? count,
    pts: pts ?? 0,
    // Without a time stamp the duration says nothing about when the frame is due.
    ...(pts !== undefined && duration !== undefined && duration > 0 ? { duration } : {}),
    time: finite(given.time) ?? Date.now(),
    ...header,
    ...(given.last === true ? { last: true } : {}),
  };
  return { frame, data };
}

const asBuffer = (bytes: Uint8Array) =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
const finite = (value: unknown) => (Number.isFinite(value) ? (value as number) : undefined);
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

function describe(payload: unknown): string {
  if (payload instanceof Uint8Array) return `${payload.length} bytes of something else`;
  if (payload === undefined || payload === null) return 'missing';
  if (Array.isArray(payload)) return 'an array';
  return typeof payload === 'object' ? 'an object' : `the ${typeof payload} "${messageOf(payload).slice(0, 40)}"`;
}
