import { open, stat } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { VideoError } from '../../errors';
import { fileOf } from '../../source/local-source';
import type { Source } from '../../source/source';
import type { Clock } from '../../time/clock';
import { sleep } from '../../time/sleep';

/** Ms between looks at a file that may have grown. */
const interval = 100;
/** Bytes that are read at once. */
const pieceLength = 1 << 18;

export interface Following {
  path: string;
  /** The source as ffmpeg gets it: written to it. */
  fed: Source;
  /** Ms without growth after which the file has ended. */
  patience: number;
  clock: Clock;
  signal: AbortSignal;
}

/** How a file is read that is waited for as it grows; undefined for any other source. */
export function followingOf(
  source: Source,
  { clock, signal }: Pick<Following, 'clock' | 'signal'>,
): Following | undefined {
  if (source.follow === undefined) return undefined;
  const fed = { ...source, input: 'pipe:0', protocols: 'pipe' };
  return { path: fileOf(source), fed, patience: source.follow * 1000, clock, signal };
}

/** Whether ffprobe's answer may be another one once there is more of the file. */
export function mayBeTooShort(error: unknown): boolean {
  return error instanceof VideoError && ['SOURCE_UNREADABLE', 'SOURCE_NO_VIDEO'].includes(error.code);
}

/**
 * Writes a file into a stream, and all that is added to it meanwhile. Ends the stream once the file has ended, which ffmpeg's own
 * `-follow` never says it has. Resolves then, or when the stream is closed; with what went wrong, if something did.
 */
export async function feed({ path, patience, clock, signal }: Following, to: Writable): Promise<Error | undefined> {
  try {
    const file = await open(path, 'r');
    try {
      let grownAt = clock.now();
      while (!to.destroyed && !signal.aborted && clock.now() - grownAt < patience) {
        const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceLength), 0, pieceLength);
        if (bytesRead === 0) {
          await sleep(clock, interval, signal);
          continue;
        }
        if (!to.write(buffer.subarray(0, bytesRead))) await drained(to);
        grownAt = clock.now();
      }
    } finally {
      await file.close();
    }
    to.end();
    return undefined;
  } catch (error) {
    to.destroy();
    return error as Error;
  }
}

/** Resolves when there is room again, or when nobody reads any more: why is told by the reader's exit. */
function drained(to: Writable): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      to.off('drain', settle).off('close', settle);
      resolve();
    };
    to.on('drain', settle).on('close', settle);
  });
}

/**
 * Asks again while the file grows for as long as the answer is an error that more of the file may help: there may be next to nothing
 * in it yet. Throws the last one.
 */
export async function askWhileGrowing<Answer>(
  { path, patience, clock, signal }: Omit<Following, 'fed'>,
  ask: () => Promise<Answer>,
  mayPass: (error: unknown) => boolean,
): Promise<Answer> {
  let askedAt = -1;
  let grownAt = clock.now();
  for (;;) {
    const { size } = await stat(path);
    if (size !== askedAt) {
      askedAt = size;
      grownAt = clock.now();
      try {
        return await ask();
      } catch (error) {
        if (!mayPass(error)) throw error;
      }
    } else if (clock.now() - grownAt >= patience) return ask();
    await sleep(clock, interval, signal);
    signal.throwIfAborted();
  }
}
