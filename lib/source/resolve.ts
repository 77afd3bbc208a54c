import { VideoError } from '../errors';
import { checkHost, checkReading, hostOf } from './allowed-hosts';
import { containedOnly } from './contained-formats';
import { type LocalSource, resolveFile, resolveImages } from './local-source';
import { networks, transportOptions } from './networks';
import { shownSource } from './shown';
import type { Source, SourceRules, Transport } from './source';
import { isUrl, withEncodedLogin } from './url-parts';

/** Sources that are neither a path nor a URL have a prefix of ours. A message may not use one. */
const prefixes: Record<string, Pick<Source, 'kind' | 'recorded' | 'inputOptions'>> = {
  v4l2: { kind: 'device', recorded: false, inputOptions: ['-f', 'v4l2'] },
  avfoundation: { kind: 'device', recorded: false, inputOptions: ['-f', 'avfoundation'] },
  dshow: { kind: 'device', recorded: false, inputOptions: ['-f', 'dshow'] },
  lavfi: { kind: 'generated', recorded: true, inputOptions: ['-f', 'lavfi'] },
};

/** Characters: more than any path or URL in use has. */
export const maxSourceLength = 4096;

/** Of two or more letters: one letter is a Windows drive. */
const scheme = /^([a-z][a-z0-9+.-]+):/i;

/**
 * Reads a source as a flow's author gave it: a path or a URL, never ffmpeg's own syntax (`concat:`, `subfile:`, ...).
 * A relative path is looked for in each of the rules' folders.
 * Throws SOURCE_NOT_FOUND, SOURCE_NOT_A_FILE, SOURCE_UNREADABLE, SOURCE_REFUSED by the rules, or BAD_OPTION for what
 * cannot be a source.
 */
