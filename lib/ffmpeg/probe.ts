import { stat } from 'node:fs/promises';
import { VideoError } from '../errors';
import { RecentMap } from '../recent-map';
import { fileOf } from '../source/local-source';
import type { Source } from '../source/source';
import { type FfprobeLimits, type RawProbe, type RawStream, runFfprobe } from './ffprobe';
import type { FfmpegTools } from './lookup';
import type { DecodeOptions } from './options';
import { checkPictureSize } from './picture-size';
import { chooseVariant, haveVariants, type Variant, variantsIn } from './variants';

/** What is in a source: what the decoder needs and a person wants to see. */
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
  colorTransfer: string;
  fieldOrder: string;
  /** Pixels of the upright picture. */
  width: number;
  height: number;
  /** Width of a pixel / its height: not 1 where video is stored squeezed. */
  pixelAspect: number;
  /** Degrees clockwise the coded picture must be turned to be upright: 0, 90, 180 or 270. */
  rotation: number;
  /** Frames per second on average. Undefined where the source does not say. */
  fps?: number;
  /** Ms. Undefined where the source does not say. */
  duration?: number;
  /** How many videos to choose from there are in it. */
  videos: number;
  /** Which of them is decoded, from 0. */
  video: number;
  /** Of an adaptive stream, where the videos are versions of one another: all of them, the largest first. */
  variants?: Variant[];
  /** Whether it goes on for as long as it is watched, though its protocol also carries what has an end. */
  live: boolean;
  /** Whether its frames come with times: bare JPEGs of a camera do not. */
  hasClock: boolean;
}

/** Frames per second assumed of a video that does not say. */
export const usualFps = 25;

/** What comes over http without an end in sight, when it has no duration: a camera's JPEGs, a television channel. */
const endless = new Set(['hls', 'mpjpeg', 'mpegts', 'flv']);

/** What comes without times, for which ffmpeg invents 25 frames per second. Over a network they come as they are made. */
const clockless = new Set(['mpjpeg', 'mjpeg', 'image2', 'image2pipe', 'h264', 'hevc', 'm4v', 'mpegvideo']);
const isClockless = (format: string) => clockless.has(format) || format.endsWith('_pipe');

/** Which of several videos is meant. */
export type VideoChoice = Partial<Pick<DecodeOptions, 'videoStream' | 'variant'>>;

export interface ProbeOptions extends FfprobeLimits, VideoChoice {}

/** ffprobe's answers about files. */
const known = new RecentMap<string, RawProbe>(100);

/** Probes a source. Throws SOURCE_UNREADABLE, SOURCE_STALLED, SOURCE_NO_VIDEO, or BAD_OPTION for a video it does not have. */
export async function probe(tools: FfmpegTools, source: Source, options: ProbeOptions = {}): Promise<Probe> {
  return readProbe(await ask(tools, source, options), source, options);
}

/** A file that has not changed since is not asked again: ffprobe takes a good part of the time to the first frame. */
async function ask(tools: FfmpegTools, source: Source, options: ProbeOptions): Promise<RawProbe> {
  if (source.kind !== 'file') return runFfprobe(tools.ffprobe, source, options);
  const { size, mtimeMs, ino } = await stat(fileOf(source));
  const id = JSON.stringify([tools.ffprobe, source.input, size, mtimeMs, ino]);
  const answer = known.get(id) ?? (await runFfprobe(tools.ffprobe, source, options));
  known.set(id, answer);
  return answer;
}

