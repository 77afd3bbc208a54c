import { GrowingBytes } from './growing-bytes';
import { damaged } from './unreadable';

/** What the Java client puts in front of the blocks, with a version and the oldest one that can read it, 32 bits each. */
const xerialMagic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const xerialHeader = 16;

/**
 * Decompresses Snappy as Kafka's clients write it: blocks in the framing of xerial's snappy-java, or one bare block. Written
 * here because the format is settled (https://github.com/google/snappy/blob/main/format_description.txt) and libraries copy
 * byte by byte, or take no limit. Throws UnreadableError, also for what is larger than `limit` bytes.
 */
export function unsnappy(bytes: Buffer, limit: number): Buffer {
  const out = new GrowingBytes(limit, Math.min(limit, 2 * bytes.length));
  if (!isXerial(bytes, 0)) {
    appendBlock(bytes, out);
    return out.bytes;
  }
  for (let at = 0; at < bytes.length; ) {
    // Streams that were put together have one more in between.
    if (isXerial(bytes, at)) {
      at += xerialHeader;
      continue;
    }
    if (at + 4 > bytes.length) throw damaged('its Snappy data ends early');
    const size = bytes.readUInt32BE(at);
    const block = bytes.subarray(at + 4, at + 4 + size);
    if (block.length < size) throw damaged('its Snappy data ends early');
    if (size > 0) appendBlock(block, out);
    at += 4 + size;
  }
  return out.bytes;
}

function isXerial(bytes: Buffer, at: number): boolean {
  return bytes.subarray(at, at + xerialMagic.length).equals(xerialMagic);
}

function appendBlock(block: Buffer, out: GrowingBytes): void {
  let at = 0;
  const little = (size: number) => {
    if (at + size > block.length) throw damaged('its Snappy data ends early');
    at += size;
    return block.readUIntLE(at - size, size);
  };
  let length = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = little(1);
    length += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
    if (shift === 28) throw damaged('its Snappy data has no length');
  }
  out.assertRoom(length);
  const end = out.length + length;
  while (at < block.length) {
    const tag = little(1);
    const upper = tag >>> 2;
    switch (tag & 3) {
      case 0: {
        const size = (upper < 60 ? upper : little(upper - 59)) + 1;
        if (at + size > block.length) throw damaged('its Snappy data ends early');
        out.append(block.subarray(at, at + size));
        at += size;
        break;
      }
      case 1:
        out.repeat(((tag >>> 5) << 8) | little(1), (upper & 7) + 4);
        break;
      case 2:
        out.repeat(little(2), upper + 1);
        break;
      default:
        out.repeat(little(4), upper + 1);
    }
  }
  if (out.length !== end) throw damaged('its Snappy data is not as long as it says');
}