export async function resolveSource(given: unknown, rules: SourceRules): Promise<Source> {
  if (typeof given !== 'string' || given.trim() === '') {
    throw new VideoError('BAD_OPTION', 'No source given: enter the path or URL of a video');
  }
  if (given.length > maxSourceLength) {
    throw new VideoError(
      'BAD_OPTION',
      `The source has ${given.length} characters: give a path or URL of at most ${maxSourceLength}`,
    );
  }
  const protocol = scheme.exec(given)?.[1]?.toLowerCase();
  const url = withEncodedLogin(given);
  // A file may have any name but for NUL; a URL ends up in what is sent to a server.
  if (isUrl(given) ? hasControlCharacter(url) : given.includes('\0')) {
    throw new VideoError('BAD_OPTION', 'The source has a control character in it: give a path or URL without');
  }
  const local = await resolveLocal(given, protocol, rules);
  if (local !== undefined) {
    const { allowedFolders } = rules;
    if (local.kind === 'images') checkNoFormat(given, rules);
    const inputOptions = [
      ...local.inputOptions,
      ...(rules.inputOptions ?? []),
      ...(allowedFolders === undefined ? [] : containedOnly),
    ];
    // The name of a file is no secret, whatever it looks like; what follows it in a URL is not part of it.
    const name = /^file:/i.test(given) ? given.replace(/[?#].*/s, '') : given;
    return { ...local, inputOptions, name, recorded: true, protocols: 'file,crypto', allowedFolders };
  }
  if (protocol !== undefined && Object.hasOwn(prefixes, protocol)) return resolvePrefixed(given, protocol, rules);
  const network = protocol !== undefined && Object.hasOwn(networks, protocol) ? networks[protocol] : undefined;
  if (network !== undefined && isUrl(given)) {
    const name = shownSource(given);
    checkReading(given, name, rules);
    checkHost(url, name, rules);
    checkNotListening(url, name, rules);
    const { allowedHosts, live = false } = rules;
    const inputOptions = [
      ...(/^rtsps?$/.test(protocol ?? '') ? transportOptions[transportBy(rules, name)] : []),
      ...(rules.inputOptions ?? []),
      ...(allowedHosts === undefined ? [] : containedOnly),
    ];
    const recorded = network.recorded && !live;
    return { kind: 'network', input: url, inputOptions, name, allowedHosts, recorded, protocols: network.protocols };
  }
  throw noSource(given, protocol, rules);
}

/** How an RTSP camera may send by the rules. By UDP, or through HTTP, it could have ffmpeg send to another host. Throws SOURCE_REFUSED. */
function transportBy({ allowedHosts, transport = 'auto' }: SourceRules, name: string): Transport {
  if (allowedHosts === undefined) return transport;
  if (transport === 'auto' || transport === 'tcp') return 'tcp';
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} can be played by TCP only, as only some hosts are allowed: choose TCP or auto as its transport`,
  );
}

/** Line ends and the like end up in what ffmpeg sends to a server; of user and password, also those that are encoded. */
function hasControlCharacter(url: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
  return /[\u0000-\u001f\u007f]/.test(url) || /^[^:]+:\/\/[^/?#]*(?: |%[01][0-9a-f]|%7f)/i.test(url);
}

/** Throws SOURCE_REFUSED for a URL of a message that would have ffmpeg open a port here, and whoever comes be the source. */
function checkNotListening(url: string, name: string, { trusted, allowedHosts }: SourceRules): void {
  const isAsked = /[?&](?:listen(?:=(?!0(?:&|$))|&|$)|mode=(?:listener|rendezvous))/i.test(url);
  // By UDP anybody can send, but for the few who may send to a multicast group, which the network's routers know.
  const isDatagram = /^(?:udp|rtp):/i.test(url) && !/^(?:2(?:2[4-9]|3\d)\.[\d.]+|\[ff[0-9a-f:]+\])$/.test(hostOf(url));
  if (!(isAsked || isDatagram) || (trusted && allowedHosts === undefined)) return;
  throw new VideoError(
    'SOURCE_REFUSED',
    `${name} would wait for anybody to connect or send, which a message may not ask for, nor one where only some hosts are allowed. Give a URL to connect to`,
  );
}

/** Undefined where it is not, or cannot be, a file of this machine. */
async function resolveLocal(
  given: string,
  protocol: string | undefined,
  rules: SourceRules,
): Promise<LocalSource | undefined> {
  if (protocol === 'images' && rules.trusted) return resolveImages(given.slice('images:'.length), rules);
  // The name of a file may look like anything but a URL.
  if (protocol !== undefined && protocol !== 'file' && isUrl(given) && Object.hasOwn(networks, protocol))
    return undefined;
  return resolveFile(given, rules);
}

function resolvePrefixed(given: string, protocol: string, rules: SourceRules): Source {
  const name = shownSource(given);
  if (!rules.trusted) {
    throw new VideoError(
      'SOURCE_REFUSED',
      `${name}: a message may only give a path or a URL. Set a "${protocol}:" source in the settings`,
    );
  }
  const { allowedFolders, allowedHosts } = rules;
  if (protocol === 'lavfi' && (allowedFolders ?? allowedHosts) !== undefined) {
    throw new VideoError(
      'SOURCE_REFUSED',
      `${name}: "lavfi:" can read any file, while only some folders or hosts are allowed. Give a path`,
    );
  }
  checkNoFormat(name, rules);
  const prefixed = prefixes[protocol] as (typeof prefixes)[string];
  const input = given.slice(protocol.length + 1);
  const inputOptions = [...prefixed.inputOptions, ...(rules.inputOptions ?? [])];
  return { input, name, protocols: 'file', ...prefixed, inputOptions };
}

/** Throws BAD_OPTION for a format where the source's kind is one: read as another, a device's name would be the path of a file. */
function checkNoFormat(name: string, { inputOptions = [] }: SourceRules): void {
  if (!inputOptions.includes('-f')) return;
  throw new VideoError('BAD_OPTION', `The input option "f" is for files and URLs, and ${name} is neither: remove it`);
}

function noSource(given: string, protocol: string | undefined, { folders }: SourceRules): VideoError {
  const name = shownSource(given);
  if (protocol === undefined || protocol === 'file') {
    const what = `${name} does not exist (looked in ${folders.join(', ')})`;
    return new VideoError('SOURCE_NOT_FOUND', `${what}: check the path`);
  }
  const kinds = Object.keys(networks).join(', ');
  // It may be the user of an address whose scheme was forgotten.
  const what = name.toLowerCase().startsWith(protocol) ? `"${protocol}:" is not` : 'this is not';
  return new VideoError('BAD_OPTION', `${name}: ${what} a kind of source: give a path, or a URL of ${kinds}`);
}
