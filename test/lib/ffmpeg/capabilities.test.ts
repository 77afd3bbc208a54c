import assert from 'node:assert/strict';
import { capabilitiesOf, parseCapabilities } from '../../../lib/ffmpeg/capabilities';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';

const versionOf = (name: string, libavcodec: string) =>
  `ffmpeg version ${name} Copyright (c) 2000-2024 the FFmpeg developers\nlibavutil      57. 28.100\nlibavcodec     ${libavcodec} / ${libavcodec}\n`;

const filters = `Filters:
  T.. = Timeline support
 .S. tonemap           V->V       Conversion to/from different dynamic ranges.
 ..C zscale            V->V       Apply resizing, colorspace and bit depth conversion.
`;
const hwaccels = 'Hardware acceleration methods:\nvdpau\nvaapi\n\n';

describe('capabilities', () => {
  it('knows an old ffmpeg by its libavcodec, even when it has no version number', () => {
    assert.deepEqual(parseCapabilities(versionOf('N-47683-g0e8eb07980-static', '58. 35.100'), filters, hwaccels), {
      version: 'N-47683-g0e8eb07980-static',
      zscale: true,
      tonemap: true,
      hwaccels: ['vdpau', 'vaapi'],
      passthrough: ['-vsync', 'passthrough'],
      sourceTimeBase: ['-enc_time_base', '-1'],
      filterFile: '-filter_script:v',
    });
  });

  it('knows the names of ffmpeg 5.1', () => {
    const { passthrough, sourceTimeBase } = parseCapabilities(versionOf('5.1.9', '59. 37.100'), '', '');
    assert.deepEqual([passthrough[0], sourceTimeBase[1]], ['-fps_mode', '-1']);
  });

  it('knows the names of ffmpeg 6.1 and later', () => {
    assert.equal(parseCapabilities(versionOf('7', '61.  3.100'), '', '').filterFile, '-/filter:v');
    for (const libavcodec of ['60. 31.102', '62.  3.100']) {
      const { passthrough, sourceTimeBase } = parseCapabilities(versionOf('7', libavcodec), '', '');
      assert.deepEqual([passthrough[0], sourceTimeBase[1]], ['-fps_mode', 'demux']);
    }
  });

  it('knows when zscale is not built in', () => {
    const { zscale, tonemap } = parseCapabilities(
      versionOf('7', '61. 19.100'),
      ' .. scale             V->V       x\n',
      '',
    );
    assert.deepEqual([zscale, tonemap], [false, false]);
  });

  it('asks the ffmpeg that is there, once', async () => {
    const { ffmpeg } = await findFfmpeg();
    const { version, filterFile } = await capabilitiesOf(ffmpeg);
    assert.notEqual(version, 'unknown');
    assert.notEqual(filterFile, undefined);
    assert.equal(capabilitiesOf(ffmpeg), capabilitiesOf(ffmpeg));
  });

  it('says that an ffmpeg does not run', () =>
    assert.rejects(capabilitiesOf('/nowhere/ffmpeg'), {
      code: 'FFMPEG_MISSING',
      message: /\/nowhere\/ffmpeg does not run/,
    }));
});
