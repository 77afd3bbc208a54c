import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { VideoError } from '../errors';
import { hostOf, refusedHost, shownHostOf } from './allowed-hosts';
import { containedOrHls } from './contained-formats';
import { holdFile } from './held-file';
import { longestRedirect, MaskedUrl } from './masked';
import { isOfWeb } from './networks';
import { canTellPeers } from './own-peer';
import { RtspRedirect } from './rtsp-redirect';
import { RtspRelay } from './rtsp-relay';
import { secretsOf } from './secrets';
import type { Source } from './source';
import { WebProxy } from './web-proxy';

/** A name or IPv4 address in a URL, and what stands before it; see `hostOf`. */
const hostInUrl = /^([^:]+:\/\/(?:[^/?#]*@)?)[^:/?#]+/;

/** How an ffmpeg gets to a source. */
export interface Route {
  /** What it is to open. */
  source: Source;
  /** Variables its environment needs in addition. */
  env: NodeJS.ProcessEnv;
  /**
   * Throws SOURCE_REFUSED where the source led to a host that is not allowed, SOURCE_UNREADABLE where it could not be
   * reached on this way.
   */
  check(): void;
  /** The source as one whose HLS playlists are checked on their way, where that can be done. */
  readPlaylists?(): Source;
  close(): Promise<void>;
}

/**
 * The route to a source; for most sources there is nothing to do. Where only some folders are allowed, a file is held
 * open. Where only some hosts are allowed, which ffmpeg cannot check, an RTSP camera is opened through a relay of ours, and
 * an http source through a proxy; the latter also where ffmpeg cannot look up names. In any other URL a name that ffmpeg
 * cannot look up is replaced by its address. `canLookUpNames` tells whether the ffmpeg to be used can. What is secret in a URL
 * of http and rtsp is kept off ffmpeg's command line.
 * Throws SOURCE_UNREADABLE where there is no such host, and what `holdFile` does.
 */
export async function openRoute(source: Source, canLookUpNames: () => Promise<boolean>): Promise<Route> {
  const direct: Route = { source, env: {}, check: () => {}, close: async () => {} };
  if (source.kind === 'file' && source.allowedFolders !== undefined) {
    return { ...direct, ...(await holdFile(source, source.allowedFolders)) };
  }
  if (source.kind !== 'network') return direct;
  const isHttp = isOfWeb(source);
  // A proxy set in this process's own environment looks up the names; they may be unknown here.
  if (isHttp && process.env.http_proxy && source.allowedHosts === undefined) return direct;
  const host = hostOf(source.input);
  const isName = host !== '' && !host.startsWith('[') && isIP(host) === 0;
  const address = isName ? await addressOf(host, source) : undefined;
  const isRtsp = /^rtsps?:/i.test(source.input);
  if (isRtsp && source.allowedHosts !== undefined) return withoutSecrets(await openRelayRoute(source));
  if (isHttp && source.allowedHosts !== undefined) return openProxyRoute(source);
  if (address === undefined || (await canLookUpNames())) {
    if (isHttp && hasSecret(source)) return openProxyRoute(source, host);
    return isRtsp ? withoutSecrets(direct) : direct;
  }
  if (isHttp) return openProxyRoute(source);
  const input = source.input.replace(hostInUrl, (_, before: string) => before + address);
  const route = { ...direct, source: { ...source, input } };
  return isRtsp ? withoutSecrets(route) : route;
}

/** Whether something that may not be seen can be kept off ffmpeg's command line by a redirect. */
function hasSecret({ input }: Source): boolean {
  return Buffer.byteLength(input) <= longestRedirect && secretsOf(input).length > 0;
}

/** `directHost`: what need not go by the proxy. By default all has to. */
async function openProxyRoute(source: Source, directHost = ''): Promise<Route> {
  const masked = hasSecret(source) ? new MaskedUrl(source.input) : undefined;
  const proxy = new WebProxy(source.allowedHosts, masked);
  const url = await proxy.listen();
  const shown = masked === undefined ? source : { ...source, input: masked.url, secrets: secretsOf(source.input) };
  return {
    source: shown,
    // ffmpeg uses these for http and, through a tunnel, for https.
    env: { http_proxy: url, no_proxy: directHost.replace(/^\[(.*)\]$/, '$1') },
    check() {
      if (proxy.refused !== undefined) throw refusedHost(source.name, proxy.refused);
      if (proxy.refusedScheme !== undefined) {
        throw new VideoError(
          'SOURCE_REFUSED',
          `${source.name} is a playlist that leads to ${proxy.refusedScheme}:, and only http: can be held to the allowed hosts. Give the video itself`,
        );
      }
    },
    readPlaylists() {
      proxy.readPlaylists();
      // Of two lists ffmpeg takes the second.
      return { ...shown, inputOptions: [...source.inputOptions, ...containedOrHls] };
    },
    close: () => proxy.close(),
  };
}

/** Whether a URL has no characters but those it may have, and no second login: ffmpeg reads others differently in a redirect. */
function isWellFormed(url: string): boolean {
  return /^[\w.~:/?#[\]@!$&'()*+,;=%-]+$/.test(url) && url.split('@').length <= 2;
}

/** The same route to an RTSP camera, without its login on the command line of ffmpeg, as far as that can be done. */
async function withoutSecrets(route: Route): Promise<Route> {
  const { source } = route;
  // Through HTTP, ffmpeg sends the requests of RTSP in an encoding of their own.
  const isPlain = !source.inputOptions.join(' ').includes('-rtsp_transport http');
  if (!hasSecret(source) || !isPlain || !isWellFormed(source.input) || !(await canTellPeers())) return route;
  const redirect = new RtspRedirect(source.input);
  const input = await redirect.listen();
  return {
    ...route,
    source: { ...source, input, secrets: secretsOf(source.input) },
    async close() {
      await redirect.close();
      await route.close();
    },
  };
}

async function openRelayRoute(source: Source): Promise<Route> {
  const { name } = source;
  const relay = new RtspRelay(source.input);
  const input = await relay.listen();
  return {
    source: { ...source, input, protocols: 'tcp' },
    env: {},
    check() {
      if (relay.isRedirected) {
        throw new VideoError(
          'SOURCE_REFUSED',
          `${name} redirects to another address, which is not followed where only some hosts are allowed. Give the address it redirects to`,
        );
      }
      if (relay.trouble !== undefined) {
        throw new VideoError('SOURCE_UNREADABLE', `${name} cannot be reached (${relay.trouble}): check that it is on`);
      }
    },
    close: () => relay.close(),
  };
}

/** As it stands in a URL. */
async function addressOf(host: string, { name, input }: Source): Promise<string> {
  try {
    const { address, family } = await lookup(host);
    return family === 6 ? `[${address}]` : address;
  } catch (cause) {
    const shown = shownHostOf(input);
    throw new VideoError(
      'SOURCE_UNREADABLE',
      shown === undefined
        ? `${name} cannot be reached: where its host begins is unclear. Write the characters / ? # @ of a password as %2F %3F %23 %40`
        : `${name} cannot be reached: there is no host "${shown}". Check the address, and the network`,
      shown === undefined ? undefined : { cause },
    );
  }
}
