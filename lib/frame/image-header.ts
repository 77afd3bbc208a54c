import type { ImageCodec } from './frame';

export interface ImageHeader {
  codec: ImageCodec;
  /** Width in pixels, as stored: an EXIF rotation is not applied. */
  width: number;
  /** Height in pixels, as stored. */
  height: number;
}

/**
 * Codec and size of an encoded image, from the image's own first bytes.
 * Undefined when it is not an image of a known kind. Reads headers only: damage further on goes unnoticed.
 */
export function readImageHeader(data: Uint8Array): ImageHeader | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const header = readJpeg(bytes) ?? readPng(bytes) ?? readWebp(bytes) ?? readGif(bytes) ?? readAvif(bytes);
  return header !== undefined && header.width > 0 && header.height > 0 ? header : undefined;
}

/**
 * JPEG: segments of marker and length, up to the frame header (SOFn) that holds the size.
 * ISO/IEC 10918-1, B.1.1: any number of 0xFF fill bytes may precede a marker.
 */
function readJpeg(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  let at = 2;
  while (at < bytes.length) {
    if (bytes[at] !== 0xff) return undefined;
    while (bytes[at] === 0xff) at += 1;
    const marker = bytes[at];
    at += 1;
    if (marker === undefined || isEndOfHeaders(marker)) return undefined;
    if (standsAlone(marker)) continue;
    if (at + 2 > bytes.length) return undefined;
    const length = bytes.readUInt16BE(at);
    if (length < 2) return undefined;
    if (isStartOfFrame(marker)) {
      if (at + 7 > bytes.length) return undefined;
      return { codec: 'jpeg', height: bytes.readUInt16BE(at + 3), width: bytes.readUInt16BE(at + 5) };
    }
    at += length;
  }
  return undefined;
}

/** Start of scan, end of image, or a stuffed zero: no frame header can follow. */
const isEndOfHeaders = (marker: number) => marker === 0xda || marker === 0xd9 || marker === 0x00;
/** TEM, RSTn and SOI have no length field. */
const standsAlone = (marker: number) => marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8);
/** SOF0 to SOF15, without DHT (C4), JPG (C8) and DAC (CC), which share the range. */
const isStartOfFrame = (marker: number) =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);

function readPng(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 24 || !bytes.subarray(0, 8).equals(pngSignature) || tag(bytes, 12) !== 'IHDR') return undefined;
  return { codec: 'png', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** WebP's three forms: lossy (VP8), lossless (VP8L), extended (VP8X); https://developers.google.com/speed/webp/docs/riff_container */
function readWebp(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 25 || tag(bytes, 0) !== 'RIFF' || tag(bytes, 8) !== 'WEBP') return undefined;
  const form = tag(bytes, 12);
  if (form === 'VP8L' && bytes[20] === 0x2f) {
    const bits = bytes.readUInt32LE(21);
    return { codec: 'webp', width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
  }
  if (bytes.length < 30) return undefined;
  if (form === 'VP8X') {
    return { codec: 'webp', width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1 };
  }
  if (form === 'VP8 ' && bytes.readUIntBE(23, 3) === 0x9d012a) {
    return { codec: 'webp', width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff };
  }
  return undefined;
}

function readGif(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 10) return undefined;
  const signature = bytes.toString('latin1', 0, 6);
  if (signature !== 'GIF87a' && signature !== 'GIF89a') return undefined;
  const [width, height] = [bytes.readUInt16LE(6), bytes.readUInt16LE(8)];
  const first = firstGifFrame(bytes);
  return { codec: 'gif', width: Math.max(width, first.width), height: Math.max(height, first.height) };
}

/**
 * How far the first frame of a GIF reaches: decoders enlarge the screen to hold it, whatever the screen's own size. Nothing where
 * there is no frame yet.
 */
function firstGifFrame(bytes: Buffer): { width: number; height: number } {
  const flags = bytes[10] ?? 0;
  let at = 13 + (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  while (bytes[at] === 0x21) {
    at += 2;
    // An extension's blocks, up to the empty one.
    while (bytes[at]) at += (bytes[at] as number) + 1;
    at += 1;
  }
  if (bytes[at] !== 0x2c || at + 9 > bytes.length) return { width: 0, height: 0 };
  return {
    width: bytes.readUInt16LE(at + 1) + bytes.readUInt16LE(at + 5),
    height: bytes.readUInt16LE(at + 3) + bytes.readUInt16LE(at + 7),
  };
}

/**
 * AVIF keeps its size in an `ispe` box inside `meta`. There may be several (of a thumbnail, of the tiles of a grid, of what is only
 * made up): the largest counts.
 */
function readAvif(bytes: Buffer): ImageHeader | undefined {
  if (bytes.length < 12 || tag(bytes, 4) !== 'ftyp') return undefined;
  const brand = tag(bytes, 8);
  if (brand !== 'avif' && brand !== 'avis') return undefined;
  let size = { width: 0, height: 0 };
  for (let at = bytes.indexOf('ispe'); at >= 0 && at + 16 <= bytes.length; at = bytes.indexOf('ispe', at + 4)) {
    const [width, height] = [bytes.readUInt32BE(at + 8), bytes.readUInt32BE(at + 12)];
    if (width * height > size.width * size.height) size = { width, height };
  }
  return { codec: 'avif', ...size };
}

function tag(bytes: Buffer, at: number): string {
  return bytes.toString('latin1', at, at + 4);
}
