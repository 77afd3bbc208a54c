import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { messageOf, VideoError } from '../errors';

/** A place video comes from, in the form ffmpeg takes it. */
export interface Source {
  kind: 'file' | 'network';
  /** For `-i`. May hold credentials: never show it. */
  input: string;
  /** As given, without credentials: for messages, and the stream's id by default. */
  name: string;
  /** Whether it has a beginning and an end, or is live. */
  recorded: boolean;
  /** The protocols ffmpeg may open on its behalf: a playlist from the network must not read local files. */
  protocols: string;
}

const web = 'http,https,httpproxy,tcp,tls,crypto';
const networks: Record<string, Pick<Source, 'recorded' | 'protocols'>> = {
  http: { recorded: true, protocols: web },
  https: { recorded: true, protocols: web },
  rtsp: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,http,crypto' },
  rtsps: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,crypto' },
  rtmp: { recorded: false, protocols: 'rtmp,rtmpt,tcp,ffrtmphttp,http' },
  rtmps: { recorded: false, protocols: 'rtmps,rtmpts,rtmp,tcp,tls,ffrtmphttp,https' },
  udp: { recorded: false, protocols: 'udp' },
  rtp: { recorded: false, protocols: 'rtp,udp,srtp' },
  srt: { recorded: false, protocols: 'srt' },
  tcp: { recorded: false, protocols: 'tcp' },
};

/** Of two or more letters: one letter is a Windows drive. */
const scheme = /^([a-z][a-z0-9+.-]+):/i;

/**
 * Reads a source as a flow's author gave it: a path or a URL, never ffmpeg's own syntax (`concat:`, `subfile:`, ...).
 * A relative path is looked for in each of `folders`.
 * Throws SOURCE_NOT_FOUND, SOURCE_NOT_A_FILE, SOURCE_UNREADABLE, or BAD_OPTION for what is no source at all.
 */
export async function resolveSource(given: unknown, folders: string[]): Promise<Source> {
  if (typeof given !== 'string' || given.trim() === '' || given.includes('\0')) {
    throw new VideoError('BAD_OPTION', 'No source given: enter the path or URL of a video');
  }
  const name = withoutCredentials(given);
  const protocol = scheme.exec(given)?.[1]?.toLowerCase();
  if (protocol !== undefined && given.startsWith('//', protocol.length + 1) && protocol !== 'file') {
    const network = networks[protocol];
    if (network !== undefined) return { kind: 'network', input: given, name, ...network };
  }
  const path = await findFile(localPath(given, name, protocol), folders);
  if (path !== undefined) {
    await checkFile(path, name);
    // `file:` keeps ffmpeg from reading a protocol, an option or a pattern out of the name.
    return { kind: 'file', input: `file:${path}`, name, recorded: true, protocols: 'file,crypto' };
  }
  if (protocol !== undefined && protocol !== 'file') {
    throw new VideoError(
      'BAD_OPTION',
      `${name}: "${protocol}:" is not a kind of source: give a path, or a URL of ${Object.keys(networks).join(', ')}`,
    );
  }
  throw new VideoError('SOURCE_NOT_FOUND', `${name} does not exist (looked in ${folders.join(', ')}): check the path`);
}

/** A URL without the user and password in it; anything else as it is. */
export function withoutCredentials(source: string): string {
  return source.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1');
}

function localPath(given: string, name: string, protocol: string | undefined): string {
  if (protocol !== 'file' || !given.startsWith('file://')) return given;
  try {
    return fileURLToPath(given);
  } catch (cause) {
    throw new VideoError('BAD_OPTION', `${name} is not the URL of a local file: give its path`, { cause });
  }
}

async function findFile(path: string, folders: string[]): Promise<string | undefined> {
  for (const folder of folders) {
    const candidate = resolve(folder, path);
    if (await exists(candidate)) return candidate;
  }
  return undefined;
}

/** Only "there is none" means none: a file that may not be looked at is reported by `checkFile`. */
async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code !== 'ENOENT' && code !== 'ENOTDIR' && code !== 'ENAMETOOLONG';
  }
}

async function checkFile(path: string, name: string): Promise<void> {
  try {
    const stats = await stat(path);
    if (!stats.isFile()) {
      const kind = stats.isDirectory() ? 'a folder' : 'not a regular file';
      throw new VideoError('SOURCE_NOT_A_FILE', `${name} is ${kind}: give the path of a video file`);
    }
    if (stats.size === 0) throw new VideoError('SOURCE_UNREADABLE', `${name} is empty: give another file`);
    await access(path, constants.R_OK);
  } catch (cause) {
    if (cause instanceof VideoError) throw cause;
    throw new VideoError(
      'SOURCE_UNREADABLE',
      `${name} cannot be read (${messageOf(cause)}): give Node-RED's user the right to read it`,
      { cause },
    );
  }
}
