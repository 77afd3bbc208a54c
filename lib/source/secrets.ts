import { isPlainWord } from './harmless';
import { shownSource } from './shown';
import type { Source } from './source';
import { decoded, isUrl, readUrl } from './url-parts';

/** A scheme of bounded length: looking for one in a long text would otherwise take the square of its length. */
const urlInText = /[a-z][a-z0-9+.-]{0,30}:\/\/\S*/gi;

/** What stands around a URL in a sentence, or closes it. */
const afterUrl = /["'`)\]>,.;:!]+$/;

/** A text with all that is not known to be harmless taken out of every URL in it. */
export function hideSecrets(text: string): string {
  return text.replace(urlInText, (found) => {
    const [after = ''] = afterUrl.exec(found.slice(-20)) ?? [];
    return shownSource(found.slice(0, found.length - after.length)) + after;
  });
}

/**
 * What is to be done to every text that may repeat a source, as ffmpeg's words may: its name is put where the source is, and what is
 * secret in it is removed, in whichever way its characters are encoded; then the secrets of all other URLs.
 */
export function redactorOf(source: Pick<Source, 'kind' | 'input' | 'name' | 'secrets'>): (text: string) => string {
  const secrets = [...new Set([...(source.kind === 'file' ? [] : secretsOf(source.input)), ...(source.secrets ?? [])])]
    .filter((secret) => secret.length > 1 && !isPlainWord(secret))
    .sort((one, other) => other.length - one.length);
  const pattern = secrets.length === 0 ? undefined : new RegExp(secrets.map(inAnyForm).join('|'), 'gu');
  return (text) => {
    const named = text.replaceAll(source.input, source.name);
    return hideSecrets(pattern === undefined ? named : named.replace(pattern, '…'));
  };
}

/** What a URL holds that may not be seen, as it stands there. */
export function secretsOf(url: string): string[] {
  if (!isUrl(url)) return [];
  const parts = readUrl(url);
  const shown = shownSource(url);
  // Where it cannot be told what is what, each piece may be one of a password.
  if (parts === undefined) {
    const rest = url.slice(url.indexOf('://') + '://'.length);
    return [rest, ...rest.split(/[/?#@:&=]/)];
  }
  const { login, path, query = '', fragment = '' } = parts;
  const tail = `${path}?${query}#${fragment}`;
  // A password may have in it what separates the parts of a URL: its pieces are removed as well.
  const pieces = [/[?#]/, /[?#&]/, /[?#&/]/, /[?#&/_;,!~]/].flatMap((separator) => tail.split(separator));
  const values = pieces.flatMap((piece) => /=(.+)$/s.exec(piece)?.slice(1) ?? []);
  return [...loginSecrets(login), ...pieces, ...values].filter((secret) => !shown.includes(secret));
}

function loginSecrets(login: string | undefined): string[] {
  if (login === undefined) return [];
  // As it stands in the header of a request.
  const encoded = Buffer.from(decoded(login)).toString('base64');
  return [login, encoded, login.slice(login.indexOf(':') + 1)];
}

/** Matches a text however its characters are percent-encoded, and encoded once more. */
function inAnyForm(text: string): string {
  const forms = [...new Set([decoded(text), text])].map((form) =>
    [...Buffer.from(form).toString()].map(inAnyEncoding).join(''),
  );
  const pattern = `(?:${forms.join('|')})`;
  // Short ones are parts of many words.
  return text.length < 4 ? `(?<![\\p{L}\\p{N}])${pattern}(?![\\p{L}\\p{N}])` : pattern;
}

function inAnyEncoding(character: string): string {
  const bytes = [...Buffer.from(character)].map((byte) => byte.toString(16).padStart(2, '0'));
  const encoded = bytes
    .map((hex) => `%${hex.replace(/[a-f]/g, (digit) => `[${digit}${digit.toUpperCase()}]`)}`)
    .join('');
  const plain = character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&');
  return `(?:${encoded}|${plain}${character === ' ' ? '|\\+' : ''})`;
}
