import assert from 'node:assert/strict';
import { printable } from '../../lib/printable';

/** What is odd in a text, and how it is shown. */
const odd: [what: string, text: string, shown: string][] = [
  ['a line break', 'door\nadmin: all is well', 'door\\u{a}admin: all is well'],
  [
    'a line break of any system and of Unicode',
    'a\r\nb\u2028c\u2029d\u0085e',
    'a\\u{d}\\u{a}b\\u{2028}c\\u{2029}d\\u{85}e',
  ],
  ['what terminals obey', '\u001b[2Jdoor\u0007\u009b31m', '\\u{1b}[2Jdoor\\u{7}\\u{9b}31m'],
  ['a zero byte', 'door\0', 'door\\u{0}'],
  ['a reversal of the direction of writing', 'door\u202egpj.exe', 'door\\u{202e}gpj.exe'],
  ['isolates and marks of direction', '\u2066a\u2069\u200eb\u061c', '\\u{2066}a\\u{2069}\\u{200e}b\\u{61c}'],
  ['what has no width', 'do\u200bor\ufeff\u00ad\u2060', 'do\\u{200b}or\\u{feff}\\u{ad}\\u{2060}'],
  ['a joiner where it joins nothing', 'do\u200dor\u200c', 'do\\u{200d}or\\u{200c}'],
  ['letters that are blank', '\u3164\u115f\u2800', '\\u{3164}\\u{115f}\\u{2800}'],
  ['a selector that selects nothing', 'a\ufe0f\u{e0100}', 'a\\u{fe0f}\\u{e0100}'],
  ['hidden text in tags', '\u{1f3f4}\u{e0067}\u{e007f}', '\u{1f3f4}\\u{e0067}\\u{e007f}'],
  ['half a surrogate pair', 'a\ud83d b\udc00', 'a\\u{d83d} b\\u{dc00}'],
  ['no character at all', 'a\uffff', 'a\\u{ffff}'],
  ['spaces that nobody sees', ' door ', '\\u{20}door\\u{20}'],
  ['what looks like a character written out', 'a\\u{200b}', 'a\\u{5c}u{200b}'],
];

const plain = [
  'C:\\videos\\users\\Kamera 1.mp4',
  'rtsp://[fe80::1]/ch?x=%0a#1',
  'Größe ½ – “Tür” Ελλάδα Москва',
  '日本語\u3000東京 한국어 שלום مرحبا',
  // With a joiner of zero width.
  'کتاب\u200cها',
  'क्\u200dष',
  '👩\u200d💻 🏳\ufe0f\u200d🌈 ❤\ufe0f 👍🏽 1\ufe0f\u20e3 🇩🇪 🎬',
  'e\u0301',
  'Screen Recording 10.30.15\u202fAM.mov',
];

describe('printable', () => {
  for (const [what, text, shown] of odd) it(`writes out ${what}`, () => assert.equal(printable(text), shown));

  for (const text of plain) it(`leaves ${text} as it is`, () => assert.equal(printable(text), text));

  it('is different for different texts', () => {
    const texts = ['a\u200b', 'a\\u{200b}', 'a\\u{5c}u{200b}', 'a', 'a\u200b\u200b', 'a\\\u200b', 'a\\'];
    assert.equal(new Set(texts.map(printable)).size, texts.length);
  });
});
