export type Fit = 'contain' | 'cover' | 'fill';

export type Drawable = ImageBitmap | VideoFrame;

/** Of a picture that was not a JPEG before: what loses nothing that the video had. */
const snapshotQuality = 0.95;

/** Draws pictures on a canvas, as sharp as the screen can show them. */
export class Canvas {
  readonly #element: HTMLCanvasElement;
  readonly #context: CanvasRenderingContext2D;
  #fit: Fit;
  /** On the canvas; kept to draw it again when the size changes. */
  #bitmap: Drawable | undefined;

  constructor(element: HTMLCanvasElement, fit: Fit) {
    this.#element = element;
    this.#context = element.getContext('2d') as CanvasRenderingContext2D;
    this.#fit = fit;
  }

  /** Draws a picture, and closes it when the next one comes. */
  show(bitmap: Drawable): void {
    this.#bitmap?.close();
    this.#bitmap = bitmap;
    this.redraw();
  }

  setFit(fit: Fit): void {
    this.#fit = fit;
    this.redraw();
  }

  /**
   * Draws the same picture again, for a canvas that has changed its size. The canvas gets the pixels that the screen
   * can show and no more; how they fit into the box is left to CSS (object-fit), which also keeps the picture right
   * while the box changes.
   */
  redraw(): void {
    if (this.#bitmap === undefined) return;
    const size = sizeOf(this.#bitmap);
    const scale = this.#scaleFor(size);
    const width = Math.max(1, Math.round(size.width * scale));
    const height = Math.max(1, Math.round(size.height * scale));
    if (this.#element.width !== width || this.#element.height !== height) {
      this.#element.width = width;
      this.#element.height = height;
    }
    this.#context.imageSmoothingQuality = 'high';
    this.#context.clearRect(0, 0, width, height);
    this.#context.drawImage(this.#bitmap, 0, 0, width, height);
  }

  /** The picture in full size, as a JPEG; undefined where there is none. */
  async toJpeg(): Promise<Blob | undefined> {
    if (this.#bitmap === undefined) return undefined;
    const { width, height } = sizeOf(this.#bitmap);
    const whole = Object.assign(document.createElement('canvas'), { width, height });
    whole.getContext('2d')?.drawImage(this.#bitmap, 0, 0, width, height);
    return new Promise((resolve) => whole.toBlob((blob) => resolve(blob ?? undefined), 'image/jpeg', snapshotQuality));
  }

  close(): void {
    this.#bitmap?.close();
  }

  #scaleFor({ width, height }: Size): number {
    const across = (this.#element.clientWidth * devicePixelRatio) / width;
    const down = (this.#element.clientHeight * devicePixelRatio) / height;
    const scale = this.#fit === 'contain' ? Math.min(across, down) : Math.max(across, down);
    return scale > 0 ? Math.min(1, scale) : 1;
  }
}

/** Pixels. */
interface Size {
  width: number;
  height: number;
}

function sizeOf(picture: Drawable): Size {
  if ('displayWidth' in picture) return { width: picture.displayWidth, height: picture.displayHeight };
  return picture;
}
