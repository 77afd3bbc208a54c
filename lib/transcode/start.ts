import { VideoError } from '../errors';
import { type Frame, isVideoCodec, type VideoCodec } from '../frame/frame';
import { type PacketHeader, readPacketHeader } from '../frame/packet-header';

/** What one ffmpeg decodes. */
export interface Kind {
  codec: VideoCodec;
  profile: string | undefined;
  width: number;
  height: number;
}

/** A packet that decoding may begin with. */
export interface Start {
  codec: VideoCodec;
  /** Undefined where its bytes are nothing of that codec. */
  header: PacketHeader | undefined;
}

/** Undefined where decoding cannot begin with it. */
export function startOf({ codec }: Frame, data: Buffer): Start | undefined {
  if (!isVideoCodec(codec)) return undefined;
  const header = readPacketHeader(codec, data);
  return header === undefined || header.key ? { codec, header } : undefined;
}

/** What is to be decoded, in the packet's own words where it has them. Throws NOT_A_FRAME where it is not what it is said to be. */
export function kindOf({ codec, header }: Start, frame: Frame): Kind {
  if (header === undefined) {
    const what = `Packet ${frame.seq} of ${frame.stream}, ${frame.codec} by its header, is something else`;
    throw new VideoError('NOT_A_FRAME', `${what}: check who sends it. Decoding goes on at the next key frame`);
  }
  const { profile = frame.profile, width = frame.width, height = frame.height } = header;
  return { codec, profile, width, height };
}

/** Whether another ffmpeg is to decode it; not one at all where a header is missing. */
export function isOther(kind: Kind, header: PacketHeader | undefined): boolean {
  if (header === undefined) return true;
  const { profile = kind.profile, width = kind.width, height = kind.height } = header;
  return profile !== kind.profile || width !== kind.width || height !== kind.height;
}

/** Whether a codec's pictures may be decoded in another order than they are shown: all packets of the others give one, in order. */
export function mayReorder(codec: VideoCodec): boolean {
  return codec === 'h264' || codec === 'hevc';
}
