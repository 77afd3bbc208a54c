import { hasTooManyPixels } from '../../../lib/frame/bounds';
import type { PictureMeta } from '../protocol';
import type { Canvas, Drawable } from './canvas';
import { type Presentable, PresentationQueue } from './presentation-queue';
import type { ServerClock } from './server-clock';
import { VideoDecoding, type VideoDecodingOptions } from './video-decoding';

export interface PresenterOptions {
  canvas: Canvas;
  clock: ServerClock;
  /** The picture is decoded: the next one may come. */
  onDecoded: (meta: PictureMeta) => void;
  /** The picture is on the canvas. */
  onPainted: (painted: Painted) => void;
  /** The picture cannot be decoded; the one before stays. */
  onBroken: (meta: PictureMeta, reason: 'damaged' | 'too large') => void;
  /** Compressed video cannot be decoded from here on; the picture before stays until its next key frame. */
  onInterrupted: (meta: PictureMeta) => void;
  onUnsupported: VideoDecodingOptions['onUnsupported'];
}

/** A picture on the canvas. Times in ms as performance.now() tells them. */
export interface Painted {
  meta: PictureMeta;
  /** The image as it came; none for a picture of compressed video. */
  bytes?: ArrayBuffer;
  paintedAt: number;
  /** When the node sent it on its way; unknown before the clocks were compared. */
  shownAt?: number;
  /** When it was captured; unknown before the clocks were compared. */
  capturedAt?: number;
  /** When it should have been seen; none for a picture that had no such time. */
  dueAt?: number;
  /** Pictures so far that were shown, but not on this page: it was too slow, or its line. */
  skipped: number;
}

interface Encoded {
  meta: PictureMeta;
  bytes: ArrayBuffer;
}

interface Decoded extends Presentable, Pick<Painted, 'meta' | 'bytes'> {
  bitmap: Drawable;
}

/** Pictures decoded at once: as many as the node lets be on the way. */
const maxDecoding = 2;
/** Ms a picture may have to wait for its time: more than the node's lead is an error of the clocks. */
const longestWait = 250;

/** Media type of a picture that came as a whole image. */
export const imageTypeOf = ({ codec, decoded }: PictureMeta) => `image/${decoded ? 'jpeg' : codec}`;

/**
 * Decodes pictures as they come and paints each at the refresh of the screen nearest to its time.
 *
 * createImageBitmap decodes off the main thread, two at once, and has the best throughput of what was measured (see
 * docs/display.md), without an object URL to be made and revoked per picture; ImageDecoder needs a secure context,
 * which a dashboard in a local network rarely is. So does VideoDecoder, which is why compressed video comes as JPEGs there.
 */
export class Presenter {
  readonly #options: PresenterOptions;
  readonly #queue = new PresentationQueue<Decoded>(({ bitmap }) => bitmap.close());
  /** Arrived while enough were being decoded; a newer one takes its place. */
  #waiting: Encoded | undefined;
  #decoding = 0;
  readonly #video: VideoDecoding;
  #refresh: number | undefined;
  #isClosed = false;

  constructor(options: PresenterOptions) {
    this.#options = options;
    const { onDecoded, onUnsupported } = options;
    this.#video = new VideoDecoding({
      ...{ onDecoded, onUnsupported },
      onBroken: (meta) => options.onInterrupted(meta),
      onPicture: (meta, bitmap) => this.#prepare({ meta, bitmap, number: meta.number, due: this.#dueOf(meta) }),
    });
  }

  /** Takes a picture to be painted. One that says it is too large is not decoded: that alone would take gigabytes. */
  show(meta: PictureMeta, bytes: ArrayBuffer): void {
    if (hasTooManyPixels(meta)) this.#options.onBroken(meta, 'too large');
    else if (meta.packets !== undefined) this.#video.show(meta, bytes);
    else if (this.#decoding < maxDecoding) void this.#decode({ meta, bytes });
    else this.#waiting = { meta, bytes };
  }

  /** Nobody was looking: what was not painted meanwhile was not skipped. */
  interrupt(): void {
    this.#queue.interrupt();
  }

  /** Drops what has not been painted; numbers may start over. */
  reset(): void {
    this.#waiting = undefined;
    this.#queue.clear();
    this.#video.reset();
  }

  close(): void {
    this.#isClosed = true;
    this.reset();
    if (this.#refresh !== undefined) cancelAnimationFrame(this.#refresh);
  }

  async #decode({ meta, bytes }: Encoded): Promise<void> {
    this.#decoding += 1;
    try {
      const bitmap = await createImageBitmap(new Blob([bytes], { type: imageTypeOf(meta) }));
      if (this.#isClosed) bitmap.close();
      else this.#prepare({ meta, bytes, bitmap, number: meta.number, due: this.#dueOf(meta) });
    } catch {
      if (!this.#isClosed) this.#options.onBroken(meta, 'damaged');
    }
    this.#decoding -= 1;
    const next = this.#waiting;
    this.#waiting = undefined;
    if (next !== undefined && !this.#isClosed) void this.#decode(next);
  }

  #prepare(decoded: Decoded): void {
    this.#options.onDecoded(decoded.meta);
    this.#queue.push(decoded);
    this.#refresh ??= requestAnimationFrame(() => this.#paint());
  }

  #dueOf({ due }: PictureMeta): number {
    const local = due === undefined ? undefined : this.#options.clock.toLocal(due);
    const isOff = local === undefined || local > performance.now() + longestWait;
    return isOff ? Number.NEGATIVE_INFINITY : local;
  }

  #paint(): void {
    const now = performance.now();
    const picture = this.#queue.take(now);
    this.#refresh = this.#queue.length > 0 ? requestAnimationFrame(() => this.#paint()) : undefined;
    if (picture === undefined) return;
    const { bytes, bitmap, due } = picture;
    const { packets: _packets, ...meta } = picture.meta;
    this.#options.canvas.show(bitmap);
    this.#options.onPainted({
      ...{
        meta,
        bytes,
        paintedAt: now,
        skipped: this.#queue.skipped,
        shownAt: this.#options.clock.toLocal(meta.shown),
        capturedAt: this.#options.clock.toLocal(meta.captured),
      },
      ...(Number.isFinite(due) ? { dueAt: due } : {}),
    });
  }
}
