import assert from 'node:assert/strict';
import { hideSecrets, redactorOf } from '../../../lib/source/secrets';
import { shownSource } from '../../../lib/source/shown';
import { places, printable, randomPasswords } from '../../support/passwords';

const encodedAll = (text: string) =>
  [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');

const sourceOf = (input: string) => ({ kind: 'network', input, name: shownSource(input) }) as const;

describe('what ffmpeg says of a source', () => {
  it('is told without its secrets, however it has encoded them', () => {
    for (const password of [...randomPasswords(15), printable]) {
      for (const written of [password, encodeURIComponent(password)]) {
        for (const place of places) {
          const redact = redactorOf(sourceOf(place(written)));
          for (const form of [written, password, encodeURIComponent(written), encodedAll(written)]) {
            const told = redact(`Failed to resolve "${form}", ${place(form)}: Server returned 401`);
            // In which parts a URL is read, if at all, depends on the password: some of them are no URLs of this source.
            if (place(written).includes('://')) assert.ok(!told.includes(form), `${form} in ${told}`);
          }
        }
      }
    }
  });

  it('is told without the header that a login makes', () => {
    const told = redactorOf(sourceOf('http://me:p%40ss@cam/'))(`Authorization: Basic ${btoa('me:p@ss')}`);
    assert.equal(told, 'Authorization: Basic …');
  });

  it('keeps its words, and the name of the source', () => {
    const redact = redactorOf(sourceOf('http://me:pw1@cam/live?token=on&pin=12&channel=1'));
    assert.equal(
      redact('http://me:pw1@cam/live?token=on&pin=12&channel=1: 12 errors on channel 1, pw1, spw1x'),
      'http://cam/live?…&channel=1: 12 errors on channel 1, …, spw1x',
    );
  });

  it('keeps the path of a file as it is', () => {
    const file = { kind: 'file', input: 'file:/videos/a=b@c.mp4', name: 'a=b@c.mp4' } as const;
    assert.equal(redactorOf(file)('[mov] /videos/a=b@c.mp4 is broken'), '[mov] /videos/a=b@c.mp4 is broken');
  });

  it('is told without the secrets of other addresses, as of a playlist', () => {
    const redact = redactorOf(sourceOf('http://h/a.m3u8'));
    const told = redact("Opening 'https://me:pw@cdn/1.ts?token=ab&channel=2' for reading, (rtsp://a:b@c/d).");
    assert.equal(told, "Opening 'https://cdn/1.ts?…&channel=2' for reading, (rtsp://c/d).");
  });

  it('is read in no more time than its length takes', () => {
    for (const piece of ['a', '?', '@', ':', '/', '.', '=', '&', 'a?', '&a=', '://', 'a://', 'a://@', "'"]) {
      const text = piece.repeat(100_000);
      for (const long of [text, `http://h/${text}`, `http://a:b@${text}`]) assert.ok(hideSecrets(long).length < 1e6);
    }
  });

  it('is told without the secrets of the longest source there may be', () => {
    const input = `http://me:pass@h/?${'ab=cdef1&'.repeat(500)}`.slice(0, 4096);
    assert.equal(redactorOf(sourceOf(input))('cdef1 pass xyz'), '… … xyz');
  });
});
