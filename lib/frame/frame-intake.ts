import { randomUUID } from 'node:crypto';
import { VideoError } from '../errors';
import type { EncodedFrame, Frame } from './frame';
import { readImageHeader } from './image-header';

/**
 * Makes frames of what a flow sends: of a frame message as it is, of a bare image by numbering it. What is missing is
 * filled in: codec and size always come from the image itself, the rest as for a stream that began with its first image.
 */
export class FrameIntake {
  readonly #session = randomUUID();
  readonly #streams = new Map<string, { count: number; beganAt: number }>();

  /**
   * `given` is what is said of the frame, `stream` the name where that does not say it.
   * Throws NOT_A_FRAME when `payload` is no image.
   */
  read(payload: unknown, given: unknown, stream: string): EncodedFrame {
    const data = bufferOf(payload);
    const image = data === undefined ? undefined : readImageHeader(data);
    if (data === undefined || image === undefined) {
      throw new VideoError(
        'NOT_A_FRAME',
        `msg.payload is no image (${describe(payload)}): send a whole JPEG, PNG, WebP, GIF or AVIF as a Buffer.`,
      );
    }
    const said = (typeof given === 'object' && given !== null ? given : {}) as Partial<Record<keyof Frame, unknown>>;
    const id = typeof said.stream === 'string' && said.stream !== '' ? said.stream : stream;
    const time = numberOr(said.time, Date.now());
    const numbered = isPosition(said.seq) ? undefined : this.#number(id, time);
    const frame: Frame = {
      stream: id,
      session: typeof said.session === 'string' && said.session !== '' ? said.session : this.#session,
      seq: numbered?.seq ?? (said.seq as number),
      pts: numberOr(said.pts, numbered?.pts ?? 0),
      time,
      ...image,
    };
    if (Number.isFinite(said.duration)) frame.duration = said.duration as number;
    if (said.last === true) frame.last = true;
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

/** Within what a Date can hold. */
function numberOr(value: unknown, otherwise: number): number {
  return typeof value === 'number' && Math.abs(value) <= 8.64e15 ? value : otherwise;
}

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function describe(payload: unknown): string {
  if (payload === undefined || payload === null) return 'it is missing';
  if (payload instanceof Uint8Array) return `${payload.length} bytes of something else`;
  return Array.isArray(payload) ? 'an array' : `of type ${typeof payload}`;
}
