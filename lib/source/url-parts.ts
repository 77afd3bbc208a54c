/** A URL taken apart. Nothing in it is decoded. */
export interface UrlParts {
  scheme: string;
  /** `user`, or `user:password`. */
  login?: string;
  /** `host`, or `host:port`. */
  place: string;
  /** With the `/` it begins with, or empty. */
  path: string;
  /** Without its `?`. */
  query?: string;
  /** Without its `#`. */
  fragment?: string;
  /** Whether the login has a `/`, `?` or `#` in it, at which others would end the host. */
  isLoginBare: boolean;
}

/** A host with its port: a name, an IPv4 address, or an IPv6 one in brackets. */
const placePattern = /^(?:\[[\da-f:.]+(?:%[\w.-]+)?\]|[\p{L}\p{N}._-]*)(?::\d{0,5})?$/iu;

/** No user is called like this, so it is where the URL leads. */
const address = /^(?:\[.*\]|\d{1,3}(?:\.\d{1,3}){3}|localhost)(?::\d*)?$/i;

/** A name of several labels, the last of which is no number. */
const fullName = /^[\p{L}\p{N}_-]+(?:\.[\p{L}\p{N}_-]+)*\.\p{L}{2,}$/u;

export function isUrl(text: string): boolean {
  return /^[a-z][a-z0-9+.-]+:\/\//i.test(text);
}

/**
 * Takes a URL apart. People write passwords as they are, so that a `/`, `?`, `#` or `@` in one moves the place where its host
 * seems to begin. Undefined for what is no URL, and where it cannot be told whether something is the host or part of a password.
 */
export function readUrl(url: string): UrlParts | undefined {
  const [, scheme, rest] = /^([a-z][a-z0-9+.-]+):\/\/(.*)$/is.exec(url) ?? [];
  if (scheme === undefined || rest === undefined) return undefined;
  const end = endOfPlace(rest);
  const lastAt = rest.lastIndexOf('@');
  const strict = take(scheme, rest, rest.lastIndexOf('@', end));
  const isStrict = placePattern.test(strict.place);
  if (lastAt <= end) return isStrict ? strict : undefined;
  const lenient = take(scheme, rest, lastAt);
  const isLenient = lenient.place !== '' && placePattern.test(lenient.place);
  // ffmpeg up to 4.2 takes a # before an @ for part of the password, and nobody means anything else by it.
  if (!isStrict || (rest[end] === '#' && isLenient)) return isLenient ? lenient : undefined;
  if (!isLenient || address.test(strict.place)) return strict;
  return isLikelyPlace(strict) && !address.test(lenient.place) ? strict : undefined;
}

/** The same URL with a login in it that no reader takes for the host. */
export function withEncodedLogin(url: string): string {
  const parts = readUrl(url);
  if (parts?.login === undefined || !parts.isLoginBare) return url;
  const { scheme, login } = parts;
  const encoded = login.replace(/[/?#@\s]/g, encodeURIComponent);
  return `${scheme}://${encoded}${url.slice(scheme.length + '://'.length + login.length)}`;
}

/** A URL with this login instead of the one it may have. */
export function withLogin(url: string, user: string, password: string): string {
  const { scheme = '', login } = readUrl(url) ?? {};
  const start = scheme.length + '://'.length;
  const rest = url.slice(login === undefined ? start : start + login.length + 1);
  const encoded = [user, ...(password === '' ? [] : [password])].map(encode).join(':');
  return `${scheme}://${encoded}@${rest}`;
}

/** A part of a URL without percent-encoding, where it has a right one. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Encodes what would end a login or be decoded, and no more: ffmpeg has room for 127 characters. (Half a surrogate pair, at which
 * encodeURIComponent would throw, becomes U+FFFD, as in UTF-8.)
 */
function encode(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\ufffd').replace(/[%/?#@:+\\\s]|[^\x20-\x7e]/gu, encodeURIComponent);
}

function endOfPlace(rest: string): number {
  const end = rest.search(/[/?#]/);
  return end < 0 ? rest.length : end;
}

/** The login ends at `at`; -1: there is none. */
function take(scheme: string, rest: string, at: number): UrlParts {
  const login = at < 0 ? undefined : rest.slice(0, at);
  const afterLogin = rest.slice(at + 1);
  const end = endOfPlace(afterLogin);
  const [, path = '', query, fragment] = /^([^?#]*)(?:\?([^#]*))?(?:#(.*))?$/s.exec(afterLogin.slice(end)) ?? [];
  const isLoginBare = /[/?#]/.test(login ?? '');
  return { scheme, login, place: afterLogin.slice(0, end), path, query, fragment, isLoginBare };
}

/** Whether the place is one, though an @ that comes later could make it the beginning of a login. */
function isLikelyPlace({ place, login, path, query = '' }: UrlParts): boolean {
  if (login !== undefined || !fullName.test(place.replace(/:\d+$/, ''))) return false;
  if (/[\s"<>\\^`{|}]/.test(path + query)) return false;
  return path.includes('@') ? !place.includes(':') : /(?:^|&)[^=&@]+=[^&]*@/.test(query);
}
