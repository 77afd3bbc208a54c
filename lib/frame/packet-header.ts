import type { VideoCodec } from './frame';
import { readAv1 } from './packet/av1';
import { readH264 } from './packet/h264';
import type { PacketHeader } from './packet/header';
import { readHevc } from './packet/hevc';
import { readVp8 } from './packet/vp8';
import { readVp9 } from './packet/vp9';

export type { PacketHeader } from './packet/header';

const readers: Record<VideoCodec, (bytes: Buffer) => PacketHeader | undefined> = {
  h264: readH264,
  hevc: readHevc,
  vp8: readVp8,
  vp9: readVp9,
  av1: readAv1,
};

/**
 * What a packet of compressed video says of itself in its own first bytes: H.264 and HEVC as Annex B. Undefined where the bytes are
 * no access unit of that codec. Reads headers only: damage further on goes unnoticed. A picture that decoding could begin with, but
 * whose parameter sets are not in the packet, is no key packet. Takes any bytes, in a time that grows with their number.
 */
export function readPacketHeader(codec: VideoCodec, data: Uint8Array): PacketHeader | undefined {
  return readers[codec](Buffer.from(data.buffer, data.byteOffset, data.byteLength));
}
