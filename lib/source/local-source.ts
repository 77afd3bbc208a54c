import { constants } from 'node:fs';
import { access, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, VideoError } from '../errors';
import { checkFolder } from './allowed-folders';
import { shownSource } from './shown';
import type { Source, SourceRules } from './source';

export type LocalSource = Pick<Source, 'kind' | 'input' | 'inputOptions' | 'follow'>;

/** Keeps ffmpeg from taking the name of an image for a pattern of many names. */
export const plainImage = ['-f', 'image2', '-pattern_type', 'none'];

/** What ffmpeg would take for a pattern of many names, in the path of an image. */
const imagePattern = /[%*?[\]{}].*\.(?:png|jpe?g|bmp|webp|tiff?|gif|ppm|pgm|tga|exr|dpx|jp2)$/i;

/** A file by its path or `file:` URL. Undefined when it does not exist; throws when it exists but cannot be played. */
export async function resolveFile(given: string, rules: SourceRules): Promise<LocalSource | undefined> {
  const path = await findFile(pathOf(given), rules.folders);
  if (path === undefined) return undefined;
  await checkFile(path, given, rules);
  await checkFolder([path], given, rules);
  // `file:` keeps ffmpeg from reading a protocol or an option out of the name.
  const inputOptions = imagePattern.test(path) ? plainImage : [];
  return { kind: 'file', input: `file:${path}`, inputOptions, follow: rules.follow };
}

/** Many images, numbered as in `shots/%04d.png`. Throws SOURCE_NOT_FOUND, or BAD_OPTION without a place for the number. */
export async function resolveImages(pattern: string, rules: SourceRules): Promise<LocalSource> {
  const name = `images:${pattern}`;
  const [, before, digits, after] = /^([^%]*)%(0\d+)?d([^%]*)$/.exec(basename(pattern)) ?? [];
  if (before === undefined || after === undefined) {
    throw new VideoError(
      'BAD_OPTION',
      `${name} has no placeholder for the number: write it as in images:shots/%04d.png`,
    );
  }
  const least = Number(digits ?? 1);
  for (const folder of rules.folders) {
    const place = resolve(folder, dirname(pattern));
    const numbers = (await readdir(place).catch(() => []))
      .filter((file) => file.startsWith(before) && file.endsWith(after))
      .map((file) => file.slice(before.length, file.length - after.length))
      .filter((number) => /^\d+$/.test(number) && number.length >= least);
    if (numbers.length === 0) continue;
    const files = numbers.map((number) => join(place, before + number + after));
    await checkFolder(files, name, rules);
    const first = numbers.map(Number).reduce((lowest, number) => Math.min(lowest, number));
    const rate = rules.imageRate === undefined ? [] : ['-framerate', String(rules.imageRate)];
    // A sequence in a folder whose own name has a % would be one too many.
    const inputOptions = ['-f', 'image2', '-start_number', String(first), ...rate];
    return { kind: 'images', input: join(place.replaceAll('%', '%%'), basename(pattern)), inputOptions };
  }
  throw new VideoError(
    'SOURCE_NOT_FOUND',
    `No image matches ${name} (looked in ${rules.folders.join(', ')}): check the path and the number of digits`,
  );
}

/** The path behind ffmpeg's input of a file. */
export function fileOf({ input }: Pick<Source, 'input'>): string {
  return input.slice('file:'.length);
}

function pathOf(given: string): string {
  if (!/^file:\/\//i.test(given)) return given;
  try {
    return fileURLToPath(given);
  } catch {
    // The error has the whole URL in it, with a password that may be there.
    throw new VideoError('BAD_OPTION', `${shownSource(given)} is not the URL of a local file: give its path`);
  }
}

async function findFile(path: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const candidate = resolve(folder, path);
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}

/** Only an error that says so means that it does not exist; `checkFile` reports a file that cannot be looked at. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG';
  }
}

async function checkFile(path: string, name: string, { follow }: SourceRules): Promise<void> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? 'a folder' : 'not a regular file';
      throw new VideoError('SOURCE_NOT_A_FILE', `${name} is ${kind}: give the path of a video file`);
    }
    if (stats.size === 0 && follow === undefined)
      throw new VideoError('SOURCE_UNREADABLE', `${name} is empty: give another file`);
    await access(path, constants.R_OK);
  } catch (cause) {
    if (cause instanceof VideoError) throw cause;
    throw new VideoError(
      'SOURCE_UNREADABLE',
      `${name} cannot be read (${messageOf(cause)}): give this process's user the right to read it`,
      { cause },
    );
  }
}