/** Reads ffprobe's answer about the source called `name`. */
export function readProbe(
  data: RawProbe,
  source: Pick<Source, 'kind' | 'name' | 'recorded' | 'follow'>,
  choice: VideoChoice = {},
): Probe {
  const { kind, name } = source;
  // ffmpeg up to 4.x has two names for HLS.
  const format = text(data.format?.format_name).replace('hls,applehttp', 'hls');
  const streams = data.streams ?? [];
  const videos = videosIn(streams);
  const variants = variantsIn(videos);
  const { variant, videoStream = 0 } = choice;
  const isByVariant = variants.length > 0 && (variant !== undefined || videoStream === 0);
  const { video } = isByVariant ? chooseVariant(variants, variant, name) : { video: videoStream };
  const stream = videos[video];
  // ffmpeg "plays" text files as the art of old terminals.
  if (format === 'tty') {
    throw new VideoError('SOURCE_UNREADABLE', `${name} is a text file, not a video: give the path of a video file`);
  }
  if (stream === undefined && videos.length > 0) {
    const which = videos.length === 1 ? 'only video 0' : `the videos 0 to ${videos.length - 1}`;
    throw new VideoError('BAD_OPTION', `${name} has ${which}, not ${videoStream}: choose one it has`);
  }
  if (stream === undefined) {
    const what = streams.some((candidate) => candidate.codec_type === 'audio') ? 'only sound' : 'no video';
    throw new VideoError('SOURCE_NO_VIDEO', `${name} holds ${what}: give a source with pictures`);
  }
  const width = Number(stream.width);
  const height = Number(stream.height);
  if (!(width > 0 && height > 0)) {
    throw new VideoError(
      'SOURCE_UNREADABLE',
      `The size of the video in ${name} is unknown: check that it plays elsewhere`,
    );
  }
  checkPictureSize(name, text(stream.codec_name), width, height);
  const rotation = rotationOf(stream);
  const length = milliseconds(stream.duration) ?? milliseconds(data.format?.duration);
  const isLying = rotation % 180 !== 0;
  const [uprightWidth, uprightHeight] = isLying ? [height, width] : [width, height];
  const aspect = ratio(stream.sample_aspect_ratio, ':') ?? 1;
  const live = kind === 'network' && length === undefined && endless.has(format);
  const hasClock = !((live || !source.recorded) && isClockless(format));
  return {
    format,
    streamIndex: stream.index,
    codec: text(stream.codec_name),
    pixelFormat: text(stream.pix_fmt),
    colorRange: text(stream.color_range),
    colorSpace: text(stream.color_space),
    colorTransfer: text(stream.color_transfer),
    fieldOrder: text(stream.field_order),
    width: uprightWidth,
    height: uprightHeight,
    pixelAspect: isLying ? 1 / aspect : aspect,
    rotation,
    fps: hasClock ? (ratio(stream.avg_frame_rate, '/') ?? ratio(stream.r_frame_rate, '/')) : undefined,
    duration: source.recorded && source.follow === undefined ? length : undefined,
    videos: videos.length,
    video,
    ...(variants.length === 0 ? {} : { variants: variants.map(({ video: _, ...shown }) => shown) }),
    live,
    hasClock,
  };
}

/** Whether nothing that matters is missing of the video: ffmpeg may not have looked at a stream for long enough. */
export function isDescribed({ streams = [] }: RawProbe, { videoStream = 0 }: VideoChoice = {}): boolean {
  const videos = videosIn(streams);
  // Which variant is the largest is known once the size of each is.
  const asked = haveVariants(videos) ? videos : [videos[videoStream]];
  return asked.every((video) => video?.width !== undefined && video.pix_fmt !== undefined);
}

function videosIn(streams: RawStream[]): RawStream[] {
  return streams.filter((stream) => stream.codec_type === 'video' && !isCover(stream));
}

/** Whether it is the cover of a song, which ffmpeg counts as a video stream. */
function isCover(stream: RawStream): boolean {
  return stream.disposition?.attached_pic === 1;
}

/** The display matrix turns counter-clockwise; the older `rotate` tag, clockwise. */
function rotationOf(stream: RawStream): number {
  const matrix = stream.side_data_list?.find(({ rotation }) => rotation !== undefined)?.rotation;
  const degrees = matrix === undefined ? Number(stream.tags?.rotate ?? 0) : -matrix;
  return (((Math.round(degrees / 90) * 90) % 360) + 360) % 360 || 0;
}

/** ffprobe writes "25/1" and "64:45", and "0/0" or "0:1" for what it does not know. */
function ratio(fraction: unknown, sign: '/' | ':'): number | undefined {
  const [numerator = Number.NaN, denominator = Number.NaN] = text(fraction).split(sign).map(Number);
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
