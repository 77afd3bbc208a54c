import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { VideoError } from '../errors';
import type { Source, SourceRules } from './source';

/** Throws SOURCE_REFUSED when the list of folders leaves this file out, wherever its links lead. */
export async function checkFolder(path: string, name: string, { allowedFolders }: SourceRules): Promise<void> {
  if (allowedFolders === undefined) return;
  const real = await realpath(path);
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

/** Containers that name other files, which nothing here has checked. */
const playlists = ['hls', 'dash', 'concat', 'imf', 'sdp'];

/** Throws SOURCE_REFUSED for a playlist that could lead out of the allowed folders. */
export function checkContainer({ name, confined }: Pick<Source, 'name' | 'confined'>, format: string): void {
  if (!confined || !format.split(',').some((part) => playlists.includes(part))) return;
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} is a playlist, which may lead out of the allowed folders. Give the video itself`,
  );
}
