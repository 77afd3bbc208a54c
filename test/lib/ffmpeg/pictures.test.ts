import assert from 'node:assert/strict';
import { parseOptions } from '../../../lib/ffmpeg/options';
import { checkPictures, copiedCodec } from '../../../lib/ffmpeg/pictures';
import type { Probe } from '../../../lib/ffmpeg/probe';
import { resolveSource } from '../../../lib/source/resolve';
import { bunny, root } from '../../support/media';

const probe: Probe = {
  ...{
    format: 'mov',
    streamIndex: 0,
    video: 0,
    videos: 1,
    live: false,
    hasClock: true,
    codec: 'h264',
    pixelFormat: 'yuv420p',
  },
  ...{ colorRange: 'tv', colorSpace: 'unknown', colorTransfer: 'unknown', fieldOrder: 'progressive' },
  ...{ width: 1280, height: 720, pixelAspect: 1, rotation: 0 },
};
const mjpeg = { ...probe, codec: 'mjpeg' };
const asTheyAre = parseOptions({ pictures: 'source' });

describe('copiedCodec', () => {
  it('copies JPEGs that stay as they are', () => {
    const options = parseOptions({ quality: 10 });
    assert.equal(copiedCodec(mjpeg, options), 'jpeg');
    assert.equal(copiedCodec(probe, options), undefined);
  });

  it('does not copy JPEGs when something about them changes', () => {
    assert.equal(copiedCodec({ ...mjpeg, rotation: 90 }, parseOptions({})), undefined);
    assert.equal(copiedCodec(mjpeg, parseOptions({ width: 100 })), undefined);
    assert.equal(copiedCodec(mjpeg, parseOptions({ fps: 5 })), undefined);
  });

  it('copies what browsers decode where pictures are wanted as they are, and JPEGs', () => {
    for (const codec of ['h264', 'hevc', 'vp8', 'vp9', 'av1'] as const) {
      assert.equal(copiedCodec({ ...probe, codec }, asTheyAre), codec);
    }
    assert.equal(copiedCodec(mjpeg, asTheyAre), 'jpeg');
  });
});

describe('checkPictures', () => {
  it('says what to do about video that no browser decodes', async () => {
    const source = await resolveSource(bunny, { folders: [root], trusted: true });
    for (const [what, media] of [
      [/is mpeg2video/, { ...probe, codec: 'mpeg2video' }],
      [/turned by 90°/, { ...probe, rotation: 90 }],
      [/turned by 180°/, { ...mjpeg, rotation: 180 }],
    ] as const) {
      assert.throws(() => checkPictures(source, media, asTheyAre), {
        code: 'CODEC_UNSUPPORTED',
        message: new RegExp(`${what.source}.*Choose JPEG pictures`),
      });
      checkPictures(source, media, parseOptions({}));
    }
    checkPictures(source, probe, asTheyAre);
  });
});

describe('parseOptions', () => {
  it('refuses with pictures as they are what would have them decoded', () => {
    for (const options of [{ fps: 5 }, { width: 100 }, { height: 100 }, { quality: 50 }, { deinterlace: 'on' }]) {
      const [name = ''] = Object.keys(options);
      assert.throws(() => parseOptions({ ...options, pictures: 'source' }), {
        code: 'BAD_OPTION',
        message: new RegExp(`^${name} is for JPEG pictures`),
      });
      parseOptions({ ...options, pictures: 'jpeg' });
    }
    parseOptions({ pictures: 'source', quality: 90, deinterlace: 'auto', fps: '' });
    assert.throws(() => parseOptions({ pictures: 'png' }), { code: 'BAD_OPTION' });
  });
});
