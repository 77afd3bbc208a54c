import { GrowingBytes } from './growing-bytes';
import { damaged } from './unreadable';

const magic = 0x184d2204;
/** Of the first byte behind the magic number. */
const flag = { dictionary: 0x01, contentChecksum: 0x04, contentSize: 0x08, blockChecksums: 0x10 };
const isStored = 0x80000000;
/** A match is at least so long. */
const shortest = 4;

/**
 * Decompresses frames of LZ4 (https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md). Written here because the format is
 * settled, small for reading alone, and none of the libraries takes a limit. Checksums are not looked at: the batch has one,
 * and old clients made the header's in a way of their own (KAFKA-3160). Throws UnreadableError, also for what is larger than
 * `limit` bytes.
 */
export function unlz4(bytes: Buffer, limit: number): Buffer {
  const out = new GrowingBytes(limit, Math.min(limit, 2 * bytes.length));
  let at = 0;
  const uint32 = () => {
    if (at + 4 > bytes.length) throw damaged('its LZ4 data ends early');
    at += 4;
    return bytes.readUInt32LE(at - 4);
  };
  while (at < bytes.length) {
    const start = uint32();
    // A frame to be skipped: none of it is data.
    if (start >>> 4 === 0x184d2a5) {
      at += uint32();
      continue;
    }
    if (start !== magic) throw damaged('its LZ4 data does not begin as such');
    const flags = bytes[at] ?? 0;
    if (flags >>> 6 !== 1 || flags & flag.dictionary) throw damaged('its LZ4 data is of an unknown kind');
    at += 3 + (flags & flag.contentSize ? 8 : 0);
    for (let size = uint32(); size !== 0; size = uint32()) {
      const length = (size & ~isStored) >>> 0;
      const block = bytes.subarray(at, at + length);
      if (block.length < length) throw damaged('its LZ4 data ends early');
      if (size >= isStored) out.append(block);
      else appendBlock(block, out);
      at += length + (flags & flag.blockChecksums ? 4 : 0);
    }
    at += flags & flag.contentChecksum ? 4 : 0;
  }
  return out.bytes;
}

/** See https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md */
function appendBlock(block: Buffer, out: GrowingBytes): void {
  let at = 0;
  const next = () => {
    const byte = block[at];
    if (byte === undefined) throw damaged('its LZ4 data ends early');
    at += 1;
    return byte;
  };
  const lengthFrom = (start: number) => {
    let length = start;
    if (start < 15) return length;
    let byte: number;
    do {
      byte = next();
      length += byte;
    } while (byte === 255);
    return length;
  };
  while (true) {
    const token = next();
    const literals = lengthFrom(token >>> 4);
    if (at + literals > block.length) throw damaged('its LZ4 data ends early');
    out.append(block.subarray(at, at + literals));
    at += literals;
    // The last ones are followed by no match.
    if (at === block.length) return;
    const distance = next() | (next() << 8);
    out.repeat(distance, lengthFrom(token & 15) + shortest);
  }
}
