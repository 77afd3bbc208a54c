import { likelyStreamOf } from '../../../lib/source/shown';

/** The stream ID it was given, or the last segment of the source's path, as far as it may be seen. */
export function shortName({ source, sourceType, stream }: Record<string, unknown>): string {
  if (stream) return String(stream);
  if (sourceType !== 'str' && sourceType !== 'camera') return '';
  return (
    likelyStreamOf(String(source ?? ''))
      .split(/[\\/]/)
      .pop() ?? ''
  );
}
