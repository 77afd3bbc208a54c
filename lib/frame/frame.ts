/** How a whole image is encoded: every one stands alone. The subtype of its media type (`image/<codec>`). */
export type ImageCodec = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

/** How compressed video is encoded: most of its pictures are decoded from the ones before them. */
export type VideoCodec = 'h264' | 'hevc' | 'av1' | 'vp9' | 'vp8';

export type Codec = ImageCodec | VideoCodec;

export const imageCodecs: readonly ImageCodec[] = ['jpeg', 'png', 'webp', 'gif', 'avif'];
export const videoCodecs: readonly VideoCodec[] = ['h264', 'hevc', 'av1', 'vp9', 'vp8'];

/**
 * One picture of a video: everything about it except its bytes.
 * This is `msg.frame` in a flow and, field for field, the headers of its Kafka record.
 */
export interface Frame {
  /** Which video: the source's path or URL as given, without credentials. */
  stream: string;
  /** One run of that stream; unique per start. `seq` begins at 0 in each. */
  session: string;
  /** Position in the session, from 0. */
  seq: number;
  /** Presentation time, ms from the stream's beginning, to the microsecond. */
  pts: number;
  /** Ms until the next frame is due, 0 or more. Missing where it is unknown: another producer's frame. */
  duration?: number;
  /**
   * Wall clock in ms since the epoch: when a live source's frame was captured, as far as that is known, or when a
   * recorded one was decoded.
   */
  time: number;
  /** Width in pixels. */
  width: number;
  /** Height in pixels. */
  height: number;
  codec: Codec;
  /** Set where the source has only the present, as a camera has: whoever watches wants to see what is there now. */
  live?: true;
  /** Set on a session's last frame only. */
  last?: true;

  /*
   * Of compressed video alone. There each frame is an access unit, in decoding order: `seq` and the order in the topic are
   * those of `dts`, and `pts` may be smaller than that of the frame before.
   */

  /** Set where decoding can begin; an H.264 or HEVC access unit then has its parameter sets in front. */
  key?: true;
  /** Decoding time in ms, of the same beginning as `pts`. */
  dts?: number;
  /** What a decoder has to be able to do, as RFC 6381 writes it (`avc1.64001f`). On key frames. */
  profile?: string;
  /** Set on what is to be decoded but not shown: it comes before the place that was asked for. Never in a record. */
  preroll?: true;
}

/** A frame together with its bytes. */
export interface EncodedFrame {
  frame: Frame;
  /** One whole encoded image, or one access unit of compressed video: H.264 and HEVC as Annex B. */
  data: Buffer;
}

/** Whether a frame is a part of compressed video, which takes its key frame and what follows it to decode. */
export function isVideoCodec(codec: Codec): codec is VideoCodec {
  return (videoCodecs as readonly string[]).includes(codec);
}
