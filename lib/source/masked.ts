import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { shownSource } from './shown';
import { readUrl } from './url-parts';

/** Bytes of a URL that ffmpeg reads from a redirect: its lines have 4096, some of which are the header's. */
export const longestRedirect = 4000;

/**
 * What stands on ffmpeg's command line, which everybody on a machine can read, for a URL of the web that has something secret in
 * it. ffmpeg asks a proxy for it, whose password is in ffmpeg's environment, and the answer is a redirect to the real URL.
 */
export class MaskedUrl {
  /** For the command line. */
  readonly url: string;
  /** What ffmpeg has to tell the proxy: `user:password`. */
  readonly login = `ffmpeg:${randomBytes(18).toString('hex')}`;
  readonly #host = `${randomBytes(6).toString('hex')}.invalid`;
  readonly #target: string;

  /** `target`: of http or https. */
  constructor(target: string) {
    this.#target = target;
    this.url = `http://${this.#host}${shownPath(target)}`;
  }

  /** Answers a request that the proxy got, if it is for this URL; returns whether it was. */
  answer({ url = '', headers }: IncomingMessage, response: ServerResponse): boolean {
    if (!URL.canParse(url) || new URL(url).hostname !== this.#host) return false;
    if (this.#knows(headers['proxy-authorization'] ?? '')) {
      // For good, or ffmpeg would come back for each part of a recording. Headers are written in Latin-1.
      const location = Buffer.from(this.#target).toString('latin1');
      response.writeHead(301, { location, 'cache-control': 'max-age=86400' }).end();
    } else response.writeHead(407, { 'proxy-authenticate': 'Basic realm="video"' }).end();
    return true;
  }

  #knows(given: string): boolean {
    const expected = Buffer.from(`Basic ${Buffer.from(this.login).toString('base64')}`);
    const found = Buffer.from(given);
    return found.length === expected.length && timingSafeEqual(found, expected);
  }
}

/**
 * The path and query of a URL as far as they may be seen: by how the path ends and what is in it, ffmpeg may guess what kind of
 * video it is, and an administrator which.
 */
export function shownPath(url: string): string {
  const { scheme = '', place = '' } = readUrl(url) ?? {};
  const beginning = `${scheme}://${place}`;
  const shown = shownSource(url);
  const rest = shown.startsWith(`${beginning}/`) ? shown.slice(beginning.length) : '/';
  // Well-formed, or encodeURI would throw; and what is encoded already stays as it is.
  return encodeURI(Buffer.from(rest).toString()).replaceAll('%25', '%');
}
