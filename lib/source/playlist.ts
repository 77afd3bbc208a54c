/** How an HLS playlist begins, for ffmpeg as well (RFC 8216, 4.3.1.1). */
export const playlistStart = Buffer.from('#EXTM3U');

/**
 * The scheme of an address in an HLS playlist that is neither relative nor of plain http, which is all that a proxy can hold
 * to a list of hosts; undefined where there is none. It finds at least every address that
 * ffmpeg would: an escape (`\"`) can end an address early here, but hides no colon.
 */
export function schemeOutsideHttp(playlist: string): string | undefined {
  for (const line of playlist.split(/[\r\n\0]/)) {
    for (const address of line.startsWith('#') ? attributes(line) : [line]) {
      const [, scheme] = /^([^/?#]*):/.exec(address.trim()) ?? [];
      if (scheme !== undefined && !/^http:\/\//i.test(address.trim())) return scheme;
    }
  }
  return undefined;
}

/** The addresses in a tag: of a key, an initialisation section, another rendition. */
function attributes(tag: string): string[] {
  return [...tag.matchAll(/URI=(?:"([^"]*)|([^\s,]*))/gi)].map(([, quoted, bare]) => quoted ?? bare ?? '');
}
