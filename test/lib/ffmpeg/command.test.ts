import assert from 'node:assert/strict';
import { decodeArguments } from '../../../lib/ffmpeg/command';
import { fitSize } from '../../../lib/ffmpeg/filters';
import { parseOptions } from '../../../lib/ffmpeg/options';
import type { Probe } from '../../../lib/ffmpeg/probe';
import type { Source } from '../../../lib/source/source';

const source: Source = {
  kind: 'file',
  input: 'file:/a b.mp4',
  inputOptions: [],
  name: 'a b.mp4',
  recorded: true,
  protocols: 'file',
};
const probe: Probe = {
  format: 'mov',
  streamIndex: 1,
  codec: 'h264',
  pixelFormat: 'yuv420p',
  colorRange: 'tv',
  colorSpace: 'unknown',
  colorTransfer: 'unknown',
  videos: 1,
  video: 0,
  live: false,
  hasClock: true,
  pixelAspect: 1,
  fieldOrder: 'progressive',
  width: 1280,
  height: 720,
  rotation: 0,
};
const capabilities = {
  version: '5.1',
  zscale: true,
  tonemap: true,
  hwaccels: [],
  passthrough: ['-fps_mode', 'passthrough'],
  sourceTimeBase: ['-enc_time_base', '-1'],
};

function build(options: object = {}, media: Partial<Probe> = {}, zscale = true, position = 0): string[] {
  return decodeArguments(source, { ...probe, ...media }, parseOptions(options), { ...capabilities, zscale }, position);
}
const optionOf = (args: string[], name: string) => args[args.indexOf(name) + 1];
/** The filters, without those that come before all others in any case. */
const filtersOf = (...build_: Parameters<typeof build>) => {
  const filters = optionOf(build(...build_), '-filter:v') ?? '';
  return filters.replace(/^setpts='[^']*',?(scale=w=\d+:h=\d+:force[^,]*,pad=[^,]*,?)?/, '') || undefined;
};

