import { constants } from 'node:fs';
import { type FileHandle, open, readlink, realpath } from 'node:fs/promises';
import { messageOf, VideoError } from '../errors';
import { checkRealPath } from './allowed-folders';
import { fileOf, plainImage } from './local-source';
import type { Source } from './source';

/** A file that stays the one that was checked until it is closed. */
export interface HeldFile {
  source: Source;
  close(): Promise<void>;
}

/**
 * Opens a file that must be in one of the allowed folders, and checks what was opened: a link that is turned elsewhere after
 * that changes nothing. ffmpeg gets to it by the descriptor, as only Linux lets it: elsewhere it opens the path that was
 * checked, and a folder of that path which is replaced meanwhile goes unnoticed.
 * Throws SOURCE_REFUSED, SOURCE_NOT_A_FILE or SOURCE_UNREADABLE.
 */
export async function holdFile(source: Source, allowedFolders: string[]): Promise<HeldFile> {
  const { name } = source;
  try {
    if (process.platform === 'linux') return await holdOpen(source, allowedFolders);
    const real = await realpath(fileOf(source));
    await checkRealPath(real, name, allowedFolders);
    return { source: { ...source, input: `file:${real}` }, close: async () => {} };
  } catch (cause) {
    if (cause instanceof VideoError) throw cause;
    const what = `${name} cannot be read (${messageOf(cause)})`;
    throw new VideoError('SOURCE_UNREADABLE', `${what}: check that it is still there`, { cause });
  }
}

async function holdOpen(source: Source, allowedFolders: string[]): Promise<HeldFile> {
  // A pipe that nobody writes to must not keep us waiting.
  const file = await open(fileOf(source), constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const path = pathOf(file);
    if (!(await file.stat()).isFile()) {
      throw new VideoError('SOURCE_NOT_A_FILE', `${source.name} is not a regular file: give the path of a video file`);
    }
    await checkRealPath(await readlink(path), source.name, allowedFolders);
    // This path is no pattern of many names, whatever the file's own name is.
    const isPlainImage = plainImage.every((argument, index) => source.inputOptions[index] === argument);
    const inputOptions = source.inputOptions.slice(isPlainImage ? plainImage.length : 0);
    return { source: { ...source, input: `file:${path}`, inputOptions }, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}

/** What another process opens anew, with a position of its own. */
function pathOf({ fd }: FileHandle): string {
  return `/proc/${process.pid}/fd/${fd}`;
}
