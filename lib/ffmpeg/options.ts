import { VideoError } from '../errors';

/** What to make of a source. Undefined = as it is. */
export interface DecodeOptions {
  /** Frames per second to resample to. */
  fps?: number;
  /** Pixels; with both, the picture fits into the box. The aspect is always kept. */
  width?: number;
  height?: number;
  /** 1-100, as libjpeg means it. */
  quality: number;
  /** Seconds from the source's beginning. */
  start?: number;
  end?: number;
  /** Begin again at the end, until stopped. */
  loop: boolean;
  /** Give frames out at the speed they were recorded. */
  realtime: boolean;
  /** Make whole pictures of half ones: where the source says it has such, always, or never. */
  deinterlace: Deinterlace;
  /** Which of several videos in a source, from 0; covers do not count. */
  videoStream: number;
  /** Hardware decoding: ffmpeg's name for a kind of it, or `auto`. */
  hwaccel?: string;
  /** Seconds without a frame after which a network source or a device counts as stalled. */
  stallTimeout: number;
}

const deinterlacings = ['auto', 'on', 'off'] as const;
export type Deinterlace = (typeof deinterlacings)[number];

/** Options as a flow's author entered them: an empty text means unset. */
export type RawOptions = { [Name in keyof DecodeOptions]?: unknown };

export const defaultQuality = 90;
export const defaultStallTimeout = 20;

/** Reads and checks options. Throws BAD_OPTION naming the option and what it may be. */
export function parseOptions(raw: RawOptions): DecodeOptions {
  const options: DecodeOptions = {
    fps: readNumber('fps', raw.fps, { above: 0, most: 1000 }),
    width: readNumber('width', raw.width, { least: 1, most: 65_500, whole: true }),
    height: readNumber('height', raw.height, { least: 1, most: 65_500, whole: true }),
    quality: readNumber('quality', raw.quality, { least: 1, most: 100 }) ?? defaultQuality,
    start: readNumber('start', raw.start, { least: 0 }),
    end: readNumber('end', raw.end, { above: 0 }),
    loop: raw.loop === true,
    realtime: raw.realtime === true,
    deinterlace: readDeinterlace(raw.deinterlace),
    videoStream: readNumber('videoStream', raw.videoStream, { least: 0, whole: true }) ?? 0,
    hwaccel: readHwaccel(raw.hwaccel),
    stallTimeout: readNumber('stallTimeout', raw.stallTimeout, { above: 0, most: 86_400 }) ?? defaultStallTimeout,
  };
  if (options.end !== undefined && options.end <= (options.start ?? 0)) {
    throw new VideoError(
      'BAD_OPTION',
      `end (${options.end} s) must be after start (${options.start} s): correct one of them`,
    );
  }
  return options;
}

function isUnset(value: unknown): boolean {
  return value === undefined || value === null || value === '';
}

function readDeinterlace(value: unknown): Deinterlace {
  const found = isUnset(value) ? 'auto' : deinterlacings.find((name) => name === value);
  if (found !== undefined) return found;
  throw new VideoError('BAD_OPTION', `deinterlace is ${JSON.stringify(value)}: choose ${deinterlacings.join(', ')}`);
}

function readHwaccel(value: unknown): string | undefined {
  if (isUnset(value) || value === 'none') return undefined;
  if (typeof value === 'string' && /^[a-z0-9_]+$/.test(value)) return value;
  throw new VideoError(
    'BAD_OPTION',
    `hwaccel is ${JSON.stringify(value)}: enter auto, a name that "ffmpeg -hwaccels" lists, or leave it empty`,
  );
}

interface Range {
  above?: number;
  least?: number;
  most?: number;
  whole?: boolean;
}

function readNumber(name: string, value: unknown, range: Range): number | undefined {
  if (isUnset(value)) return undefined;
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  const { above = -Infinity, least = -Infinity, most = Infinity, whole = false } = range;
  if (
    Number.isFinite(number) &&
    number > above &&
    number >= least &&
    number <= most &&
    (!whole || Number.isInteger(number))
  ) {
    return number;
  }
  const kind = whole ? 'a whole number' : 'a number';
  const from = range.above !== undefined ? ` above ${above}` : ` from ${least}`;
  const to = range.most !== undefined ? ` up to ${most}` : '';
  throw new VideoError(
    'BAD_OPTION',
    `${name} is ${JSON.stringify(value)}: enter ${kind}${from}${to}, or leave it empty`,
  );
}
