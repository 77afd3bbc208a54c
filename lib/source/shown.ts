import { isHarmless, isSecretPart } from './harmless';
import type { Source } from './source';
import { decoded, isUrl, readUrl } from './url-parts';

/** Stands where something is kept back. */
const hidden = '…';

/**
 * What may be seen of a source, wherever that is: in errors, events, topics, keys, logs and the editor. Of a URL that is what is
 * known to be harmless: its scheme, host, port and path, and the parameters that say which picture is wanted. The path of
 * a file is shown as it is.
 */
export function shownSource(given: string): string {
  return isUrl(given) ? shownUrl(given, true) : shownOther(given);
}

/** The stream id of a source by default: of a URL what may be seen of it, without its parameters; of a file its path as it was given. */
export function defaultStreamOf({ kind, input, name }: Pick<Source, 'kind' | 'input' | 'name'>): string {
  return kind === 'network' ? shownUrl(input, false) : name;
}

/** The same of a source that has not been resolved, and may never be. */
export function likelyStreamOf(given: string): string {
  return isUrl(given) ? shownUrl(given, false) : shownOther(given);
}

function shownUrl(url: string, withQuery: boolean): string {
  const parts = readUrl(url);
  if (parts === undefined) return `${url.slice(0, url.indexOf('://'))}://${hidden}`;
  const query = withQuery && parts.query !== undefined ? `?${shownParameters(parts.query)}` : '';
  return `${parts.scheme}://${parts.place}${shownPath(parts.path)}${query}`;
}

/** The parameters of a URL, of which those that are not known to be harmless are hidden. */
function shownParameters(query: string): string {
  return joined(
    query.split('&').map((pair) => (isHarmlessPair(pair) ? pair : undefined)),
    '&',
  );
}

function shownPath(path: string): string {
  return hidingParts(path).join('/');
}

/**
 * The parts of a path, with what is secret in them hidden. After a part with a password in it, which may itself have had a `/`,
 * only parameters that are known to be harmless are shown.
 */
function hidingParts(path: string): string[] {
  let isDoubtful = false;
  const parts = path.split('/');
  return parts.map((part, index) => {
    const plain = decoded(part);
    if (isDoubtful || /[=:;]/.test(plain)) {
      const shown = shownPairs(plain);
      isDoubtful ||= shown.includes(hidden);
      return shown;
    }
    if (!isSecretPart(plain, decoded(parts[index - 1] ?? ''))) return part;
    // What kind of thing it is may be seen.
    return hidden + (/\.[a-z][a-z\d]{1,4}$/i.exec(plain)?.[0] ?? '');
  });
}

/** `user=me_password=secret_channel=1`, as some cameras have it in their path. */
function shownPairs(part: string): string {
  const [first = '', ...rest] = part.split(/([_&;,!~])/);
  const pairs = [first, ...rest.filter((_, index) => index % 2 === 1)];
  return joined(
    pairs.map((pair) => (/=./.test(pair) && isHarmlessPair(pair) ? pair : undefined)),
    rest[0] ?? '',
  );
}

/** Neighbours that are hidden are one mark. */
function joined(parts: (string | undefined)[], separator: string): string {
  return parts
    .map((part) => part ?? hidden)
    .filter((part, index, all) => part !== hidden || all[index - 1] !== hidden)
    .join(separator);
}

function isHarmlessPair(pair: string): boolean {
  const [name = '', ...value] = pair.split('=');
  return isHarmless(decoded(name), value.length === 0 ? undefined : decoded(value.join('=')));
}

/** What is no URL is the path of a file, a device, or a mistake: an address without its scheme, with whatever it holds. */
function shownOther(given: string): string {
  if (/^lavfi:/i.test(given)) return /@|\/\//.test(given) ? `lavfi:${hidden}` : given;
  const isLocal = /^(?:\/(?!\/)|\.|[a-z]:[\\/]|(?:file|images|v4l2|avfoundation|dshow):)/i.test(given);
  if (isLocal || !/[?=]|:.*@/s.test(given)) return given;
  const scheme = 'no-scheme://';
  return shownUrl(scheme + given.replace(/^\/+/, ''), true).slice(scheme.length);
}
