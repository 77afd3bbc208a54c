import { realpath } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { VideoError } from '../errors';
import type { Source } from './source';

/** What a source may be. */
export interface SourceRules {
  /** Where relative paths are looked for, in this order. */
  folders: string[];
  /** Whether it stands in the node itself. What comes with a message may be a path or a URL only. */
  trusted: boolean;
  /** The only folders files may be in. Undefined = any. */
  allowedFolders?: string[];
  /** The only hosts URLs may lead to; `*.example.org` is every host below. Undefined = any. */
  allowedHosts?: string[];
  /** Images per second of an image sequence. */
  imageRate?: number;
}

const web = 'http,https,httpproxy,tcp,tls,crypto';

/** Pictures that lose no packets on a busy network. ffmpeg tries UDP where a camera does not know TCP. */
const preferTcp = ['-rtsp_flags', 'prefer_tcp'];

/** The URLs that are sources, and what each may open. */
export const networks: Record<string, Pick<Source, 'recorded' | 'protocols'> & Partial<Pick<Source, 'inputOptions'>>> =
  {
    http: { recorded: true, protocols: web },
    https: { recorded: true, protocols: web },
    rtsp: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,http,crypto', inputOptions: preferTcp },
    rtsps: { recorded: false, protocols: 'rtsp,rtp,srtp,udp,tcp,tls,crypto', inputOptions: preferTcp },
    rtmp: { recorded: false, protocols: 'rtmp,rtmpt,tcp,ffrtmphttp,http' },
    rtmps: { recorded: false, protocols: 'rtmps,rtmpts,rtmp,tcp,tls,ffrtmphttp,https' },
    udp: { recorded: false, protocols: 'udp' },
    rtp: { recorded: false, protocols: 'rtp,udp,srtp' },
    srt: { recorded: false, protocols: 'srt' },
    tcp: { recorded: false, protocols: 'tcp' },
  };

/** Throws SOURCE_REFUSED when the list of hosts leaves this URL's out. */
export function checkHost(url: string, name: string, { allowedHosts }: SourceRules): void {
  const host = hostOf(url);
  if (!isAllowedHost(host, allowedHosts)) throw refusedHost(name, host);
}

export function isAllowedHost(host: string, allowedHosts: string[] | undefined): boolean {
  return (
    allowedHosts?.some((allowed) => {
      const wanted = allowed.toLowerCase();
      return wanted.startsWith('*.') ? host.endsWith(wanted.slice(1)) : host === wanted;
    }) ?? true
  );
}

export function refusedHost(name: string, host: string): VideoError {
  return new VideoError(
    'SOURCE_REFUSED',
    `${name}: the host "${host}" is not one of kafkaVideo.allowedHosts in settings.js. Add it there, or give another`,
  );
}

/** As ffmpeg reads it: what is between the last @ and the port, before the first of / ? #. */
export function hostOf(url: string): string {
  const [, authority = ''] = /^[^:]+:\/\/([^/?#]*)/.exec(url) ?? [];
  const place = authority.slice(authority.lastIndexOf('@') + 1);
  const [, host = ''] = /^(\[[^\]]*\]|[^:]*)/.exec(place) ?? [];
  return host.toLowerCase();
}

/** Throws SOURCE_REFUSED when the list of folders leaves this file out, wherever its links lead. */
export async function checkFolder(path: string, name: string, { allowedFolders }: SourceRules): Promise<void> {
  if (allowedFolders === undefined) return;
  const real = await realpath(path);
  for (const folder of allowedFolders) {
    // A folder that is not there allows nothing.
    const allowed = await realpath(folder).catch(() => resolve(folder));
    const way = relative(allowed, real);
    if (way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && resolve(allowed, way) === real) return;
  }
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} is in none of kafkaVideo.allowedFolders in settings.js. Add its folder there, or give another file`,
  );
}

/** Containers that name other files, which no check of ours has seen. */
const playlists = ['hls', 'dash', 'concat', 'imf', 'sdp'];

/** Throws SOURCE_REFUSED for a playlist that could lead out of the allowed folders. */
export function checkContainer({ name, confined }: Pick<Source, 'name' | 'confined'>, format: string): void {
  if (!confined || !format.split(',').some((part) => playlists.includes(part))) return;
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} is a playlist, which may lead out of kafkaVideo.allowedFolders. Give the video itself`,
  );
}
