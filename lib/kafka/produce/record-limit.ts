import { VideoError } from '../../errors';
import { type Frame, isVideoCodec } from '../../frame/frame';
import { batchOverhead, recordBytes, toFrameMessage } from './frame-message';
import { nameOf, type QueuedFrame } from './lane';
import type { TopicLimits } from './topic-limits';

/** Makes an image fit into `maxBytes`. */
export type Shrink = (
  image: Buffer,
  maxBytes: number,
) => Promise<Pick<Frame, 'width' | 'height' | 'codec'> & { data: Buffer }>;

/** What becomes of frames that are too large. */
export type Oversize = 'shrink' | 'reject';

/** Bytes: no image is made smaller than this, so that shrinking need not be tried where key and headers leave less. */
const leastImage = 512;

/** How large a record may be, and what becomes of a larger one. */
export class RecordLimit {
  readonly #maxBytes: number;
  readonly #topics: TopicLimits;
  readonly #shrink: Shrink | undefined;
  readonly #oversize: Oversize;

  /**
   * `maxBytes`: of a record, headers and batch overhead included; a topic may take less. Without `shrink`, larger frames
   * are refused, as those of compressed video are in any case. With `reject` it is for the last frame of a session alone.
   */
  constructor(maxBytes: number, topics: TopicLimits, shrink: Shrink | undefined, oversize: Oversize = 'shrink') {
    this.#maxBytes = maxBytes;
    this.#topics = topics;
    this.#shrink = shrink;
    this.#oversize = oversize;
  }

  /** Most bytes of a record for this topic, and of a batch, headers and overhead included. */
  of(topic: string): number {
    return Math.min(this.#maxBytes, this.#topics.of(topic));
  }

  admits(topic: string, { bytes }: QueuedFrame): boolean {
    return bytes + batchOverhead <= this.of(topic);
  }

  /**
   * The topic refused the frame as too large. Makes it smaller, where that may be, and resolves with whether it is to be sent again.
   * Throws as `fit` does.
   */
  async refused(topic: string, queued: QueuedFrame): Promise<boolean> {
    if (isVideoCodec(queued.frame.codec)) {
      // A guess would refuse others that fit.
      await this.#topics.refused(topic, queued.bytes + batchOverhead, { mayGuess: false });
      throw this.#tooLarge(topic, queued);
    }
    if (this.#shrinkFor(queued) === undefined) return false;
    await this.#topics.refused(topic, queued.bytes + batchOverhead);
    await this.fit(topic, queued);
    return true;
  }

  /** Makes the frame fit, in place. Throws RECORD_TOO_LARGE where it cannot, and what `shrink` throws. */
  async fit(topic: string, queued: QueuedFrame): Promise<void> {
    const { frame, key, message, bytes } = queued;
    const shrink = this.#shrinkFor(queued);
    if (shrink === undefined) throw this.#tooLarge(topic, queued);
    const room = this.of(topic) - batchOverhead - (bytes - message.value.length);
    if (room < leastImage) throw this.#tooLarge(topic, queued);
    const { data, width, height, codec } = await shrink(message.value, room);
    queued.frame = { ...frame, width, height, codec };
    queued.message = toFrameMessage(key, { frame: queued.frame, data });
    queued.bytes = recordBytes(queued.message);
    queued.shrunk = true;
    if (!this.admits(topic, queued)) throw this.#tooLarge(topic, queued);
  }

  /** A session's last frame gets through: whoever shows it would wait for its end. */
  #shrinkFor({ frame: { codec, last } }: QueuedFrame): Shrink | undefined {
    return (this.#oversize === 'shrink' || last) && !isVideoCodec(codec) ? this.#shrink : undefined;
  }

  #tooLarge(topic: string, queued: QueuedFrame): VideoError {
    const { frame, bytes } = queued;
    const limit = this.admits(topic, queued) ? `than topic "${topic}" takes` : `than the ${this.of(topic)} allowed`;
    const remedy = isVideoCodec(frame.codec)
      ? "Compressed video cannot be shrunk here: raise the limit here and the topic's max.message.bytes, or lower the bit rate at its source, which makes key frames smaller. The frames that hang on this one are not sent either, up to the next key frame."
      : "Let it be shrunk, lower the quality or size at the source, or raise the limit here and the topic's max.message.bytes.";
    return new VideoError(
      'RECORD_TOO_LARGE',
      `${nameOf(frame)} makes a record of ${bytes} bytes, more ${limit}. ${remedy}`,
    );
  }
}
