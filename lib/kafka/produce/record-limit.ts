import { VideoError } from '../../errors';
import type { Frame } from '../../frame/frame';
import { batchOverhead, recordBytes, toFrameMessage } from './frame-message';
import { nameOf, type QueuedFrame } from './lane';

/** Makes an image fit into `maxBytes`. */
export type Shrink = (
  image: Buffer,
  maxBytes: number,
) => Promise<Pick<Frame, 'width' | 'height' | 'codec'> & { data: Buffer }>;

/** Bytes: no image is made smaller than this, so that shrinking need not be tried where key and headers leave less. */
const leastImage = 512;

/** How large a record may be, and what becomes of a larger one. */
export class RecordLimit {
  /** Most bytes of a record, headers and batch overhead included. */
  readonly maxBytes: number;
  readonly #shrink: Shrink | undefined;

  /** Without `shrink`, larger frames are refused. */
  constructor(maxBytes: number, shrink: Shrink | undefined) {
    this.maxBytes = maxBytes;
    this.#shrink = shrink;
  }

  admits({ bytes }: QueuedFrame): boolean {
    return bytes + batchOverhead <= this.maxBytes;
  }

  /** Makes the frame fit, in place. Throws RECORD_TOO_LARGE where it cannot, and what `shrink` throws. */
  async fit(queued: QueuedFrame): Promise<void> {
    const { frame, key, message, bytes } = queued;
    if (this.#shrink === undefined) throw this.#tooLarge(queued);
    const room = this.maxBytes - batchOverhead - (bytes - message.value.length);
    if (room < leastImage) throw this.#tooLarge(queued);
    const { data, width, height, codec } = await this.#shrink(message.value, room);
    queued.frame = { ...frame, width, height, codec };
    queued.message = toFrameMessage(key, { frame: queued.frame, data });
    queued.bytes = recordBytes(queued.message);
    queued.shrunk = true;
    if (!this.admits(queued)) throw this.#tooLarge(queued);
  }

  #tooLarge({ frame, bytes }: QueuedFrame): VideoError {
    return new VideoError(
      'RECORD_TOO_LARGE',
      `${nameOf(frame)} makes a record of ${bytes} bytes, more than the ${this.maxBytes} allowed. Let it be shrunk, lower the quality or size at the source, or raise the limit here and the topic's max.message.bytes.`,
    );
  }
}
