import { VideoError } from '../errors';
import { isOutsideList, refusedFormat } from '../source/contained-formats';
import { redactorOf } from '../source/secrets';
import type { Source } from '../source/source';
import { DecodeError } from './fault';
import { unreadable } from './ffprobe';
import { optionErrorOf } from './input-options';
import type { FfmpegTools } from './lookup';
import type { Exit } from './process';

/** What was going on when ffmpeg ended. */
export interface ExitContext {
  source: Source;
  tools: FfmpegTools;
  /** Where it began, ms. */
  position: number;
  /** Frames given out so far. */
  frames: number;
  /** What ffmpeg complained of last. */
  log: readonly string[];
}

/**
 * Whether an ffmpeg that ended by itself did its work. Returns what it complained of, without credentials.
 * Throws FFMPEG_MISSING, DECODER_CRASHED, FFMPEG_FAILED, SOURCE_REFUSED for a format that is not allowed, or
 * SOURCE_NO_VIDEO when there was not one frame.
 */
export function judgeExit(exit: Exit, { source, tools, position, frames, log }: ExitContext): { complaints: string[] } {
  // ffmpeg repeats its input's name, which may hold a password.
  const complaints = log.map(redactorOf(source));
  const after = `after ${frames} frames of ${source.name}${quote(complaints)}`;
  switch (exit.how) {
    case 'not-started':
      throw notStarted(tools, exit.error);
    case 'killed':
      throw new DecodeError(
        'DECODER_CRASHED',
        `ffmpeg was ended by ${exit.signal} ${after}. Start it again`,
        complaints,
      );
    case 'exited':
      if (exit.code !== 0) {
        if (log.some(isOutsideList)) throw refusedFormat(source);
        const unknownOption = optionErrorOf(log.join('\n'), source.name);
        if (unknownOption !== undefined) throw unknownOption;
        const what = `ffmpeg failed (exit code ${exit.code}) ${after}`;
        throw new DecodeError('FFMPEG_FAILED', `${what}. Check that it plays elsewhere`, complaints);
      }
      if (frames === 0) throw noFramesError(source, position, complaints);
      return { complaints };
  }
}

/**
 * The error for an ffmpeg that ended before it had opened its source. `log`: what it complained of.
 */
export function openingError(exit: Exit, { source, tools, log }: Omit<ExitContext, 'position' | 'frames'>): VideoError {
  if (exit.how === 'not-started') return notStarted(tools, exit.error);
  const crash = exit.how === 'killed' ? [`${tools.ffmpeg} crashed (${exit.signal}); another version may not`] : [];
  return unreadable(source, [...log, ...crash].join('\n'));
}

/** Whether ffmpeg got something and could make nothing of it; else it got nothing. */
export function isUnrecognised({ code, message }: VideoError): boolean {
  return code === 'SOURCE_UNREADABLE' && /Invalid data found|size of the video/.test(message);
}

/** ffmpeg is not there, or not what can be run. */
export function notStarted({ ffmpeg }: FfmpegTools, cause: Error): VideoError {
  return new VideoError('FFMPEG_MISSING', `${ffmpeg} cannot be started: check that it runs`, { cause });
}

/** What ffmpeg says of a source that was cut off: a file that is not whole, a connection that was lost. */
const cutOff =
  /partial file|end(?:s|ed)? prematurely|Input\/output error|Connection (?:reset|timed out|refused)|Broken pipe|Error in the p(?:ull|ush) function/i;

/** Ms that may be missing at a recording's end: containers round their length, and count their sound. */
const endTolerance = 2000;

/**
 * Whether ffmpeg stopped before the source's real end, though its exit code says that all is well. What was `reached` of a
 * known `length` (ms) tells best: ffmpeg is silent about some servers that hang up, and complains of others from
 * which it then reads on.
 */
export function isCutOff(log: readonly string[], measured?: { reached: number; length: number }): boolean {
  if (measured !== undefined) return measured.reached < measured.length - endTolerance;
  return log.some((line) => cutOff.test(line));
}

/** What ffmpeg complained of that was not overcome, when the source was read to its end. */
export function withoutHangUps(complaints: string[]): string[] {
  return complaints.filter((line) => !/Stream ends prematurely|Last message repeated/.test(line));
}

export function noFramesError({ name }: Source, position: number, complaints: readonly string[] = []): VideoError {
  const what = `${name} has no frames from ${position / 1000} s on${quote(complaints)}`;
  return new DecodeError('SOURCE_NO_VIDEO', `${what}. Check start, end, and that it plays elsewhere`, complaints);
}

/** ffmpeg's last words, to go on a sentence with. */
export function quote(complaints: readonly string[]): string {
  return complaints.length > 0 ? `: ${complaints.slice(-3).join(' / ')}` : '';
}
