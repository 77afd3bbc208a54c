/**
 * The moment a picture was taken, burnt into it: 24 bits of ms and 8 of checksum, as two rows of 16 black or white
 * fields along the top. Large enough to survive JPEG and H.264, and read back from pixels wherever a frame is seen.
 */

const columns = 16;
const bits = 32;

export interface Size {
  width: number;
  height: number;
}

/** Paints a moment (ms since the run began, below 2^24) into RGB pixels. */
export function paintCode(pixels: Buffer, { width }: Size, ms: number): void {
  const value = ms * 256 + checksum(ms);
  const field = Math.floor(width / columns);
  for (let bit = 0; bit < bits; bit += 1) {
    const shade = Math.floor(value / 2 ** bit) % 2 === 1 ? 255 : 0;
    const left = (bit % columns) * field;
    const top = Math.floor(bit / columns) * field;
    for (let y = top; y < top + field; y += 1)
      pixels.fill(shade, (y * width + left) * 3, (y * width + left + field) * 3);
  }
}

/**
 * The moment painted into a picture, whatever its size; undefined where the checksum says that it was not read right.
 * `brightnessAt` tells the brightness of a pixel, 0 to 255.
 */
export function readCode(width: number, brightnessAt: (x: number, y: number) => number): number | undefined {
  const field = width / columns;
  let value = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    const x = Math.floor(((bit % columns) + 0.5) * field);
    const y = Math.floor((Math.floor(bit / columns) + 0.5) * field);
    if (brightnessAt(x, y) > 127) value += 2 ** bit;
  }
  const ms = Math.floor(value / 256);
  return checksum(ms) === value % 256 ? ms : undefined;
}

/** Not zero for zero, so that a black picture is no moment. */
function checksum(ms: number): number {
  return ((ms & 0xff) + ((ms >> 8) & 0xff) * 3 + ((ms >> 16) & 0xff) * 7 + 0xa5) & 0xff;
}
