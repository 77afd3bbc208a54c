import assert from 'node:assert/strict';
import { isDescribed, readProbe } from '../../../lib/ffmpeg/probe';

describe('readProbe', () => {
  const source = { kind: 'file', name: 'clip.mp4', recorded: true } as const;
  const stream = { index: 0, codec_type: 'video', width: 640, height: 400 };

  it('says that a text file is one, which ffmpeg plays as the art of old terminals', () => {
    assert.throws(() => readProbe({ format: { format_name: 'tty' }, streams: [stream] }, source), {
      code: 'SOURCE_UNREADABLE',
      message: /clip\.mp4 is a text file/,
    });
  });

  for (const format of ['mpjpeg', 'mjpeg', 'image2pipe', 'jpeg_pipe', 'png_pipe', 'webp_pipe', 'h264']) {
    it(`takes no clock from ${format} that comes as it is made, for which ffmpeg invents one`, () => {
      const clockOf = (from: object) =>
        readProbe({ format: { format_name: format }, streams: [stream] }, { ...source, ...from }).hasClock;
      assert.equal(clockOf({ kind: 'network', recorded: false }), false);
      assert.equal(clockOf({}), true);
    });
  }

  it('takes the clock of what comes live with one', () => {
    const live = { kind: 'network', name: 'x', recorded: false } as const;
    assert.equal(readProbe({ format: { format_name: 'mpegts' }, streams: [stream] }, live).hasClock, true);
  });

  it('takes pixels for square unless it is told their shape, which turns with the picture', () => {
    const aspectOf = (told: object) => readProbe({ streams: [{ ...stream, ...told }] }, source).pixelAspect;
    assert.equal(aspectOf({}), 1);
    assert.equal(aspectOf({ sample_aspect_ratio: '0:1' }), 1);
    assert.equal(aspectOf({ sample_aspect_ratio: '64:45' }), 64 / 45);
    assert.equal(aspectOf({ sample_aspect_ratio: '64:45', tags: { rotate: '90' } }), 45 / 64);
  });

  it('does not pass on the frame rate that ffmpeg invents for a camera without timestamps', () => {
    const camera = { kind: 'network', name: 'http://camera/video.mjpg', recorded: false } as const;
    const rateOf = (format_name: string) =>
      readProbe({ format: { format_name }, streams: [{ ...stream, avg_frame_rate: '25/1' }] }, camera).fps;
    assert.equal(rateOf('mpjpeg'), undefined);
    assert.equal(rateOf('rtsp'), 25);
  });
});

describe('what is known of a source', () => {
  it('is enough once the size of every variant is known, or of the one video that is meant', () => {
    const known = { index: 0, codec_type: 'video', width: 64, height: 48, pix_fmt: 'yuv420p' };
    const unknown = { index: 1, codec_type: 'video' };
    const asVariant = <Stream>(one: Stream) => ({ ...one, tags: { variant_bitrate: '1' } });
    assert.equal(isDescribed({ streams: [known, unknown] }), true);
    assert.equal(isDescribed({ streams: [known, unknown] }, { videoStream: 1 }), false);
    assert.equal(isDescribed({ streams: [asVariant(known), asVariant(unknown)] }), false);
    assert.equal(isDescribed({ streams: [asVariant(known), asVariant(known)] }), true);
  });
});