describe('decodeArguments', () => {
  it('tells a frame first in the index, then as an image', () => {
    const args = build();
    assert.equal(args.at(-1), '[f=framecrc]pipe:3|[f=image2pipe:avioflags=direct]pipe:1');
    assert.equal(optionOf(args, '-f'), 'tee');
  });

  it('takes the stream that was chosen, whole names, and no sound', () => {
    const args = build();
    assert.equal(optionOf(args, '-map'), '0:1');
    assert.equal(optionOf(args, '-i'), 'file:/a b.mp4');
    assert.ok(args.includes('-an'));
  });

  it('converts the range with zscale where it is built in', () => {
    assert.equal(filtersOf(), 'zscale=rin=tv:r=pc,format=yuvj420p');
    assert.equal(filtersOf({}, {}, false), undefined);
  });

  it('scales with zscale where it is built in', () => {
    assert.equal(filtersOf({ width: 640 }), 'zscale=w=640:h=360:filter=bicubic:rin=tv:r=pc,format=yuvj420p');
    assert.equal(filtersOf({ width: 640 }, {}, false), 'scale=640:360');
  });

  it('leaves to swscale what zscale may fail on', () => {
    const difficult: Partial<Probe>[] = [
      { pixelFormat: 'yuv420p12le' },
      { pixelFormat: 'bgra' },
      { pixelFormat: 'yuvj420p' },
      { colorRange: 'pc' },
      { colorSpace: 'gbr' },
      { width: 641 },
    ];
    for (const media of difficult) assert.equal(filtersOf({}, media), undefined, JSON.stringify(media));
  });

  it('makes whole pictures of half ones where the source has such, unless told otherwise', () => {
    const woven = { fieldOrder: 'tt' };
    assert.equal(filtersOf({}, woven), 'bwdif=mode=send_frame:deint=interlaced,zscale=rin=tv:r=pc,format=yuvj420p');
    assert.match(filtersOf({ deinterlace: 'on' }) ?? '', /^bwdif=mode=send_frame:deint=all,/);
    assert.equal(filtersOf({ deinterlace: 'off' }, woven), undefined);
  });

  it('stores colours as the readers of a JPEG understand them', () => {
    const hd = { colorSpace: 'bt709' };
    assert.equal(filtersOf({}, hd), 'zscale=rin=tv:r=pc:min=709:m=170m,format=yuvj420p');
    assert.equal(filtersOf({}, hd, false), 'scale=out_color_matrix=bt601');
    assert.equal(filtersOf({ width: 640 }, hd, false), 'scale=640:360:out_color_matrix=bt601');
  });

  it('brings the brightness of HDR down to that of a screen, where ffmpeg can', () => {
    const hdr = { pixelFormat: 'yuv420p10le', colorSpace: 'bt2020nc', colorTransfer: 'smpte2084' };
    assert.match(filtersOf({}, hdr) ?? '', /tin=smpte2084.*tonemap=hable.*m=170m:r=pc,format=yuvj420p$/);
    assert.equal(filtersOf({}, hdr, false), 'scale=out_color_matrix=bt601');
  });

  it('lets ffmpeg open nothing but what its source may need', () => {
    assert.equal(optionOf(build(), '-protocol_whitelist'), 'file');
    assert.ok(build().indexOf('-protocol_whitelist') < build().indexOf('-i'));
  });

  it('decodes no picture that is larger than any in use, at any time', () => {
    assert.equal(optionOf(build(), '-max_pixels'), String(8192 * 4608));
    assert.equal(optionOf(build({}, { codec: 'png' }), '-max_pixels'), String(8192 * 8192));
    assert.ok(build().indexOf('-max_pixels') < build().indexOf('-i'));
  });

  it('asks for hardware before it opens the source', () => {
    const args = build({ hwaccel: 'vaapi' });
    assert.equal(optionOf(args, '-hwaccel'), 'vaapi');
    assert.ok(args.indexOf('-hwaccel') < args.indexOf('-i'));
  });

  it('keeps every timestamp, unless a rate is asked for', () => {
    assert.equal(optionOf(build(), '-enc_time_base'), '-1');
    const resampled = build({ fps: 10 });
    assert.ok(!resampled.includes('-enc_time_base'));
    assert.match(filtersOf({ fps: 10 }) ?? '', /^fps=10,/);
  });

  it('goes to a position, and ends at the same place from wherever it begins', () => {
    const args = build({ start: 1, end: 5 }, {}, true, 2500);
    assert.deepEqual([optionOf(args, '-ss'), optionOf(args, '-t')], ['2.500000', '2.500000']);
  });

  it('holds no picture of a live source back for others, unless one thread may be too slow for it', () => {
    const live: Source = { ...source, kind: 'network', recorded: false };
    const threadsOf = (media: Partial<Probe>) => {
      const args = decodeArguments(live, { ...probe, ...media }, parseOptions({}), capabilities, 0);
      return [args.includes('-thread_type'), args.includes('-threads')];
    };
    assert.deepEqual(threadsOf({ width: 1920, height: 1080, fps: 30 }), [true, true]);
    assert.deepEqual(threadsOf({ width: 3840, height: 2160, fps: 25 }), [false, true]);
    assert.ok(!build().includes('-thread_type') && !build().includes('-threads'));
  });

  it('does not look for a position in a live source', () => {
    const live: Source = { ...source, kind: 'network', recorded: false };
    const args = decodeArguments(live, probe, parseOptions({ start: 3, end: 5 }), capabilities, 3000);
    assert.ok(!args.includes('-ss'));
    assert.equal(optionOf(args, '-t'), '5.000000');
  });
});

describe('fitSize', () => {
  it('keeps the aspect, in even numbers', () => {
    assert.deepEqual(fitSize(probe, { width: 333 }), { width: 334, height: 188 });
    assert.deepEqual(fitSize(probe, { width: 100, height: 1000 }), { width: 100, height: 56 });
    assert.deepEqual(fitSize({ width: 1, height: 1000 }, { height: 10 }), { width: 2, height: 10 });
  });

  it('changes nothing where nothing is asked for', () => {
    assert.equal(fitSize(probe, {}), undefined);
    assert.equal(fitSize(probe, { width: 1280 }), undefined);
  });
});
