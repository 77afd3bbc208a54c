import type { FfprobeData, FfprobeStream } from 'fluent-ffmpeg';
import { messageOf, VideoError } from '../errors';
import type { FfmpegTools } from './ffmpeg-lookup';
import { probeInput } from './fluent';
import { networkOptions } from './network';
import type { Source } from './source';

/** What a source holds: the facts a decoder needs and a person wants to see. */
export interface Probe {
  /** The container, as ffmpeg names it: "mov,mp4,m4a,3gp,3g2,mj2". */
  format: string;
  /** Index of the stream that is decoded. */
  streamIndex: number;
  /** The video's codec, as ffmpeg names it: "h264". */
  codec: string;
  pixelFormat: string;
  colorRange: string;
  colorSpace: string;
  fieldOrder: string;
  /** Pixels of the upright picture. */
  width: number;
  height: number;
  /** Degrees clockwise the coded picture must be turned to be upright: 0, 90, 180 or 270. */
  rotation: number;
  /** Frames per second on average. Undefined where the source does not say. */
  fps?: number;
  /** Ms. Undefined where the source does not say. */
  duration?: number;
}

/** Looks into a source. Throws SOURCE_UNREADABLE or SOURCE_NO_VIDEO. */
export async function probe(tools: FfmpegTools, source: Source): Promise<Probe> {
  let data: FfprobeData;
  try {
    data = await probeInput(tools.ffprobe, source.input, [
      '-v',
      'error',
      '-protocol_whitelist',
      source.protocols,
      ...networkOptions(source),
    ]);
  } catch (cause) {
    throw new VideoError('SOURCE_UNREADABLE', `${source.name} cannot be read: ${explain(cause, source)}`, { cause });
  }
  return readProbe(data, source.name);
}

/** Reads ffprobe's answer about the source called `name`. */
export function readProbe(data: FfprobeData, name: string): Probe {
  const format = text(data.format.format_name);
  const stream = data.streams.find((candidate) => candidate.codec_type === 'video' && !isCover(candidate));
  // ffmpeg "plays" text files as the art of old terminals.
  if (format === 'tty') {
    throw new VideoError('SOURCE_UNREADABLE', `${name} is a text file, not a video: give the path of a video file`);
  }
  if (stream === undefined) {
    const what = data.streams.some((candidate) => candidate.codec_type === 'audio') ? 'only sound' : 'no video';
    throw new VideoError('SOURCE_NO_VIDEO', `${name} holds ${what}: give a source with pictures`);
  }
  const width = Number(stream.width);
  const height = Number(stream.height);
  if (!(width > 0 && height > 0)) {
    throw new VideoError(
      'SOURCE_UNREADABLE',
      `The size of the video in ${name} cannot be found out: check that it plays elsewhere`,
    );
  }
  const rotation = rotationOf(stream);
  const [uprightWidth, uprightHeight] = rotation % 180 === 0 ? [width, height] : [height, width];
  return {
    format,
    streamIndex: stream.index,
    codec: text(stream.codec_name),
    pixelFormat: text(stream.pix_fmt),
    colorRange: text(stream.color_range),
    colorSpace: text(stream.color_space),
    fieldOrder: text(stream.field_order),
    width: uprightWidth,
    height: uprightHeight,
    rotation,
    fps: rate(stream.avg_frame_rate) ?? rate(stream.r_frame_rate),
    duration: milliseconds(stream.duration) ?? milliseconds(data.format.duration),
  };
}

/** A picture that belongs to a song: it is no video, whatever ffmpeg calls it. */
function isCover(stream: FfprobeStream): boolean {
  return stream.disposition?.attached_pic === 1;
}

/** The display matrix turns counter-clockwise; the older `rotate` tag, clockwise. */
function rotationOf(stream: FfprobeStream): number {
  const matrix = Number(stream.rotation);
  const degrees = Number.isFinite(matrix) ? -matrix : Number(stream.tags?.rotate ?? 0);
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360 || 0;
}

/** ffprobe writes "25/1", and "0/0" for what it does not know. */
function rate(fraction: unknown): number | undefined {
  const [numerator = Number.NaN, denominator = Number.NaN] = text(fraction).split('/').map(Number);
  const value = numerator / denominator;
  return Number.isFinite(value) && value > 0 ? value : undefined;
}

function milliseconds(seconds: unknown): number | undefined {
  const value = Number(seconds);
  return Number.isFinite(value) && value > 0 ? value * 1000 : undefined;
}

function text(value: unknown): string {
  return value === undefined ? '' : String(value);
}

/** ffprobe's own last line without the input's name, which may hold a password, and what to do. */
function explain(error: unknown, source: Source): string {
  const lines = messageOf(error).trim().split('\n');
  const last = (lines.at(-1) ?? '').replaceAll(`${source.input}: `, '').replaceAll(source.input, source.name);
  return `${last}. Check that it is a video and plays elsewhere`;
}
