import type { PictureMeta } from '../protocol';

export type Fit = 'contain' | 'cover' | 'fill';

export interface PainterOptions {
  canvas: HTMLCanvasElement;
  fit: Fit;
  /** The picture is on the canvas. */
  onPainted: (meta: PictureMeta) => void;
  /** The picture cannot be decoded; the one before stays. */
  onBroken: (meta: PictureMeta, error: unknown) => void;
}

interface Encoded {
  meta: PictureMeta;
  bytes: ArrayBuffer;
}

interface Decoded {
  meta: PictureMeta;
  bitmap: ImageBitmap;
}

/**
 * Paints the newest picture at the screen's next refresh. One is decoded while another may wait; a newer one takes
 * the waiting one's place, so a slow machine skips pictures and never falls behind.
 *
 * createImageBitmap decodes off the main thread and is the fastest way measured (headless Chromium, 2 cores, 720p of
 * 225 KB: 12 to 17 ms, <img> with decode() 16 to 23 ms), without an object URL to be made and revoked per picture.
 */
export class Painter {
  readonly #options: PainterOptions;
  readonly #context: CanvasRenderingContext2D;
  /** Arrived, not decoded yet. */
  #waiting: Encoded | undefined;
  #isDecoding = false;
  /** Decoded, to be painted at the next refresh. */
  #ready: Decoded | undefined;
  #refresh: number | undefined;
  /** On the canvas; kept to repaint it when the size changes. */
  #painted: ImageBitmap | undefined;
  #isClosed = false;

  constructor(options: PainterOptions) {
    this.#options = options;
    this.#context = options.canvas.getContext('2d', { alpha: true, desynchronized: false }) as CanvasRenderingContext2D;
  }

  /** Takes a picture to be painted. */
  show(meta: PictureMeta, bytes: ArrayBuffer): void {
    this.#waiting = { meta, bytes };
    if (!this.#isDecoding) void this.#decode();
  }

  setFit(fit: Fit): void {
    this.#options.fit = fit;
    this.repaint();
  }

  /** Paints the same picture again, for a canvas that has changed its size. */
  repaint(): void {
    if (this.#painted !== undefined) this.#draw(this.#painted);
  }

  close(): void {
    this.#isClosed = true;
    this.#waiting = undefined;
    if (this.#refresh !== undefined) cancelAnimationFrame(this.#refresh);
    this.#ready?.bitmap.close();
    this.#painted?.close();
  }

  async #decode(): Promise<void> {
    this.#isDecoding = true;
    while (this.#waiting !== undefined) {
      const { meta, bytes } = this.#waiting;
      this.#waiting = undefined;
      try {
        const bitmap = await createImageBitmap(new Blob([bytes], { type: `image/${meta.codec}` }));
        this.#prepare({ meta, bitmap });
      } catch (error) {
        if (!this.#isClosed) this.#options.onBroken(meta, error);
      }
    }
    this.#isDecoding = false;
  }

  #prepare(decoded: Decoded): void {
    if (this.#isClosed) {
      decoded.bitmap.close();
      return;
    }
    this.#ready?.bitmap.close();
    this.#ready = decoded;
    this.#refresh ??= requestAnimationFrame(() => this.#paint());
  }

  #paint(): void {
    this.#refresh = undefined;
    const { meta, bitmap } = this.#ready as Decoded;
    this.#ready = undefined;
    this.#draw(bitmap);
    this.#painted?.close();
    this.#painted = bitmap;
    this.#options.onPainted(meta);
  }

  /**
   * The canvas gets the pixels that the screen can show and no more; how they fit into the box is left to CSS
   * (object-fit), which also keeps the picture right while the box changes.
   */
  #draw(bitmap: ImageBitmap): void {
    const { canvas } = this.#options;
    const scale = this.#scaleFor(bitmap);
    const width = Math.max(1, Math.round(bitmap.width * scale));
    const height = Math.max(1, Math.round(bitmap.height * scale));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    this.#context.imageSmoothingQuality = 'high';
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(bitmap, 0, 0, width, height);
  }

  #scaleFor({ width, height }: ImageBitmap): number {
    const { canvas, fit } = this.#options;
    const across = (canvas.clientWidth * devicePixelRatio) / width;
    const down = (canvas.clientHeight * devicePixelRatio) / height;
    const scale = fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
    return scale > 0 ? Math.min(1, scale) : 1;
  }
}
