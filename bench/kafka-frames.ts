import sharp from 'sharp';

/** Data that is read as a JPEG of 1280 by 720 pixels and takes exactly so many bytes. */
export async function imageOf(bytes: number): Promise<Buffer> {
  const create = { width: 1280, height: 720, channels: 3, background: 'teal' } as const;
  const jpeg = await sharp({ create }).jpeg().toBuffer();
  return Buffer.concat([jpeg], bytes);
}
