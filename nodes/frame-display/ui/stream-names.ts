/** A stream's name, taken apart. */
interface Parts {
  /** The last part of its path, or its host where it has no path: what it is called while that tells it from others. */
  last: string;
  /** Everything else it may be told by: the host, values of its query, the folders from the nearest on, the port. */
  others: Map<string, string>;
}

const url = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?/i;
/** Inputs whose description is no path, though there may be slashes in it. */
const described = /^(?:lavfi|dshow|avfoundation):(.+)/is;
/** Parts that are tried, and how many together: streams that differ in so many ways are told by the first of them. */
const mostTried = 16;
const mostTogether = 3;

/**
 * What to call each of these streams: the last part of its path or URL where no other has the same, else what tells it from
 * those, such as the host, the folder or a value of the query; all of it where nothing shorter does. No two are called alike.
 */
export function streamNames(streams: readonly string[]): Map<string, string> {
  const all = new Map(streams.map((stream) => [stream, partsOf(stream)]));
  const names = new Map([...all].map(([stream, { last }]) => [stream, last]));
  for (const alike of groups(all.keys(), (stream) => names.get(stream))) {
    const parts = alike.map((stream) => all.get(stream) as Parts);
    const keys = keysThatTell(parts);
    const others = [...all.values()].filter((each) => !parts.includes(each));
    const isEnough =
      keys !== undefined && parts.every((each) => others.every((other) => areApart([each, other], keys)));
    for (const stream of alike) names.set(stream, keys ? nameOf(all.get(stream) as Parts, keys, isEnough) : stream);
  }
  for (;;) {
    const shortened = [...all.keys()].filter((stream) => names.get(stream) !== stream);
    const alike = groups(all.keys(), (stream) => names.get(stream)).flat();
    const still = shortened.filter((stream) => alike.includes(stream));
    if (still.length === 0) return names;
    for (const stream of still) names.set(stream, stream);
  }
}

function partsOf(stream: string): Parts {
  const [, scheme = '', authority = '', path = stream, query = ''] = url.exec(stream) ?? [];
  const description = described.exec(stream)?.[1];
  if (description !== undefined) return { last: description, others: new Map() };
  const isUrl = authority !== '';
  const [, host = '', port = ''] = /^(?:.*@)?(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority) ?? [];
  const segments = (scheme === '' ? path.split(/[\\/]/) : path.split('/').map(decoded)).filter(Boolean);
  const last = segments.pop() ?? (host || stream);
  const others = new Map<string, string>();
  if (isUrl) others.set('host', host);
  for (const pair of query.split('&').filter(Boolean)) others.set(`?${pair.split('=', 1)[0]}`, pair);
  for (const [index, folder] of segments.reverse().entries()) others.set(`/${index}`, folder);
  if (isUrl) others.set('port', port);
  return { last, others };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not everything with a percent sign is encoded.
    return text;
  }
}

/** Those that have something in common with others. */
function groups(streams: Iterable<string>, common: (stream: string) => string | undefined): string[][] {
  const found = new Map<string | undefined, string[]>();
  for (const stream of streams) {
    const key = common(stream);
    found.set(key, [...(found.get(key) ?? []), stream]);
  }
  return [...found.values()].filter((alike) => alike.length > 1);
}

/** The fewest parts in which each of these differs from each other one; undefined where there are none. */
function keysThatTell(alike: Parts[]): string[] | undefined {
  const keys = [...new Set(alike.flatMap(({ others }) => [...others.keys()]))].sort((a, b) => rank(a) - rank(b));
  const differing = keys.filter((key) => new Set(alike.map(({ others }) => others.get(key))).size > 1);
  for (let count = 1; count <= mostTogether; count += 1) {
    const found = choices(differing.slice(0, mostTried), count).find((chosen) => areApart(alike, chosen));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A host says more than a value, a value more than a folder, a near folder more than a far one. */
function rank(key: string): number {
  if (key === 'host') return 0;
  if (key.startsWith('?')) return 1;
  return key.startsWith('/') ? 2 + Number(key.slice(1)) : Number.POSITIVE_INFINITY;
}

/** All ways to choose so many of these, those of the first ones first. */
function choices(keys: string[], count: number): string[][] {
  if (count === 0) return [[]];
  return keys.flatMap((key, index) => choices(keys.slice(index + 1), count - 1).map((rest) => [key, ...rest]));
}

const areApart = (alike: Parts[], keys: string[]) =>
  new Set(alike.map((each) => valuesOf(each, keys))).size === alike.length;

const valuesOf = ({ others }: Parts, keys: string[]) => JSON.stringify(keys.map((key) => others.get(key) ?? null));

/** The name that these parts make. `isEnough`: also without the last one, as no stream that ends differently has the same. */
function nameOf(parts: Parts, keys: string[], isEnough: boolean): string {
  const { last } = parts;
  const has = (key: string) => keys.includes(key) && parts.others.has(key);
  const port = has('port') && parts.others.get('port') ? `:${parts.others.get('port')}` : '';
  const host = has('host') || port !== '' ? `${parts.others.get('host')}${port}` : '';
  const query = keys.filter((key) => key.startsWith('?') && has(key)).map((key) => parts.others.get(key));
  const path = pathOf(
    parts,
    keys.filter((key) => key.startsWith('/')),
  );
  const place = [host, path || (isEnough && host + query.join('') !== '' ? '' : last)].filter(Boolean).join('/');
  return [place, ...query].filter(Boolean).join(' ');
}

/** The last part and the folders chosen; what lies between is left out. Empty where no folders were chosen. */
function pathOf({ last, others }: Parts, keys: string[]): string {
  if (keys.length === 0) return '';
  const folders = keys.map((key) => Number(key.slice(1))).filter((index) => others.has(`/${index}`));
  let path = last;
  let reached = -1;
  for (const index of folders.sort((a, b) => a - b)) {
    path = `${others.get(`/${index}`)}/${index > reached + 1 ? '…/' : ''}${path}`;
    reached = index;
  }
  return path;
}
