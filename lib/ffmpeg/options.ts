import { VideoError } from '../errors';
import { isUnset, readNumber } from '../read-number';
import type { Transport } from '../source/source';
import { readInputOptions } from './input-options';
import { decodeRanges } from './option-ranges';
import { readVariantName } from './variant-name';

/** How to decode a source. Undefined: as it is. */
export interface DecodeOptions {
  /** Frames per second to resample to: above 0, at most 1000. */
  fps?: number;
  /** Pixels, 1 to 65500. The aspect ratio is kept; with both, the picture is fitted into the box. */
  width?: number;
  /** Pixels, 1 to 65500. */
  height?: number;
  /** JPEG quality as libjpeg defines it, 1 to 100. Default 90. */
  quality: number;
  /** Where to begin: seconds from the source's beginning, 0 or more. */
  start?: number;
  /** Where to end: seconds from the source's beginning (of a live source: from its opening), after `start`. */
  end?: number;
  /** Start over at the end, until stopped. Recorded sources only. */
  loop: boolean;
  /** Emit frames at the speed they were recorded. */
  realtime: boolean;
  /** Deinterlace where the source is marked as interlaced (auto), always (on), or never (off). Default auto. */
  deinterlace: Deinterlace;
  /** Show pixels that are not square as wide as they are meant to be. Default true. */
  squarePixels: boolean;
  /** Which of a source's video streams, from 0; cover pictures do not count. Default 0. */
  videoStream: number;
  /** Which variant of an adaptive stream, by its name: see `Variant`. Undefined: the largest, or what `videoStream` says. */
  variant?: string;
  /** Hardware decoding: a name that `ffmpeg -hwaccels` lists, or `auto`. */
  hwaccel?: string;
  /** Wait for more at the end of a file that is being written, for as long as `stallTimeout` says. Default false. */
  follow: boolean;
  /** Seconds without a frame after which a network source or a device counts as stalled: up to 86400. Default 20. */
  stallTimeout: number;
  /** How an RTSP camera is to send. Default auto: by TCP if the camera can. */
  transport: Transport;
  /** Whether a source of the web has no end: it is connected to until stopped. Default false. */
  live: boolean;
  /** Seconds from one picture to the next of a URL that gives a single one: 0.1 to 86400. Undefined: it is not asked again. */
  every?: number;
  /** JPEGs, decoded and encoded anew, or the source's own pictures, compressed as they are. Default jpeg. */
  pictures: Pictures;
  /** More of ffmpeg's options for its input, as arguments. */
  inputOptions: string[];
}

const deinterlacings = ['auto', 'on', 'off'] as const;
export type Deinterlace = (typeof deinterlacings)[number];
const pictureKinds = ['jpeg', 'source'] as const;
export type Pictures = (typeof pictureKinds)[number];
const transports = ['auto', 'tcp', 'udp', 'multicast', 'http'] as const satisfies Transport[];

/** Options as a flow's author entered them: an empty text means unset. */
export type RawOptions = { [Name in keyof DecodeOptions]?: unknown };

export const defaultQuality = 90;
export const defaultStallTimeout = 20;

/** Reads and checks options. Throws BAD_OPTION naming the option and what it may be. */
export function parseOptions(raw: RawOptions): DecodeOptions {
  const options: DecodeOptions = {
    fps: readNumber('fps', raw.fps, decodeRanges.fps),
    width: readNumber('width', raw.width, decodeRanges.width),
    height: readNumber('height', raw.height, decodeRanges.height),
    quality: readNumber('quality', raw.quality, decodeRanges.quality) ?? defaultQuality,
    start: readNumber('start', raw.start, decodeRanges.start),
    end: readNumber('end', raw.end, decodeRanges.end),
    loop: raw.loop === true,
    realtime: raw.realtime === true,
    deinterlace: readChoice('deinterlace', raw.deinterlace, deinterlacings),
    squarePixels: raw.squarePixels !== false,
    videoStream: readNumber('videoStream', raw.videoStream, decodeRanges.videoStream) ?? 0,
    variant: readVariant(raw.variant),
    hwaccel: readHwaccel(raw.hwaccel),
    stallTimeout: readNumber('stallTimeout', raw.stallTimeout, decodeRanges.stallTimeout) ?? defaultStallTimeout,
    transport: readChoice('transport', raw.transport, transports),
    live: raw.live === true,
    follow: raw.follow === true,
    every: readNumber('every', raw.every, decodeRanges.every),
    pictures: readChoice('pictures', raw.pictures, pictureKinds),
    inputOptions: readInputOptions(raw.inputOptions),
  };
  if (options.pictures === 'source') checkUnchanged(options);
  if (options.end !== undefined && options.end <= (options.start ?? 0)) {
    throw new VideoError(
      'BAD_OPTION',
      `end (${options.end} s) must be after start (${options.start} s): correct one of them`,
    );
  }
  return options;
}

/** Throws BAD_OPTION for what would have the pictures decoded. */
function checkUnchanged({ fps, width, height, quality, deinterlace }: DecodeOptions): void {
  const changing = {
    fps: fps !== undefined,
    width: width !== undefined,
    height: height !== undefined,
    quality: quality !== defaultQuality,
    deinterlace: deinterlace === 'on',
  };
  const name = Object.entries(changing).find(([, isSet]) => isSet)?.[0];
  if (name === undefined) return;
  const remedy =
    name === 'quality' ? `set it to ${defaultQuality}` : name === 'deinterlace' ? 'set it to auto' : 'clear it';
  throw new VideoError(
    'BAD_OPTION',
    `${name} is for JPEG pictures, not for pictures as they are in the source: ${remedy}, or choose JPEG`,
  );
}

/** One of several, the first by default. */
function readChoice<Choice extends string>(
  name: string,
  value: unknown,
  choices: readonly [Choice, ...Choice[]],
): Choice {
  const found = isUnset(value) ? choices[0] : choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw new VideoError('BAD_OPTION', `${name} is ${JSON.stringify(value)}: choose ${choices.join(', ')}`);
}

function readVariant(value: unknown): string | undefined {
  if (isUnset(value)) return undefined;
  const name = readVariantName(String(value));
  if (name !== undefined) return name;
  throw new VideoError(
    'BAD_OPTION',
    `variant is ${JSON.stringify(value)}: enter a size such as 1280x720, or leave it empty for the largest`,
  );
}

function readHwaccel(value: unknown): string | undefined {
  if (isUnset(value) || value === 'none') return undefined;
  if (typeof value === 'string' && /^[a-z0-9_]+$/.test(value)) return value;
  throw new VideoError(
    'BAD_OPTION',
    `hwaccel is ${JSON.stringify(value)}: enter auto, a name that "ffmpeg -hwaccels" lists, or leave it empty`,
  );
}
