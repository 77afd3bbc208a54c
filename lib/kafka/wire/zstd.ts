import { damaged, tooLarge, UnreadableError } from './unreadable';

/** What is used of fzstd, which is optional: its own types are there only where it is installed. */
interface Fzstd {
  /** Decompresses one frame into `out`, which may be larger than needed. */
  decompress(frame: Uint8Array, out: Uint8Array): Uint8Array;
}

interface ZstdFrame {
  bytes: Buffer;
  /** Bytes it takes decompressed: as it says, else at most. */
  size: number;
  isExact: boolean;
}

const magic = 0xfd2fb528;
/** The upper 28 bits of the magic number of what is to be skipped. */
const skippable = 0x184d2a5;
const blockType = { raw: 0, repeatedByte: 1, compressed: 2 };
const largestBlock = 128 * 1024;

/**
 * Decompresses Zstandard (RFC 8878) with fzstd: in JavaScript, so it runs wherever Node.js does. Other bytes follow
 * the data where its frame does not say how long it is. Throws UnreadableError, also where it may be more than `limit` bytes, and
 * where fzstd is missing.
 */
export function unzstd(bytes: Buffer, limit: number): Buffer {
  const { decompress } = load();
  const frames = framesOf(bytes);
  const size = frames.reduce((sum, frame) => sum + frame.size, 0);
  if (size > limit) throw tooLarge(limit);
  // To memory that is all there from the start: otherwise fzstd takes as much as a frame of 20 bytes declares, which may be
  // gigabytes, and moves it all for each block.
  const out = Buffer.alloc(size);
  let at = 0;
  for (const frame of frames) {
    try {
      decompress(frame.bytes, out.subarray(at, at + frame.size));
    } catch (error) {
      throw damaged('its Zstandard data cannot be decompressed', error);
    }
    at += frame.size;
  }
  return out;
}

function load(): Fzstd {
  try {
    return require('fzstd') as Fzstd;
  } catch (cause) {
    throw new UnreadableError(
      'codec-missing',
      'is compressed with Zstandard, which needs the package fzstd: run "npm install fzstd" in Node-RED\'s user directory, and restart Node-RED',
      { cause },
    );
  }
}

function framesOf(bytes: Buffer): ZstdFrame[] {
  const frames: ZstdFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const start = readUInt(bytes, at, 4);
    if (start >>> 4 === skippable) {
      at += 8 + readUInt(bytes, at + 4, 4);
      continue;
    }
    if (start !== magic) throw damaged('its Zstandard data does not begin as such');
    // Where the next one's data would begin is not known then.
    if (frames.at(-1)?.isExact === false)
      throw damaged('its Zstandard data is in pieces that do not say how long they are');
    const frame = frameAt(bytes, at);
    frames.push(frame);
    at += frame.bytes.length;
  }
  return frames;
}

function frameAt(bytes: Buffer, start: number): ZstdFrame {
  const descriptor = readUInt(bytes, start + 4, 1);
  if (descriptor & 3) throw damaged('its Zstandard data needs a dictionary');
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const sizeAt = start + (isSingleSegment ? 5 : 6);
  const sizeBytes = [isSingleSegment ? 1 : 0, 2, 4, 8][descriptor >>> 6] as number;
  let at = sizeAt + sizeBytes;
  let most = 0;
  for (let isLast = false; !isLast; ) {
    const header = readUInt(bytes, at, 3);
    const [type, size] = [(header >>> 1) & 3, header >>> 3];
    isLast = (header & 1) === 1;
    most += type === blockType.compressed ? largestBlock : size;
    at += 3 + (type === blockType.repeatedByte ? 1 : size);
  }
  at += descriptor & 4; // The checksum; the batch has one of its own.
  if (at > bytes.length) throw damaged('its Zstandard data ends early');
  const isExact = sizeBytes > 0;
  const size = isExact ? contentSize(bytes, sizeAt, sizeBytes) : most;
  return { bytes: bytes.subarray(start, at), size: Math.min(size, most), isExact };
}

function contentSize(bytes: Buffer, at: number, size: number): number {
  if (size < 8) return readUInt(bytes, at, size) + (size === 2 ? 256 : 0);
  return readUInt(bytes, at, 4) + readUInt(bytes, at + 4, 4) * 2 ** 32;
}

function readUInt(bytes: Buffer, at: number, size: number): number {
  if (at + size > bytes.length) throw damaged('its Zstandard data ends early');
  return bytes.readUIntLE(at, size);
}
