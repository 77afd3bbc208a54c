import type { Source } from './source';

/** Microseconds, as ffmpeg counts: how long a peer may be silent while something is being read from it. */
const silence = 10_000_000;

/** Input options without which a dead peer would hang ffmpeg and ffprobe for good. */
export function networkOptions(source: Source): string[] {
  return source.kind === 'network' ? ['-rw_timeout', String(silence)] : [];
}
