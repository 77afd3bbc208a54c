import { randomUUID } from 'node:crypto';
import { VideoError } from '../errors';
import { RecentMap } from '../recent-map';
import { isDuration, isProfile, isPts, isSize } from './bounds';
import { type EncodedFrame, type Frame, isVideoCodec, type VideoCodec } from './frame';
import { frameName } from './name';
import { type Picture, PictureReader } from './picture-reader';

/** Streams whose numbering is remembered; beyond, the one unused for longest starts over. */
const maxStreams = 1000;

const codecNames: Record<VideoCodec, string> = { h264: 'H.264', hevc: 'HEVC', av1: 'AV1', vp9: 'VP9', vp8: 'VP8' };

/** What a message says of its frame: anything. */
type Given = Partial<Record<keyof Frame, unknown>>;

/**
 * Makes frames of messages: of a frame message as it is, of a bare image by numbering it. Codec and size always come from the
 * image itself; anything else that is missing is filled in as for a stream that began with the reader's first image of it.
 * Compressed video is what is said to be; whether that is so, which frames are key frames and how large they are comes from the
 * bytes, too.
 */
export class MessageFrameReader {
  readonly #session = randomUUID();
  readonly #pictures = new PictureReader();
  readonly #streams = new RecentMap<string, { count: number; beganAt: number }>(maxStreams);

  /**
   * `described` is what the message says of the frame (`msg.frame`), `stream` the stream id where that does not say it.
   * Throws NOT_A_FRAME when `payload` is neither an image nor an access unit of the codec that `described` says.
   */
  read(payload: unknown, described: unknown, stream: string): EncodedFrame {
    const data = bufferOf(payload);
    const given = (typeof described === 'object' && described !== null ? described : {}) as Given;
    const id = nameOr(given.stream, stream);
    const session = nameOr(given.session, this.#session);
    const picture = data && this.#pictures.read(data, pictureOf(given), { stream: id, session });
    if (data === undefined || picture === undefined) throw notAFrame(payload, given);
    if (picture.width === 0) throw beforeKeyFrame(id);
    const time = numberOr(given.time, Date.now());
    const numbered = isSequenceNumber(given.seq) ? undefined : this.#number(id, time);
    const frame: Frame = {
      stream: id,
      session,
      seq: numbered?.seq ?? (given.seq as number),
      pts: isPts(given.pts) ? given.pts : (numbered?.pts ?? 0),
      time,
      ...picture,
    };
    // Without a timestamp of the frame's own, a duration does not tell when the next one is due.
    if (isPts(given.pts) && isDuration(given.duration)) frame.duration = given.duration;
    if (given.live === true) frame.live = true;
    if (given.last === true) frame.last = true;
    if (isVideoCodec(frame.codec) && isPts(given.dts)) frame.dts = given.dts;
    if (isVideoCodec(frame.codec) && given.preroll === true) frame.preroll = true;
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

/** What a message says of its picture; whatever is malformed is left out. */
function pictureOf({ codec, width, height, profile }: Given): Partial<Picture> {
  const isCodec = typeof codec === 'string' && isVideoCodec(codec as VideoCodec);
  return {
    ...(isCodec && { codec: codec as VideoCodec }),
    ...(isSize(width) && isSize(height) && { width, height }),
    ...(isProfile(profile) && { profile }),
  };
}

function notAFrame(payload: unknown, given: Given): VideoError {
  const { codec } = pictureOf(given);
  const text =
    codec !== undefined && isVideoCodec(codec)
      ? `Received a message that is not ${codecNames[codec]} video, though msg.frame.codec is "${codec}": msg.payload is ${describe(payload)}. Send one access unit a message as a Buffer, H.264 and HEVC as Annex B, or leave out msg.frame.codec for an image.`
      : `Received a message that is not an image: msg.payload is ${describe(payload)}. Send a whole JPEG, PNG, WebP, GIF or AVIF as a Buffer, or compressed video with its codec in msg.frame.codec.`;
  return new VideoError('NOT_A_FRAME', text);
}

function beforeKeyFrame(stream: string): VideoError {
  return new VideoError(
    'NOT_A_FRAME',
    `Received compressed video of "${stream}" that nobody can decode: no key frame has come yet, with parameter sets in front for H.264 and HEVC. Begin with a key frame.`,
  );
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
