/** The last part of a source's path; of a URL nothing that may be secret: no login, no query. */
export function shortName({ source, sourceType }: Record<string, unknown>): string {
  if (sourceType !== 'str') return '';
  return (
    String(source ?? '')
      .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, '$1')
      .replace(/^([a-z][a-z0-9+.-]*:\/\/[^?#]*)[?#].*/i, '$1')
      .split(/[\\/]/)
      .pop() ?? ''
  );
}
