import { randomUUID } from 'node:crypto';
import { VideoError } from '../errors';
import { RecentMap } from '../recent-map';
import { isDuration, isPts } from './bounds';
import type { EncodedFrame, Frame } from './frame';
import { readImageHeader } from './image-header';
import { frameName } from './name';

/** Streams whose numbering is remembered; beyond, the one unused for longest starts over. */
const maxStreams = 1000;

/**
 * Makes frames of messages: of a frame message as it is, of a bare image by numbering it. Codec and size always come from the
 * image itself; anything else that is missing is filled in as for a stream that began with the reader's first image of it.
 */
export class MessageFrameReader {
  readonly #session = randomUUID();
  readonly #streams = new RecentMap<string, { count: number; beganAt: number }>(maxStreams);

  /**
   * `described` is what the message says of the frame (`msg.frame`), `stream` the stream id where that does not say it.
   * Throws NOT_A_FRAME when `payload` is not an image.
   */
  read(payload: unknown, described: unknown, stream: string): EncodedFrame {
    const data = bufferOf(payload);
    const image = data === undefined ? undefined : readImageHeader(data);
    if (data === undefined || image === undefined) {
      throw new VideoError(
        'NOT_A_FRAME',
        `Received a message that is not an image: msg.payload is ${describe(payload)}. Send a whole JPEG, PNG, WebP, GIF or AVIF as a Buffer.`,
      );
    }
    const given = (typeof described === 'object' && described !== null ? described : {}) as Partial<
      Record<keyof Frame, unknown>
    >;
    const id = nameOr(given.stream, stream);
    const time = numberOr(given.time, Date.now());
    const numbered = isSequenceNumber(given.seq) ? undefined : this.#number(id, time);
    const frame: Frame = {
      stream: id,
      session: nameOr(given.session, this.#session),
      seq: numbered?.seq ?? (given.seq as number),
      pts: isPts(given.pts) ? given.pts : (numbered?.pts ?? 0),
      time,
      ...image,
    };
    // Without a timestamp of the frame's own, a duration does not tell when the next one is due.
    if (isPts(given.pts) && isDuration(given.duration)) frame.duration = given.duration;
    if (given.live === true) frame.live = true;
    if (given.last === true) frame.last = true;
    return { frame, data };
  }

  #number(stream: string, time: number): { seq: number; pts: number } {
    const counted = this.#streams.get(stream) ?? { count: 0, beganAt: time };
    this.#streams.set(stream, counted);
    const seq = counted.count;
    counted.count += 1;
    return { seq, pts: time - counted.beganAt };
  }
}

function bufferOf(payload: unknown): Buffer | undefined {
  if (Buffer.isBuffer(payload)) return payload;
  if (!(payload instanceof Uint8Array)) return undefined;
  return Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
}

function nameOr(value: unknown, otherwise: string): string {
  return frameName(typeof value === 'string' && value !== '' ? value : otherwise);
}

/** Within what a Date can hold. */
function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15 ? value : otherwise;
}

function isSequenceNumber(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function describe(payload: unknown): string {
  if (payload === undefined || payload === null) return 'missing';
  if (payload instanceof Uint8Array) return `${payload.length} bytes of something else`;
  if (Array.isArray(payload)) return 'an array';
  if (typeof payload === 'string') return `the text "${payload.length > 40 ? `${payload.slice(0, 40)}…` : payload}"`;
  return typeof payload === 'object' ? 'an object' : `a ${typeof payload}`;
}
