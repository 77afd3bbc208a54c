/*
 * What a record or a message may say of a frame. Anybody may have written it, so it is bounded where it is read: whatever reads a
 * frame afterwards may count on these.
 */

/** Ms: a thousand years. */
const maxPts = 3.2e13;
/** Ms: an hour; nobody waits longer for the next frame of a video. */
export const maxDuration = 3_600_000;
/**
 * Pixels of a picture that is shown: 8K has 33 to 35 million. A page decodes to 4 bytes a pixel, and a picture of 64 KB may say
 * that it has 268 million of them.
 */
const maxPixels = 40_000_000;

export function isPts(value: unknown): value is number {
  return Number.isFinite(value) && Math.abs(value as number) <= maxPts;
}

export function isDuration(value: unknown): value is number {
  return Number.isFinite(value) && (value as number) >= 0 && (value as number) <= maxDuration;
}

/** Whether it may be the width or the height of a picture, in pixels. */
export function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) > 0;
}

/** Whether it may be what RFC 6381 calls a codec's parameters: `avc1.64001f`, `hev1.1.6.L93.B0`, `av01.0.04M.08`. */
export function isProfile(value: unknown): value is string {
  return typeof value === 'string' && /^[\w.-]{1,64}$/.test(value);
}

/** Whether a picture is too large to be decoded where it is shown. */
export function hasTooManyPixels({ width, height }: { width: number; height: number }): boolean {
  return width * height > maxPixels;
}
