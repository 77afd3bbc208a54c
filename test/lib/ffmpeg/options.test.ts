import assert from 'node:assert/strict';
import { parseOptions } from '../../../lib/ffmpeg/options';

describe('parseOptions', () => {
  it('takes empty texts for unset', () => {
    assert.deepEqual(parseOptions({ fps: '', width: '', height: undefined, quality: '', start: null, end: '' }), {
      fps: undefined,
      width: undefined,
      height: undefined,
      pictures: 'jpeg',
      quality: 90,
      start: undefined,
      end: undefined,
      every: undefined,
      loop: false,
      realtime: false,
      squarePixels: true,
      deinterlace: 'auto',
      follow: false,
      videoStream: 0,
      variant: undefined,
      hwaccel: undefined,
      stallTimeout: 20,
      transport: 'auto',
      live: false,
      inputOptions: [],
    });
  });

  it('takes numbers as text, as dialogs and environment variables give them', () => {
    const { fps, width, start } = parseOptions({ fps: '12.5', width: '640', start: '0' });
    assert.deepEqual([fps, width, start], [12.5, 640, 0]);
  });

  const bad: [string, object, RegExp][] = [
    ['a rate of 0', { fps: 0 }, /fps is 0: enter a number above 0 up to 1000/],
    ['half a pixel', { width: 10.5 }, /width is 10\.5: enter a whole number from 1/],
    ['a quality of 101', { quality: 101 }, /quality is 101.*up to 100/],
    ['words', { height: 'tall' }, /height is "tall"/],
    ['an end before the start', { start: 5, end: 5 }, /end \(5 s\) must be after start \(5 s\)/],
  ];
  for (const [what, options, words] of bad) {
    it(`refuses ${what}`, () => {
      assert.throws(() => parseOptions(options), { code: 'BAD_OPTION', message: words });
    });
  }
});
