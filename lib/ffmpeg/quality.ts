/**
 * ffmpeg's mjpeg quantiser (1 finest, 69 coarsest) that gives the picture quality of libjpeg at `quality` (1-100).
 *
 * libjpeg scales its tables by S percent, ffmpeg its own by qscale, and the two sets of tables differ; the line
 * below is fitted to equal SSIM (all planes, against sharp, every twelfth frame of examples/bigbuckbunny.mp4).
 * Off by less than 0.004 from quality 20 to 95.
 */
export function quantiserOf(quality: number): number {
  const scale = quality < 50 ? 5000 / quality : 200 - 2 * quality;
  return Math.min(Math.max(Math.round(0.35 + scale / 16), 1), maxQuantiser);
}

export const maxQuantiser = 69;
