import type { Capabilities } from './capabilities';
import { commandArguments } from './fluent';
import { networkOptions } from './network';
import type { DecodeOptions } from './options';
import type { Probe } from './probe';
import { maxQuantiser, quantiserOf } from './quality';
import type { Source } from './source';

/** The file descriptor ffmpeg writes the index to, beside the images on stdout. */
export const indexDescriptor = 3;

/**
 * ffmpeg's arguments for one pass over a source from `position` (ms) on: one encode, told twice. framecrc stands
 * first, so a frame's size is known before its bytes are written, and its reader can hold ffmpeg between the two.
 */
export function decodeArguments(
  source: Source,
  probe: Probe,
  options: DecodeOptions,
  capabilities: Capabilities,
  position: number,
): string[] {
  const copy = canCopy(probe, options);
  return commandArguments({
    input: source.input,
    inputOptions: [
      '-hide_banner',
      '-nostdin',
      '-loglevel',
      'error',
      // Timestamps stay the source's own where a seek would start them anew.
      '-copyts',
      '-start_at_zero',
      '-protocol_whitelist',
      source.protocols,
      ...networkOptions(source),
      ...rangeOptions(source, options, position),
    ],
    videoCodec: copy ? 'copy' : 'mjpeg',
    videoFilters: copy ? [] : videoFilters(probe, options, capabilities),
    outputOptions: [
      '-map',
      `0:${probe.streamIndex}`,
      '-sn',
      '-dn',
      ...(copy ? [] : encoderOptions(options, capabilities)),
    ],
    format: 'tee',
    output: `[f=framecrc]pipe:${indexDescriptor}|[f=image2pipe]pipe:1`,
  });
}

/** Pictures that are JPEGs already need no second compression, unless something about them is to change. */
export function canCopy(probe: Probe, options: DecodeOptions): boolean {
  return (
    probe.codec === 'mjpeg' &&
    probe.rotation === 0 &&
    options.fps === undefined &&
    options.width === undefined &&
    options.height === undefined
  );
}

function rangeOptions(source: Source, options: DecodeOptions, position: number): string[] {
  const range: string[] = [];
  if (source.recorded && position > 0) range.push('-ss', seconds(position));
  if (options.end !== undefined) range.push('-t', seconds(options.end * 1000 - (source.recorded ? position : 0)));
  return range;
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(6);
}

function encoderOptions(options: DecodeOptions, capabilities: Capabilities): string[] {
  return [
    '-q:v',
    String(quantiserOf(options.quality)),
    '-qmin',
    '1',
    '-qmax',
    String(maxQuantiser),
    ...capabilities.passthrough,
    // In its default time base, 1/framerate, the encoder rounds the timestamps of a variable rate together and
    // refuses the frames that then coincide. The fps filter makes a constant rate, for which it is exact.
    ...(options.fps === undefined ? capabilities.sourceTimeBase : []),
  ];
}

function videoFilters(probe: Probe, options: DecodeOptions, capabilities: Capabilities): string[] {
  const size = fitSize(probe, options);
  const fast = capabilities.zscale ? fastFormat(probe, size ?? probe) : undefined;
  const filters: string[] = [];
  if (options.fps !== undefined) filters.push(`fps=${options.fps}`);
  if (fast !== undefined) {
    const scaling = size === undefined ? '' : `w=${size.width}:h=${size.height}:filter=bicubic:`;
    filters.push(`zscale=${scaling}rin=tv:r=pc`, `format=${fast}`);
  } else if (size !== undefined) {
    filters.push(`scale=${size.width}:${size.height}`);
  }
  return filters;
}

export interface Size {
  width: number;
  height: number;
}

/** The size to scale to, aspect kept: even numbers, which every chroma format can do. Undefined = as it is. */
export function fitSize(source: Size, wanted: Partial<Size>): Size | undefined {
  const { width = Infinity, height = Infinity } = wanted;
  const scale = Math.min(width / source.width, height / source.height);
  if (scale === Infinity || scale === 1) return undefined;
  return { width: even(source.width * scale), height: even(source.height * scale) };
}

function even(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}

/** JPEG stores the full range of values; video mostly the TV range. zimg converts one to the other much faster. */
const fullRangeFormats: Record<string, string> = {
  yuv420p: 'yuvj420p',
  yuv422p: 'yuvj422p',
  yuv444p: 'yuvj444p',
};

/**
 * The pixel format to encode when zscale may do the conversion: 8 bit YUV of the TV range, progressive, of even size.
 * zscale fails on most others where swscale, ffmpeg's default, does not.
 */
function fastFormat(probe: Probe, target: Size): string | undefined {
  const isLimited = !['pc', 'jpeg'].includes(probe.colorRange);
  const isYuv = probe.colorSpace !== 'gbr';
  const isProgressive = !['tt', 'bb', 'tb', 'bt'].includes(probe.fieldOrder);
  const isEven = [probe.width, probe.height, target.width, target.height].every((pixels) => pixels % 2 === 0);
  return isLimited && isYuv && isProgressive && isEven ? fullRangeFormats[probe.pixelFormat] : undefined;
}
