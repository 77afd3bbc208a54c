import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { VideoError } from '../errors';
import { isOutsideList, refusedFormat } from '../source/contained-formats';
import { redactorOf } from '../source/secrets';
import type { Source } from '../source/source';
import { optionErrorOf } from './input-options';
import { toolEnvironment } from './lookup';
import { mostOfPicture, sizeErrorOf } from './picture-size';

const run = promisify(execFile);

/** What ffprobe writes of a stream, as far as it is read here. */
export interface RawStream {
  index: number;
  codec_type?: string;
  codec_name?: string;
  pix_fmt?: string;
  color_range?: string;
  color_space?: string;
  color_transfer?: string;
  field_order?: string;
  width?: number;
  height?: number;
  sample_aspect_ratio?: string;
  avg_frame_rate?: string;
  r_frame_rate?: string;
  duration?: string;
  disposition?: { attached_pic?: number };
  tags?: { rotate?: string; variant_bitrate?: string };
  side_data_list?: { rotation?: number }[];
}

export interface RawProbe {
  streams?: RawStream[];
  format?: { format_name?: string; duration?: string };
}

export interface FfprobeLimits {
  /** Ms after which ffprobe is ended: a silent peer would keep it for good. Undefined = as long as it takes. */
  timeout?: number;
  /** Ends it before. */
  signal?: AbortSignal;
  /** Variables its environment needs in addition; see Route. */
  env?: NodeJS.ProcessEnv;
}

/**
 * Asks ffprobe about a source. It is run here and not by fluent-ffmpeg, whose ffprobe cannot be ended.
 * Throws SOURCE_UNREADABLE with ffprobe's last line, SOURCE_REFUSED for a format that is not allowed, or SOURCE_STALLED;
 * an AbortError when `signal` says so.
 */
export async function runFfprobe(ffprobe: string, source: Source, limits: FfprobeLimits = {}): Promise<RawProbe> {
  const { timeout, signal } = limits;
  const env = toolEnvironment(limits.env);
  const args = [
    ...['-v', 'error', '-protocol_whitelist', source.protocols, '-max_pixels', String(mostOfPicture)],
    ...source.inputOptions,
    ...['-show_streams', '-show_format', '-of', 'json', '-i', source.input],
  ];
  try {
    const options = { timeout, signal, env, killSignal: 'SIGKILL', maxBuffer: 1 << 26, windowsHide: true } as const;
    const { stdout } = await run(ffprobe, args, options);
    return JSON.parse(stdout) as RawProbe;
  } catch (error) {
    signal?.throwIfAborted();
    const { killed, stderr, signal: ending } = error as { killed?: boolean; stderr?: string; signal?: string };
    if (killed === true && timeout !== undefined) throw silent(source, timeout);
    // The message of an error of execFile is the whole command, with the passwords in it.
    const words = stderr?.trim() || (ending ? `${ffprobe} crashed (${ending}); another version may not` : '');
    throw unreadable(source, words);
  }
}

/** The error for a source that says nothing for so many ms. */
export function silent({ name }: Source, timeout: number): VideoError {
  return new VideoError(
    'SOURCE_STALLED',
    `${name} sent no video within ${timeout / 1000} s: check that it is streaming`,
  );
}

/** The error for a source of which ffmpeg or ffprobe has said `words`, and nothing better. */
export function unreadable(source: Source, words: string): VideoError {
  if (isOutsideList(words)) return refusedFormat(source);
  const why = explain(words || 'no reason given', source);
  return (
    sizeErrorOf(words, source.name) ??
    optionErrorOf(words, source.name) ??
    new VideoError('SOURCE_UNREADABLE', `${source.name} cannot be read: ${why}`)
  );
}

/** ffprobe's own last line without the input's name, which may hold a password, and what to do. */
function explain(words: string, source: Source): string {
  const last = words.trim().split('\n').at(-1) ?? '';
  const plain = redactorOf(source)(last.replaceAll(`${source.input}: `, ''));
  const [, remedy] = remedies.find(([reason]) => reason.test(plain)) ?? [];
  return `${plain}. ${remedy ?? 'Check that it is a video and plays elsewhere'}`;
}

/** What helps against what ffmpeg says. */
const remedies: [reason: RegExp, remedy: string][] = [
  [/401 Unauthorized|authorization failed/i, 'Check the user and the password'],
  [/403 Forbidden|access denied/i, 'Check that this user may watch it, and its address'],
  [/404 Not Found/i, 'Check the address behind the host'],
  [
    /Connection refused|No route to host|Network is unreachable|timed out/i,
    'Check that it is on, and its host and port',
  ],
];
