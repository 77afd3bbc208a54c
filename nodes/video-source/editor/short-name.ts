import { likelyStreamOf } from '../../../lib/source/shown';

/** The last segment of a source's path, as far as it may be seen. */
export function shortName({ source, sourceType }: Record<string, unknown>): string {
  if (sourceType !== 'str' && sourceType !== 'camera') return '';
  return (
    likelyStreamOf(String(source ?? ''))
      .split(/[\\/]/)
      .pop() ?? ''
  );
}
