import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { messageOf, VideoError } from '../errors';
import { DescriptionReader } from './description';
import { type FfmpegTools, findFfmpeg, type LookupOptions } from './lookup';

const run = promisify(execFile);

/** What differs between the builds of ffmpeg people have. */
export interface Capabilities {
  /** As ffmpeg prints it, for people to read: "5.1.9-0+deb12u1", "N-47683-g0e8eb07980". */
  version: string;
  /** Whether zimg is built in: the faster range conversion and scaling. */
  zscale: boolean;
  /** Whether the tonemap filter is built in, which HDR needs to look right in a JPEG. */
  tonemap: boolean;
  /** Kinds of hardware decoding built in, whether or not there is the hardware: "vaapi", "cuda", ... */
  hwaccels: string[];
  /** Arguments that pass every frame through with its own timestamp. */
  passthrough: string[];
  /** Arguments that make the encoder count in the source's time base. */
  sourceTimeBase: string[];
  /**
   * The option by which it reads its filters from a file, which it does when it has opened and described its input. Undefined
   * where it does not do so, or describes its input in words that are not known here.
   */
  filterFile?: string;
}

const known = new Map<string, Promise<Capabilities>>();

/** Asks an ffmpeg what it can do, once per path. Throws FFMPEG_MISSING when it does not run. */
export function capabilitiesOf(ffmpeg: string): Promise<Capabilities> {
  let capabilities = known.get(ffmpeg);
  if (capabilities === undefined) {
    capabilities = ask(ffmpeg);
    known.set(ffmpeg, capabilities);
    // A failure is asked for again: the next start may come after a repair.
    capabilities.catch(() => known.delete(ffmpeg));
  }
  return capabilities;
}

/** Finds ffmpeg and what it can do. Throws FFMPEG_MISSING. */
export async function findCapableFfmpeg(
  options: LookupOptions,
): Promise<{ tools: FfmpegTools; capabilities: Capabilities }> {
  const tools = await findFfmpeg(options);
  return { tools, capabilities: await capabilitiesOf(tools.ffmpeg) };
}

async function ask(ffmpeg: string): Promise<Capabilities> {
  try {
    // The banner, on stderr, says what `-version` would.
    const [filters, hwaccels] = await Promise.all([
      run(ffmpeg, ['-filters'], { windowsHide: true }),
      run(ffmpeg, ['-hide_banner', '-hwaccels'], { windowsHide: true }),
    ]);
    const capabilities = parseCapabilities(filters.stderr, filters.stdout, hwaccels.stdout);
    const { filterFile = '' } = capabilities;
    return { ...capabilities, filterFile: (await describesInput(ffmpeg, filterFile)) ? filterFile : undefined };
  } catch (cause) {
    throw new VideoError(
      'FFMPEG_MISSING',
      `${ffmpeg} does not run (${messageOf(cause).split('\n')[0]}): install a working ffmpeg or set FFMPEG_PATH to one`,
      { cause },
    );
  }
}

/** Whether it describes its input before it reads its filters: see `openingArguments`. */
async function describesInput(ffmpeg: string, filterFile: string): Promise<boolean> {
  const input = ['-nostats', '-loglevel', 'level+info', '-f', 'lavfi', '-i', 'color=size=16x32:rate=1'];
  const output = ['-frames:v', '1', '-c:v', 'mjpeg', '-qscale', '2', filterFile, 'pipe:0', '-f', 'null', '-'];
  const running = run(ffmpeg, [...input, ...output], { windowsHide: true, timeout: 10_000 });
  // One that does not read them goes before they are written.
  running.child.stdin?.on('error', () => {}).end('null');
  try {
    const { stderr } = await running;
    const reader = new DescriptionReader();
    const words = stderr.split(/\r?\n/).map((line) => line.replace(/^\[\w+\] /, ''));
    const mark = words.findIndex((line) => reader.push(line)?.streams?.[0]?.height === 32);
    return mark >= 0 && mark < words.indexOf('Stream mapping:');
  } catch {
    return false;
  }
}

/**
 * Reads the banner of an ffmpeg and the output of `-filters` and `-hwaccels`.
 * Builds from git have no version number, but every build tells its libavcodec's.
 */
export function parseCapabilities(version: string, filters: string, hwaccels: string): Capabilities {
  const name = /^ffmpeg version (\S+)/m.exec(version)?.[1] ?? 'unknown';
  const [, major = '0', minor = '0'] = /^\s*libavcodec\s+(\d+)\.\s*(\d+)/m.exec(version) ?? [];
  const libavcodec = Number(major) * 1000 + Number(minor);
  return {
    version: name,
    // Before a filter's name stand two or three flags, by version.
    zscale: /^ [A-Z.]{2,3} zscale /m.test(filters),
    tonemap: /^ [A-Z.]{2,3} tonemap /m.test(filters),
    hwaccels: hwaccels.split(/\r?\n/).filter((line) => /^[a-z0-9_]+$/.test(line)),
    // ffmpeg 5.1 renamed the option, ffmpeg 6.1 gave the value a name.
    passthrough: [libavcodec >= 59_037 ? '-fps_mode' : '-vsync', 'passthrough'],
    sourceTimeBase: ['-enc_time_base', libavcodec >= 60_031 ? 'demux' : '-1'],
    // ffmpeg 7 can read every option's value from a file.
    filterFile: libavcodec >= 61_000 ? '-/filter:v' : '-filter_script:v',
  };
}
