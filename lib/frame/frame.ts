/** How a frame's image is encoded; the subtype of its media type (`image/<codec>`). */
export type Codec = 'jpeg' | 'png' | 'webp' | 'gif' | 'avif';

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
}

/** A frame together with its encoded image. */
export interface EncodedFrame {
  frame: Frame;
  /** One whole encoded image. */
  data: Buffer;
}
