import { assumeFrom } from '../../ffmpeg/assumption';
import { openingArguments } from '../../ffmpeg/command';
import { openingError } from '../../ffmpeg/exit-verdict';
import { type RawProbe, silent } from '../../ffmpeg/ffprobe';
import { videoFilters } from '../../ffmpeg/filters';
import { isDescribed, type Probe, readProbe } from '../../ffmpeg/probe';
import type { FfmpegProcess } from '../../ffmpeg/process';
import type { Source } from '../../source/source';
import type { Clock } from '../../time/clock';
import type { DecodeRequest } from './messages';
import { StallWatch } from './stall-watch';

/** A live source that was opened. */
export interface LiveOpening {
  media: Probe;
  /** Has the source open and decodes it once it is read. Undefined where other arguments are needed than it was given. */
  ffmpeg?: FfmpegProcess;
}

export interface LiveOpeningOptions extends Pick<DecodeRequest, 'tools' | 'capabilities' | 'options'> {
  source: Source;
  /** What it most probably is. */
  assumed: Probe;
  /** Ms without a description after which it counts as silent. */
  stallTimeout: number;
  /** Starts an ffmpeg with these arguments. */
  spawn: (args: string[]) => FfmpegProcess;
  /** Aborted when the session is stopped. */
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Seconds ffmpeg looks into a source at most, one connection after the other until it has seen the video: the first is enough but
 * for video whose next key frame is far. In many formats the look lasts as long as it may, as more streams could appear.
 */
const looks = [0.5, 2, 10];

/**
 * Opens a live source in one connection: the ffmpeg that is to decode it tells what is in it. Throws what `probe` does.
 * Whatever it started is gone when it throws, and when `ffmpeg` is undefined.
 */
export async function openLive(options: LiveOpeningOptions): Promise<LiveOpening> {
  let { assumed } = options;
  let looking: Looking | undefined;
  for (const seconds of looks) {
    await looking?.ffmpeg.kill();
    looking = await look(options, assumed, Math.min(seconds, options.stallTimeout / 2000));
    if (isDescribed(looking.description, options.options)) break;
    assumed = assumeFrom(looking.description, assumed);
  }
  return decide(options, looking as Looking);
}

/** An ffmpeg that has described the source, and what it was started with. */
interface Looking {
  description: RawProbe;
  ffmpeg: FfmpegProcess;
  args: string[];
  seconds: number;
}

async function look(options: LiveOpeningOptions, assumed: Probe, seconds: number): Promise<Looking> {
  const { source, tools, stallTimeout, spawn, signal, clock } = options;
  const args = openingArguments(source, assumed, options.options, options.capabilities, seconds);
  const ffmpeg = spawn(args);
  const stop = () => void ffmpeg.kill();
  signal.addEventListener('abort', stop);
  try {
    const watch = new StallWatch(clock, stallTimeout, stop);
    const description = await watch.during(ffmpeg.description);
    signal.throwIfAborted();
    if (watch.hasStalled) throw silent(source, stallTimeout);
    if (description === undefined) throw openingError(await ffmpeg.exit, { source, tools, log: ffmpeg.log });
    return { description, ffmpeg, args, seconds };
  } catch (error) {
    await ffmpeg.kill();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

/** Goes on with an ffmpeg that was started with the arguments this source needs, and ends any other. */
async function decide(options: LiveOpeningOptions, looking: Looking): Promise<LiveOpening> {
  const { source, capabilities } = options;
  const { description, ffmpeg, args, seconds } = looking;
  try {
    const media = readProbe(description, source, options.options);
    const wanted = openingArguments(source, media, options.options, capabilities, seconds);
    if (wanted.join('\0') === args.join('\0')) {
      ffmpeg.setFilters(videoFilters(media, options.options, capabilities));
      return { media, ffmpeg };
    }
    await ffmpeg.kill();
    return { media };
  } catch (error) {
    await ffmpeg.kill();
    throw error;
  }
}
