/** The last segment of a source's path, without the parts of a URL that may hold secrets (login, query). */
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
