import type { PacketHeader } from './header';

/** A frame of VP8 (RFC 6386, 9.1). */
export function readVp8(bytes: Buffer): PacketHeader | undefined {
  if (bytes.length < 3) return undefined;
  const tag = bytes.readUIntLE(0, 3);
  const isKey = (tag & 1) === 0;
  const version = (tag >> 1) & 7;
  const firstPartition = tag >> 5;
  if (version > 3 || firstPartition > bytes.length - (isKey ? 10 : 3)) return undefined;
  if (!isKey) return { key: false };
  if (bytes.readUIntBE(3, 3) !== 0x9d012a) return undefined;
  // The two bits above each are how large it is to be shown.
  const width = bytes.readUInt16LE(6) & 0x3fff;
  const height = bytes.readUInt16LE(8) & 0x3fff;
  return width > 0 && height > 0 ? { key: true, profile: 'vp8', width, height } : undefined;
}
