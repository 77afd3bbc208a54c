import assert from 'node:assert/strict';
import { basename } from 'node:path';
import { capabilitiesOf } from '../../../lib/ffmpeg/capabilities';
import { openingArguments } from '../../../lib/ffmpeg/command';
import { DescriptionReader } from '../../../lib/ffmpeg/description';
import type { RawProbe } from '../../../lib/ffmpeg/ffprobe';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { parseOptions } from '../../../lib/ffmpeg/options';
import { type Probe, probe, readProbe } from '../../../lib/ffmpeg/probe';
import { FfmpegProcess } from '../../../lib/ffmpeg/process';
import { resolveSource } from '../../../lib/source/resolve';
import { clips, makeMotionJpeg, root } from '../../support/media';

/** What comes of a log with one stream in it. */
function read(stream: string, ...more: string[]): NonNullable<RawProbe['streams']>[number] | undefined {
  const reader = new DescriptionReader();
  const lines = ["Input #0, mpegts, from 'x':", '  Duration: N/A, start: 1.4, bitrate: N/A', stream, ...more];
  for (const line of lines) assert.equal(reader.push(line), undefined);
  return reader.push('Stream mapping:')?.streams?.[0];
}

describe("ffmpeg's own description", () => {
  const paths = [...clips.map(({ path }) => path), makeMotionJpeg];
  for (const given of paths) {
    it(`tells of ${typeof given === 'string' ? basename(given) : given.name} what ffprobe does`, async () => {
      const tools = await findFfmpeg();
      const capabilities = await capabilitiesOf(tools.ffmpeg);
      const path = typeof given === 'string' ? given : await given();
      const source = await resolveSource(path, { folders: [root], trusted: true });
      // What is not said counts as if it were usual; not all versions say the same of that.
      const facts = ({ fps: _, duration: __, fieldOrder, ...media }: Probe) => ({
        ...media,
        fieldOrder: fieldOrder === '' ? 'progressive' : fieldOrder,
      });
      const asked = facts(await probe(tools, source));
      const assumed = {
        codec: 'h264',
        pixelFormat: 'yuv420p',
        hasClock: true,
        rotation: 0,
        width: 2,
        height: 2,
        video: 0,
      };
      const args = openingArguments(source, assumed as Probe, parseOptions({}), capabilities, 5);
      const ffmpeg = new FfmpegProcess(tools.ffmpeg, args, {});
      const description = await ffmpeg.description;
      await ffmpeg.kill();
      assert.deepEqual(facts(readProbe(description as RawProbe, source)), asked);
    });
  }

  it('is read of a stream whose colours, fields and pixels are all said', () => {
    const stream = '    Stream #0:1[0x101](eng): Video: h264 (High 10) ([27][0][0][0] / 0x001B), yuv420p10le(tv, ';
    const found = read(
      `${stream}bt2020nc/bt2020/smpte2084, top coded first (swapped)), 720x576 [SAR 64:45 DAR 16:9], 25 fps`,
    );
    assert.deepEqual(found, {
      ...{ index: 1, codec_type: 'video', codec_name: 'h264', pix_fmt: 'yuv420p10le', color_range: 'tv' },
      ...{ color_space: 'bt2020nc', color_transfer: 'smpte2084', field_order: 'tb', width: 720, height: 576 },
      ...{ sample_aspect_ratio: '64:45', avg_frame_rate: '25/1', r_frame_rate: '0/1' },
      disposition: { attached_pic: 0 },
    });
  });

  it('is read of a stream of which next to nothing is known', () => {
    const found = read('    Stream #0:0[0x100]: Video: h264 ([27][0][0][0] / 0x001B), none, 90k tbr, 90k tbn');
    assert.deepEqual([found?.codec_name, found?.pix_fmt, found?.width], ['h264', undefined, undefined]);
  });

  it('is read of the cover of a song, which is no video', () => {
    const found = read(
      '  Stream #0:1: Video: mjpeg (Baseline), yuvj444p(pc), 320x240, 90k tbr, 90k tbn (attached pic)',
    );
    assert.equal(found?.disposition?.attached_pic, 1);
  });

  it('is not read of what a stream is called', () => {
    const found = read(
      '  Stream #0:0: Video: h264, yuv420p, 64x48, 25 fps',
      '    Metadata:',
      '      title           : Stream #0:0: Video: mjpeg, yuvj420p, 1x1',
    );
    assert.equal(found?.codec_name, 'h264');
  });
});
