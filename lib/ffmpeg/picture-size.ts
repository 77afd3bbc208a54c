import { VideoError } from '../errors';

/** Codecs whose every picture is whole by itself: a decoder keeps no others beside it. */
const wholePictures = new Set(['mjpeg', 'png', 'apng', 'gif', 'webp', 'tiff', 'bmp', 'jpeg2000', 'jpegls', 'jpegxl']);

/** Pixels. Somewhat more than 8K, for which ffmpeg takes 0.7 GB; a few KB could have it take any amount. */
const mostOfVideo = 8192 * 4608;
/** Pixels. A photograph is larger, and takes no more. */
export const mostOfPicture = 8192 * 8192;

/** The largest picture of a codec that is decoded, in pixels. */
export function mostPixels(codec: string): number {
  return wholePictures.has(codec) ? mostOfPicture : mostOfVideo;
}

/** Throws SOURCE_UNREADABLE for pictures that are too large to decode. */
export function checkPictureSize(name: string, codec: string, width: number, height: number): void {
  if (width * height > mostPixels(codec)) throw tooLarge(name, width, height);
}

/** The error for what ffprobe says of pictures it would not decode; undefined when it says something else. */
export function sizeErrorOf(words: string, name: string): VideoError | undefined {
  const [, width, height] = /Picture size (\d+)x(\d+) exceeds/.exec(words) ?? [];
  return width === undefined ? undefined : tooLarge(name, Number(width), Number(height));
}

function tooLarge(name: string, width: number, height: number): VideoError {
  return new VideoError(
    'SOURCE_UNREADABLE',
    `The pictures of ${name}, ${width} × ${height} pixels, are too large to decode: give a video of at most 8192 × 4608, or a photograph of at most 8192 × 8192`,
  );
}
