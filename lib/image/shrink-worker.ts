import sharp from 'sharp';
import { messageOf } from '../errors';

export interface ShrinkTask {
  image: Uint8Array;
  maxBytes: number;
}

export type ShrinkResult =
  | { outcome: 'shrunk'; data: Uint8Array; width: number; height: number; quality: number }
  | { outcome: 'unreadable'; reason: string }
  | { outcome: 'too-large' };

/** Pixels of an image that is decoded: 64 million take 192 MB. A small file may claim any number. */
const maxPixels = 64_000_000;
/** Below 40 libjpeg's blocks show; a smaller picture looks better than a worse one. */
const qualities = [85, 70, 55, 40];
/** Each step halves the pixels. */
const scaleStep = Math.SQRT1_2;
/** A picture narrower than this shows nothing any more. */
const minWidth = 16;

/** Runs in the pool: see `shrink`. */
export default async function shrinkImage({ image, maxBytes }: ShrinkTask): Promise<ShrinkResult> {
  let decoded: { data: Buffer; info: sharp.OutputInfo };
  try {
    // Decoded once for all attempts. JPEG knows no transparency.
    decoded = await sharp(image, { limitInputPixels: maxPixels })
      .rotate()
      .flatten()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
  } catch (error) {
    return { outcome: 'unreadable', reason: messageOf(error) };
  }
  const { width, height, channels } = decoded.info;
  const pixels = () => sharp(decoded.data, { raw: { width, height, channels } });

  for (let scale = 1; scale === 1 || width * scale >= minWidth; scale *= scaleStep) {
    for (const quality of qualities) {
      const encoder = scale === 1 ? pixels() : pixels().resize({ width: Math.round(width * scale) });
      const { data, info } = await encoder.jpeg({ quality }).toBuffer({ resolveWithObject: true });
      if (data.length <= maxBytes) {
        return { outcome: 'shrunk', data, width: info.width, height: info.height, quality };
      }
    }
  }
  return { outcome: 'too-large' };
}
