import { join } from 'node:path';
import { VideoError } from '../errors';
import { Window } from '../flow/window';
import type { WorkerPool } from '../pool/worker-pool';
import type { ShrinkResult } from './shrink-worker';

export interface ShrunkImage {
  data: Buffer;
  /** Pixels. */
  width: number;
  height: number;
  codec: 'jpeg';
  /** The libjpeg quality (1-100) it was encoded with. */
  quality: number;
}

/** Images decoded at once, whoever asks: each may take as much memory as `maxPixels` of the worker allows. */
const slots = new Window({ maxFrames: 2, maxBytes: Infinity });

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  await slots.acquire(0);
  try {
    return await work();
  } finally {
    slots.release(0);
  }
}

/**
 * Encodes an image as a JPEG of at most `maxBytes`: lowers the quality first, then the size.
 * Throws NOT_A_FRAME when it is not an image that sharp can read, RECORD_TOO_LARGE when it cannot be made small enough.
 */
export async function shrink(pool: WorkerPool, image: Buffer, maxBytes: number): Promise<ShrunkImage> {
  const result = await inTurn(() => pool.run<ShrinkResult>(join(__dirname, 'shrink-worker.js'), { image, maxBytes }));
  switch (result.outcome) {
    case 'shrunk': {
      const { data, width, height, quality } = result;
      return {
        data: Buffer.from(data.buffer, data.byteOffset, data.byteLength),
        width,
        height,
        codec: 'jpeg',
        quality,
      };
    }
    case 'unreadable':
      throw new VideoError(
        'NOT_A_FRAME',
        `Image of ${image.length} bytes cannot be read (${result.reason}): send a whole JPEG, PNG, WebP, GIF or AVIF`,
      );
    case 'too-large':
      throw new VideoError(
        'RECORD_TOO_LARGE',
        `Image of ${image.length} bytes cannot be made to fit ${maxBytes} bytes: raise the largest record size`,
      );
  }
}
