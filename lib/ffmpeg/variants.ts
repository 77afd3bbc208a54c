import { VideoError } from '../errors';
import type { RawStream } from './ffprobe';

/** One of several versions of the same video, of which a player takes the one that suits it. */
export interface Variant {
  /** `1280x720`; where another has the same size, with its bitrate: `1280x720@2149280`. */
  name: string;
  /** Pixels. */
  width: number;
  height: number;
  /** Bits per second, as the playlist says. */
  bitrate: number;
}

/** A variant, and which of the source's videos it is, from 0. */
export interface VariantVideo extends Variant {
  video: number;
}

/**
 * The variants among a source's videos, the largest first; of two of the same size, the one of the higher bitrate. None in anything
 * but a playlist of HLS or DASH with several of them: only there has a video a bitrate as a variant.
 */
export function variantsIn(videos: RawStream[]): VariantVideo[] {
  if (!haveVariants(videos)) return [];
  const sizes = videos.map(({ width = 0, height = 0 }) => `${width}x${height}`);
  return videos
    .map(({ width = 0, height = 0, tags }, video) => {
      const size = sizes[video] as string;
      const bitrate = Number(tags?.variant_bitrate);
      const isAlone = sizes.indexOf(size) === sizes.lastIndexOf(size);
      return { name: isAlone ? size : `${size}@${bitrate}`, width, height, bitrate, video };
    })
    .sort((one, other) => other.width * other.height - one.width * one.height || other.bitrate - one.bitrate);
}

/** Whether the videos are variants of one another. */
export function haveVariants(videos: RawStream[]): boolean {
  return videos.length > 1 && videos.every(({ tags }) => tags?.variant_bitrate !== undefined);
}

/**
 * The variant that was asked for by its name, or else the largest; by the size alone, the one of the highest bitrate. Throws
 * BAD_OPTION for one that the source called `name` does not have.
 */
export function chooseVariant(variants: VariantVideo[], wanted: string | undefined, name: string): VariantVideo {
  const found = variants.find((variant) => wanted === undefined || isAskedBy(wanted, variant));
  if (found !== undefined) return found;
  const names = variants.map((variant) => variant.name).join(', ');
  throw new VideoError('BAD_OPTION', `${name} has no variant ${wanted}: choose one of ${names}, or leave it blank`);
}

function isAskedBy(wanted: string, { name, width, height, bitrate }: Variant): boolean {
  const size = `${width}x${height}`;
  return [name, size, `${size}@${bitrate}`].includes(wanted);
}
