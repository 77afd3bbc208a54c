import { access, chmod, constants, stat } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { VideoError } from '../errors';

/** Where the two programs are. */
export interface FfmpegTools {
  ffmpeg: string;
  ffprobe: string;
}

export interface LookupOptions {
  /** What an administrator chose; nothing else is tried then. */
  ffmpegPath?: string;
  env?: NodeJS.ProcessEnv;
}

/**
 * The environment ffmpeg and ffprobe run in, with `more` variables. Statically linked builds, as many downloads are, crash
 * when they load the system's character set converters, which they do for every MPEG transport stream: GCONV_PATH keeps
 * them from finding any.
 */
export function toolEnvironment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  return { ...process.env, GCONV_PATH: '/nonexistent', ...more };
}

const remedy =
  'install ffmpeg (for example "apt install ffmpeg"), or set its path as ffmpegPath in the settings or as FFMPEG_PATH';

/**
 * Finds ffmpeg: the path chosen, else FFMPEG_PATH, else PATH, else the optional npm binary.
 * ffprobe: beside ffmpeg, else FFPROBE_PATH, else PATH, else the npm binary.
 * Throws FFMPEG_MISSING.
 */
export async function findFfmpeg(options: LookupOptions = {}): Promise<FfmpegTools> {
  const env = options.env ?? process.env;
  const ffmpeg = await findProgram(options.ffmpegPath ?? env.FFMPEG_PATH, 'ffmpeg', env);
  const beside = join(dirname(ffmpeg), executable('ffprobe'));
  const ffprobe = (await isExecutable(beside)) ? beside : await findProgram(env.FFPROBE_PATH, 'ffprobe', env);
  return { ffmpeg, ffprobe };
}

/** A path that was chosen is used or refused, never silently replaced by another program. */
async function findProgram(
  chosen: string | undefined,
  name: 'ffmpeg' | 'ffprobe',
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (chosen) {
    if (await isExecutable(chosen)) return chosen;
    throw new VideoError('FFMPEG_MISSING', `No ${name} that can be run at ${chosen}: correct the path, or ${remedy}`);
  }
  for (const folder of (env.PATH ?? '').split(delimiter)) {
    const path = join(folder, executable(name));
    if (folder !== '' && (await isExecutable(path))) return path;
  }
  const bundled = npmBinary(name);
  if (bundled !== undefined && (await makeExecutable(bundled))) return bundled;
  throw new VideoError('FFMPEG_MISSING', `No ${name} found: ${remedy}`);
}

function executable(name: string): string {
  return process.platform === 'win32' ? `${name}.exe` : name;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    // A folder may be entered, which counts as the same right.
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

/** The installer packages are optional and throw on platforms they have no binary for. */
function npmBinary(name: 'ffmpeg' | 'ffprobe'): string | undefined {
  try {
    return (require(`@${name}-installer/${name}`) as { path: string }).path;
  } catch {
    return undefined;
  }
}

/** The installers set the execute bit in an install script, which npm may be told not to run. */
async function makeExecutable(path: string): Promise<boolean> {
  if (await isExecutable(path)) return true;
  try {
    await chmod(path, 0o755);
    return true;
  } catch (cause) {
    throw new VideoError(
      'FFMPEG_MISSING',
      `The installed ${path} is not executable: run "chmod +x ${path}", or ${remedy}`,
      {
        cause,
      },
    );
  }
}
