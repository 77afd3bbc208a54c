import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { VideoError } from '../errors';
import type { SourceRules } from './source';

/** Throws SOURCE_REFUSED when the list of folders leaves one of these files out, wherever their links lead. */
export async function checkFolder(paths: string[], name: string, { allowedFolders }: SourceRules): Promise<void> {
  if (allowedFolders === undefined) return;
  const folders = await realFolders(allowedFolders);
  for (const path of paths) checkInside(await realpath(path), name, folders);
}

/** The same for a path without links. */
export async function checkRealPath(real: string, name: string, allowedFolders: string[]): Promise<void> {
  checkInside(real, name, await realFolders(allowedFolders));
}

/** A folder that is not there allows nothing. */
function realFolders(folders: string[]): Promise<string[]> {
  return Promise.all(folders.map((folder) => realpath(folder).catch(() => resolve(folder))));
}

function checkInside(real: string, name: string, folders: string[]): void {
  const isInside = folders.some((folder) => {
    const way = relative(folder, real);
    return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(folder, way) === real;
  });
  if (isInside) return;
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} is not in one of the allowed folders. Add its folder to allowedFolders, or give another file`,
  );
}
