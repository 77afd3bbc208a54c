import type { VideoCodec } from '../../frame/frame';

/*
 * As little of Matroska (RFC 9559) as carries one video's packets into ffmpeg, each with its time: of all containers that ffmpeg
 * reads from a pipe, the one that takes every codec as it is.
 */

/** https://www.ietf.org/archive/id/draft-ietf-cellar-codec-15.html, and RFC 9559's registry. */
const codecIds: Record<VideoCodec, string> = {
  h264: 'V_MPEG4/ISO/AVC',
  hevc: 'V_MPEGH/ISO/HEVC',
  av1: 'V_AV1',
  vp9: 'V_VP9',
  vp8: 'V_VP8',
};

/** Nanoseconds to a tick: a tick is a microsecond. */
const timestampScale = 1000;
const trackNumber = 1;

/**
 * The beginning of a file without an end. There are no parameter sets in it (CodecPrivate), which makes ffmpeg take H.264 and HEVC as
 * Annex B.
 */
export function matroskaHeader(codec: VideoCodec, width: number, height: number): Buffer {
  const video = element(0xe0, [unsigned(0xb0, width), unsigned(0xba, height)]);
  const track = element(0xae, [
    unsigned(0xd7, trackNumber),
    unsigned(0x73c5, trackNumber),
    unsigned(0x83, 1),
    text(0x86, codecIds[codec]),
    video,
  ]);
  return Buffer.concat([
    element(0x1a45dfa3, [text(0x4282, 'matroska'), unsigned(0x4287, 4), unsigned(0x4285, 2)]),
    // The segment, of unknown size.
    Buffer.from('1853806701ffffffffffffff', 'hex'),
    element(0x1549a966, [unsigned(0x2ad7b1, timestampScale)]),
    element(0x1654ae6b, [track]),
  ]);
}

/** A packet at `time` (whole microseconds, 0 or more), as a cluster of its own: within one, times have 16 bits. */
export function matroskaPacket(time: number, isKey: boolean, data: Uint8Array): Buffer {
  const block = Buffer.from([0x80 | trackNumber, 0, 0, isKey ? 0x80 : 0]);
  return element(0x1f43b675, [unsigned(0xe7, time), element(0xa3, [block, data])]);
}

function element(id: number, content: Uint8Array[]): Buffer {
  const size = content.reduce((sum, { length }) => sum + length, 0);
  const head = Buffer.alloc(idLength(id) + 8);
  const at = head.writeUIntBE(id, 0, idLength(id));
  head.writeBigUInt64BE(BigInt(size), at);
  // How many bytes the size has: all eight.
  head[at] = 1;
  return Buffer.concat([head, ...content]);
}

function unsigned(id: number, value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return element(id, [bytes]);
}

function text(id: number, value: string): Buffer {
  return element(id, [Buffer.from(value)]);
}

function idLength(id: number): number {
  return Math.ceil((32 - Math.clz32(id)) / 8);
}
