/** A picture of its own, or with what joins it to others or changes its look. */
const emoji = String.raw`\p{Extended_Pictographic}(?:[\ufe0e\ufe0f]|[\u{1f3fb}-\u{1f3ff}])?`;
/** Scripts in which a joiner between two letters changes how these are written, as it does in Persian and Hindi. */
const joining = ['Arab', 'Syrc', 'Mong', 'Deva', 'Beng', 'Guru', 'Gujr', 'Orya', 'Taml', 'Telu', 'Knda', 'Mlym', 'Sinh']
  .map((script) => String.raw`\p{Script_Extensions=${script}}`)
  .join('');
/** What has invisible characters in it, and should: emoji, keycaps, letters with a joiner. */
const kept = [
  String.raw`${emoji}(?:\u200d${emoji})*`,
  String.raw`[0-9#*]\ufe0f\u20e3`,
  String.raw`(?!\p{Default_Ignorable_Code_Point})[${joining}][\u200c\u200d](?=[${joining}])`,
].join('|');
/**
 * Control and format characters (line breaks, reversals of the direction of writing, zero width), halves of surrogate pairs,
 * and whatever else leaves nothing to be seen.
 */
const odd = String.raw`[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]`;
/** A space that nobody sees, as nothing stands beyond it; and what might be taken for a character written out. */
const doubtful = String.raw`^\p{Zs}|\p{Zs}$|\\(?=u\{)`;

const pattern = new RegExp(`(${kept})|${odd}|${doubtful}`, 'gu');

/**
 * A text that may be of anybody's making, as it can be shown: on one line, in the order in which it is written, and different for
 * different texts. What is odd in it is written out, as in `door\u{202e}`.
 */
export function printable(text: string): string {
  return text.replace(pattern, (found, whole?: string) => whole ?? writtenOut(found));
}

/** Halves of surrogate pairs, which cannot be sent as UTF-8, written out; everything else is as it was. */
export function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, writtenOut);
}

const writtenOut = (character: string) => `\\u{${character.codePointAt(0)?.toString(16)}}`;
