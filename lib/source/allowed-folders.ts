import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { VideoError } from '../errors';
import type { SourceRules } from './source';

/** Throws SOURCE_REFUSED when the list of folders leaves this file out, wherever its links lead. */
export async function checkFolder(path: string, name: string, { allowedFolders }: SourceRules): Promise<void> {
  if (allowedFolders !== undefined) await checkRealPath(await realpath(path), name, allowedFolders);
}

/** The same for a path without links. */
export async function checkRealPath(real: string, name: string, allowedFolders: string[]): Promise<void> {
  for (const folder of allowedFolders) {
    // A folder that is not there allows nothing.
    const allowed = await realpath(folder).catch(() => resolve(folder));
    const way = relative(allowed, real);
    if (way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(allowed, way) === real) return;
  }
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} is not in one of the allowed folders. Add its folder to allowedFolders, or give another file`,
  );
}
