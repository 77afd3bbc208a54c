import type { Readable } from 'node:stream';
import { ByteQueue } from './byte-queue';
import { FrameIndexParser, type IndexEntry } from './frame-index';

/** A packet that ffmpeg has announced. */
export interface AnnouncedPacket extends IndexEntry {
  /** When, ms since the epoch. */
  announcedAt: number;
}

/**
 * Reads what ffmpeg's tee writes: the index first, then the image it announces. Images are read only when asked for;
 * until then ffmpeg blocks on its pipe.
 */
export class PacketReader {
  readonly #images: Readable;
  readonly #bytes = new ByteQueue();
  readonly #entries: AnnouncedPacket[] = [];
  #ended = false;
  #failure: unknown;
  #wake: (() => void) | undefined;

  constructor(index: Readable, images: Readable) {
    this.#images = images;
    const parser = new FrameIndexParser();
    index.setEncoding('utf8');
    index.on('data', (text: string) => {
      try {
        const announcedAt = Date.now();
        this.#entries.push(...parser.push(text).map((entry) => ({ ...entry, announcedAt })));
      } catch (error) {
        this.#failure = error;
        this.#ended = true;
      }
      this.#wake?.();
    });
    index.on('close', () => {
      this.#ended = true;
      this.#wake?.();
    });
    images.on('data', (chunk: Buffer) => {
      this.#bytes.push(chunk);
      if (!this.#bytes.wanting) images.pause();
    });
    images.on('close', () => this.#bytes.end());
    images.pause();
    // A broken pipe ends the streams; why ffmpeg went is told by its exit.
    index.on('error', () => {});
    images.on('error', () => {});
  }

  /** The next packet's entry; undefined after the last. Throws when the index is not one. */
  async next(): Promise<AnnouncedPacket | undefined> {
    while (this.#entries.length === 0 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const entry = this.#entries.shift();
    if (entry !== undefined) return entry;
    if (this.#failure !== undefined) throw this.#failure;
    // What follows the last image is only the end, but it has to be read for ffmpeg's pipes to close.
    this.#images.removeAllListeners('data').resume();
    return undefined;
  }

  /** The image of the entry `next` gave; undefined when ffmpeg went before it was whole. */
  read(entry: IndexEntry): Promise<ArrayBuffer | undefined> {
    const image = this.#bytes.take(entry.size);
    if (this.#bytes.wanting) this.#images.resume();
    return image;
  }
}
