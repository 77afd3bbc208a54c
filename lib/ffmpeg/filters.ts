import type { Capabilities } from './capabilities';
import type { DecodeOptions } from './options';
import type { Probe } from './probe';
import { arrivalTimestamps, growingTimestamps } from './timestamps';

export interface Size {
  width: number;
  height: number;
}

/** The filters between decoder and JPEG encoder, in order. */
export function videoFilters(probe: Probe, options: DecodeOptions, capabilities: Capabilities): string[] {
  const size = fitSize(options.squarePixels ? squared(probe) : probe, options, probe);
  const isDeinterlaced = deinterlaces(probe, options);
  return [
    ...(probe.hasClock ? [growingTimestamps(probe)] : arrivalTimestamps),
    ...(keepsFilters(probe) ? sameSize(probe) : []),
    // bwdif leaves frames alone that are not marked as interlaced, unless told that all are.
    ...(isDeinterlaced ? [`bwdif=mode=send_frame:deint=${options.deinterlace === 'on' ? 'all' : 'interlaced'}`] : []),
    ...(options.fps === undefined ? [] : [`fps=${options.fps}`]),
    ...conversion(probe, size, capabilities, isDeinterlaced),
    ...(options.squarePixels && probe.pixelAspect !== 1 ? ['setsar=1'] : []),
  ];
}

/** Whether the frames' two fields, which were taken one after the other, are to be combined by the deinterlacer. */
export function deinterlaces(probe: Probe, { deinterlace }: DecodeOptions): boolean {
  return deinterlace === 'on' || (deinterlace === 'auto' && isInterlaced(probe));
}

/**
 * The size to scale a picture of size `shown` to, aspect kept: even numbers, which every chroma format can do.
 * Undefined = as it is `stored`.
 */
export function fitSize(shown: Size, wanted: Partial<Size>, stored: Size = shown): Size | undefined {
  const { width = Infinity, height = Infinity } = wanted;
  const fitting = Math.min(width / shown.width, height / shown.height);
  const scale = fitting === Infinity ? 1 : fitting;
  if (scale === 1 && shown.width === stored.width && shown.height === stored.height) return undefined;
  return { width: even(shown.width * scale), height: even(shown.height * scale) };
}

/** The size of the picture in square pixels. */
function squared({ width, height, pixelAspect }: Probe): Size {
  return { width: pixelAspect === 1 ? width : even(width * pixelAspect), height };
}

/**
 * Whether ffmpeg is to keep the filters when the picture's size changes, and not to make them anew, in which case they would lose
 * count of the time. Only `sameSize` can deal with that, for pictures of 8 bits and even size that ffmpeg need not turn first.
 */
export function keepsFilters({ pixelFormat, rotation, width, height }: Probe): boolean {
  return rotation === 0 && width % 2 === 0 && height % 2 === 0 && /^yuvj?4(20|22|44)p$/.test(pixelFormat);
}

/** Fits pictures that come in another size into the size of the first one, undistorted. Leaves all others alone. */
function sameSize({ width, height }: Size): string[] {
  return [
    `scale=w=${width}:h=${height}:force_original_aspect_ratio=decrease:eval=frame`,
    `pad=w=${width}:h=${height}:x=(ow-iw)/2:y=(oh-ih)/2:eval=frame`,
  ];
}

function even(pixels: number): number {
  return Math.max(2, Math.round(pixels / 2) * 2);
}

/** Converts to what a JPEG holds: full range, BT.601, standard dynamic range. */
function conversion(
  probe: Probe,
  size: Size | undefined,
  { zscale, tonemap }: Capabilities,
  isDeinterlaced: boolean,
): string[] {
  const scaling = size === undefined ? '' : `w=${size.width}:h=${size.height}:filter=bicubic:`;
  if (isHighDynamicRange(probe) && zscale && tonemap) return toneMapping(probe, scaling);
  const matrix = matrixOf(probe);
  const fast = zscale ? fastFormat(probe, size ?? probe, isDeinterlaced) : undefined;
  if (fast !== undefined) {
    const colours = matrix === undefined ? '' : `:min=${matrix}:m=170m`;
    return [`zscale=${scaling}rin=tv:r=pc${colours}`, `format=${fast}`];
  }
  const scale = [
    ...(size === undefined ? [] : [`${size.width}:${size.height}`]),
    ...(matrix === undefined ? [] : ['out_color_matrix=bt601']),
  ];
  return scale.length === 0 ? [] : [`scale=${scale.join(':')}`];
}

/** Linear light, BT.709 primaries, and Hable's curve for what is brighter than white, which is 100 nits. */
function toneMapping({ colorTransfer }: Probe, scaling: string): string[] {
  return [
    `zscale=${scaling}tin=${colorTransfer}:pin=2020:min=2020_ncl:t=linear:npl=100`,
    'format=gbrpf32le',
    'zscale=p=709',
    'tonemap=hable:desat=0',
    'zscale=t=709:m=170m:r=pc',
    'format=yuvj420p',
  ];
}

function isHighDynamicRange({ colorTransfer }: Probe): boolean {
  return colorTransfer === 'smpte2084' || colorTransfer === 'arib-std-b67';
}

function isInterlaced({ fieldOrder }: Probe): boolean {
  return ['tt', 'bb', 'tb', 'bt'].includes(fieldOrder);
}

/**
 * How the source makes colours of YUV, in zscale's words, where a JPEG does otherwise: its decoders know BT.601 only,
 * and ffmpeg's encoder would store BT.709 as it is, with wrong reds and greens. Undefined = nothing to change.
 */
function matrixOf({ colorSpace }: Probe): string | undefined {
  return { bt709: '709', bt2020nc: '2020_ncl', bt2020c: '2020_cl' }[colorSpace];
}

/** JPEG stores the full range of values; video mostly the TV range. zimg converts one to the other much faster. */
const fullRangeFormats: Record<string, string> = {
  yuv420p: 'yuvj420p',
  yuv422p: 'yuvj422p',
  yuv444p: 'yuvj444p',
  yuv420p10le: 'yuvj420p',
  yuv422p10le: 'yuvj422p',
  yuv444p10le: 'yuvj444p',
};

/**
 * The pixel format to encode when zscale may do the conversion: YUV of the TV range, progressive, of even size.
 * zscale fails on most others where swscale, ffmpeg's default, does not.
 */
function fastFormat(probe: Probe, target: Size, isDeinterlaced: boolean): string | undefined {
  const isLimited = !['pc', 'jpeg'].includes(probe.colorRange);
  const isYuv = probe.colorSpace !== 'gbr';
  const isProgressive = isDeinterlaced || !isInterlaced(probe);
  const isEven = [probe.width, probe.height, target.width, target.height].every((pixels) => pixels % 2 === 0);
  return isLimited && isYuv && isProgressive && isEven ? fullRangeFormats[probe.pixelFormat] : undefined;
}
