import { VideoError } from '../errors';
import type { SourceRules } from './source';
import { readUrl } from './url-parts';

/** Throws SOURCE_REFUSED for a URL, as it was given, which not all read alike, where only some hosts are allowed. */
export function checkReading(url: string, name: string, { allowedHosts }: SourceRules): void {
  // ffmpeg up to 4.2 takes such a # for a part of the password, and later ones for the end of the host.
  if (allowedHosts !== undefined && /^[^:]+:\/\/[^/?]*#/.test(url)) {
    throw new VideoError('SOURCE_REFUSED', `${name} has a # in its address, which can be read in two ways: write %23`);
  }
}

/** Throws SOURCE_REFUSED when the list of hosts leaves this URL's out. */
export function checkHost(url: string, name: string, { allowedHosts }: SourceRules): void {
  if (!isAllowedHost(hostOf(url), allowedHosts)) throw refusedHost(name, shownHostOf(url));
}

export function isAllowedHost(host: string, allowedHosts: string[] | undefined): boolean {
  return (
    allowedHosts?.some((allowed) => {
      const wanted = allowed.toLowerCase();
      return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
    }) ?? true
  );
}

export function refusedHost(name: string, host: string | undefined): VideoError {
  const which = host === undefined ? 'its host' : `the host "${host}"`;
  return new VideoError(
    'SOURCE_REFUSED',
    `${name}: ${which} is not one of the allowed hosts. Add it to allowedHosts, or give another source`,
  );
}

/** A URL's host, unless it may be a part of a password with a `/` in it. */
export function shownHostOf(url: string): string | undefined {
  return readUrl(url) === undefined ? undefined : hostOf(url);
}

/** A URL's host as ffmpeg reads it: between the last @ and the port, before the first of / ? #. */
export function hostOf(url: string): string {
  const [, authority = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(url) ?? [];
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const [, host = ''] = /^(\[[^\]]*\]|[^:]*)/.exec(place) ?? [];
  return host.toLowerCase();
}
