import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { extname } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import type { RawOptions } from '../../../lib/ffmpeg/options';
import type { EncodedFrame, VideoCodec } from '../../../lib/frame/frame';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { makeMotionJpeg, runningFfmpegs, temporaryPath } from '../../support/media';
import { Player } from '../../support/player';

const run = promisify(execFile);

/** What a clip is encoded with. */
interface Encoding {
  options: string[];
  seconds?: number;
  size?: string;
}

const x264 = (options: string, more: string[] = []) => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-x264-params'],
  ...[`scenecut=0:${options}`, ...more],
];
const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none:keyint=10:bframes=2'];
const vp8 = ['-c:v', 'libvpx', '-deadline', 'realtime', '-g', '10'];
const vp9 = ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-g', '10'];
const av1 = ['-c:v', 'libaom-av1', '-strict', '-2', '-cpu-used', '8', '-lag-in-frames', '0', '-g', '2'];
const reordered = 'bframes=2:b-adapt=0:keyint=10';

/** Each with the codec its frames say, how many key frames there are, and their profile. */
const clips: [name: string, VideoCodec, Encoding, keys: number, profile: RegExp][] = [
  ['baseline.mp4', 'h264', { options: x264('keyint=10', ['-profile:v', 'baseline']) }, 5, /^avc1\.42c00a$/],
  ['reordered.mkv', 'h264', { options: x264(reordered) }, 5, /^avc1\.64000a$/],
  ['reordered.flv', 'h264', { options: x264(reordered) }, 5, /^avc1\.64000a$/],
  ['slices.ts', 'h264', { options: x264(`${reordered}:slices=3`) }, 5, /^avc1\.64000a$/],
  ['open-group.mp4', 'h264', { options: x264(`${reordered}:open-gop=1`) }, 1, /^avc1\.64000a$/],
  ['long-group.ts', 'h264', { options: x264('bframes=2:keyint=250'), seconds: 11 }, 2, /^avc1\.64000a$/],
  ['hevc.mp4', 'hevc', { options: x265 }, 5, /^hev1\.1\.6\.L30/],
  ['hevc.ts', 'hevc', { options: x265 }, 5, /^hev1\.1\.6\.L30/],
  ['vp8.webm', 'vp8', { options: vp8 }, 5, /^vp8$/],
  ['vp9.webm', 'vp9', { options: vp9 }, 5, /^vp09\.00\.10\.08$/],
  ['av1.mkv', 'av1', { options: av1, seconds: 0.12 }, 2, /^av01\.0\.00M\.08$/],
];

describe("a source's pictures as they are", () => {
  let pool: WorkerPool;

  before(() => {
    pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
  });
  after(() => pool.close());
  afterEach(async () => assert.deepEqual(await runningFfmpegs(), []));

  /** All frames of a source, played to its end. */
  async function play(path: string, options: RawOptions = {}): Promise<EncodedFrame[]> {
    const player = new Player(pool);
    await player.start(path, { pictures: 'source', ...options });
    await Promise.race([player.event('ended'), player.event('error')]);
    assert.deepEqual(player.failures, []);
    return player.frames;
  }

  for (const [name, codec, encoding, keys, profile] of clips) {
    it(`are those that ffmpeg copies, in its order and at its times: ${name}`, async () => {
      const path = await make(name, encoding);
      const frames = await play(path);
      const packets = await copyAlone(path, codec);
      assert.equal(frames.length, packets.length);
      for (const [index, { frame, data }] of frames.entries()) {
        const packet = packets[index] as Packet;
        assert.deepEqual(unitsOf(data, codec), unitsOf(packet.data, codec), `packet ${index}`);
        assert.deepEqual([frame.codec, frame.seq, frame.width, frame.height], [codec, index, 128, 72]);
        assert.deepEqual([frame.pts, frame.dts], [packet.pts, packet.dts]);
        if (frame.key) assert.ok(packet.isKey);
        if (frame.key) assert.match(frame.profile ?? '', profile);
        assert.equal(frame.last, index === packets.length - 1 ? true : undefined);
        assert.ok(frame.time >= (frames[index - 1]?.frame.time ?? 0));
      }
      assert.equal(frames.filter(({ frame }) => frame.key).length, keys);
      assert.equal(frames[0]?.frame.key, true);
    });

    it(`decode to what the file decodes to: ${name}`, async () => {
      const path = await make(name, encoding);
      const again = temporaryPath(`again-${name}.${codec === 'h264' || codec === 'hevc' ? codec : 'ivf'}`);
      await writeFile(again, streamOf(await play(path), codec));
      assert.deepEqual(await picturesOf(again), await picturesOf(path));
    });
  }

  it('begin with the key frame before the place that is asked for, and say what is not to be seen', async () => {
    for (const name of ['baseline.mp4', 'reordered.mkv', 'slices.ts', 'open-group.mp4']) {
      const path = await make(name, encodingOf(name));
      const whole = await play(path);
      const frames = await play(path, { start: 1.36, end: 1.6 });
      const { frame: first } = frames[0] as EncodedFrame;
      const { frame: last } = frames.at(-1) as EncodedFrame;
      assert.ok(first.key && first.pts <= 1360, `${name} begins at ${first.pts}`);
      if (name !== 'slices.ts') assert.equal(first.pts, name === 'open-group.mp4' ? 0 : 1200);
      for (const { frame } of frames) assert.equal(frame.preroll, frame.pts < 1360 ? true : undefined);
      assert.equal(last.last, true);
      assert.ok(
        frames.every(({ frame }) => frame.dts !== undefined && frame.dts < 1600),
        `${name} goes on`,
      );
      const seen = new Set(frames.map(({ frame }) => frame.pts));
      for (const { frame } of whole) {
        if (frame.pts >= 1360 && frame.pts < 1600) assert.ok(seen.has(frame.pts), `${name} lacks ${frame.pts}`);
      }
      const same = whole.filter(({ frame }) => seen.has(frame.pts));
      assert.deepEqual(
        frames.map(({ data }) => data),
        same.map(({ data }) => data),
      );
    }
  });

  it('go on in time, and say their new size, where a broadcast changes over to another clock', async () => {
    const encoding = { options: x264('bframes=2:b-adapt=0:keyint=10'), seconds: 1 };
    const parts = [
      await make('first.ts', { ...encoding, size: '128x72' }),
      await make('then.ts', { ...encoding, size: '96x54' }),
    ];
    const path = temporaryPath('both.ts');
    await writeFile(path, Buffer.concat(await Promise.all([...parts, ...parts].map((part) => readFile(part)))));
    const frames = await play(path);
    assert.equal(frames.length, 100);
    const sizes = frames.map(({ frame }) => `${frame.width}x${frame.height}`);
    const expected = ['128x72', '96x54', '128x72', '96x54'].flatMap((size) => Array<string>(25).fill(size));
    assert.deepEqual(sizes, expected);
    for (const [index, { frame }] of frames.entries()) {
      const { dts = 0 } = frames[index - 1]?.frame ?? {};
      if (index > 0)
        assert.ok(Math.abs((frame.dts ?? 0) - dts - 40) < 1, `frame ${index} is at ${frame.dts}, after ${dts}`);
      if (index % 25 === 0) assert.equal(frame.key, true);
    }
    const seen = frames.map(({ frame }) => frame.pts).sort((a, b) => a - b);
    for (const [index, pts] of seen.entries())
      assert.ok(Math.abs(pts - index * 40) < 1, `picture ${index} is at ${pts}`);
  });

  it('are followed by themselves in a loop, in time that grows', async () => {
    const player = new Player(pool);
    const path = await make('reordered.mkv', encodingOf('reordered.mkv'));
    await player.start(path, { pictures: 'source', loop: true });
    await player.frameCount(120);
    await player.source.stop();
    for (const [index, { frame }] of player.frames.slice(0, 120).entries()) {
      assert.deepEqual([frame.seq, frame.dts, frame.last], [index, index * 40 - 80, undefined]);
      assert.equal(frame.key, index % 10 === 0 ? true : undefined);
    }
  });

  it('go on with a key frame after a seek', async () => {
    const player = new Player(pool, { maxFrames: 5, finishes: false });
    await player.start(await make('reordered.mkv', encodingOf('reordered.mkv')), { pictures: 'source' });
    await player.frameCount(5);
    player.source.seek(1760);
    player.finishAll();
    await player.event('ended');
    const after = player.frames.slice(5);
    const [first] = after as [EncodedFrame];
    assert.deepEqual([first.frame.key, first.frame.seq, first.frame.pts], [true, 5, 1600]);
    for (const { frame } of after) assert.equal(frame.preroll, frame.pts < 1760 ? true : undefined);
  });

  it('give at least the last one, where the end is asked for', async () => {
    for (const [name, pts] of [
      ['baseline.mp4', 1960],
      ['long-group.ts', 10_960],
    ] as const) {
      const frames = await play(await make(name, encodingOf(name)), { start: 3600 });
      assert.deepEqual([frames.at(-1)?.frame.last, frames.at(-1)?.frame.preroll], [true, undefined]);
      assert.equal(frames.at(-1)?.frame.pts, pts);
    }
  });

  it('come at once before the place that is asked for, and from there on as they were recorded', async () => {
    const player = new Player(pool);
    const path = await make('long-group.ts', encodingOf('long-group.ts'));
    await player.start(path, { pictures: 'source', realtime: true, start: 9.6, end: 9.8 });
    await player.event('ended');
    assert.ok(player.frames.length > 240);
    assert.deepEqual(player.frames.filter(({ frame }) => !frame.preroll && frame.pts < 9800).length, 5);
  });

  for (const seconds of [1.6, 5]) {
    it(`are not to be had where none is one to begin with, in ${seconds} s`, async () => {
      const options = x264(`${reordered}:open-gop=1`);
      const whole = await make(`open-group-${seconds}.ts`, { options, seconds });
      const { ffmpeg } = await findFfmpeg();
      const path = temporaryPath(`joined-${seconds}.ts`);
      await run(ffmpeg, ['-v', 'error', '-y', '-i', whole, '-ss', '0.5', '-c', 'copy', path]);
      const player = new Player(pool);
      await player.start(path, { pictures: 'source' });
      const { code, message } = await player.event('error');
      assert.equal(code, 'CODEC_UNSUPPORTED');
      assert.match(message, /has no picture that a browser can begin with.*Choose JPEG pictures/);
      assert.deepEqual(player.frames, []);
    });
  }

  it('are JPEGs where the source has JPEGs', async () => {
    const frames = await play(await makeMotionJpeg());
    assert.deepEqual(
      new Set(frames.map(({ frame }) => `${frame.codec} ${frame.key} ${frame.dts}`)),
      new Set(['jpeg undefined undefined']),
    );
    assert.equal(frames.length, 25);
  });

  it('are not to be had of what no browser decodes, which is said at once', async () => {
    const player = new Player(pool);
    const path = await make('mpeg2.ts', { options: ['-c:v', 'mpeg2video'] });
    await assert.rejects(player.start(path, { pictures: 'source' }), {
      code: 'CODEC_UNSUPPORTED',
      message: /is mpeg2video, which no browser decodes\. Choose JPEG pictures/,
    });
    assert.deepEqual(player.frames, []);
  });

  it('are not to be had where the container does not say when each is to be seen', async () => {
    const player = new Player(pool);
    await player.start(await make('reordered.avi', { options: x264(reordered) }), { pictures: 'source' });
    const { code, message } = await player.event('error');
    assert.equal(code, 'CODEC_UNSUPPORTED');
    assert.match(message, /does not say when its pictures are to be seen/);
  });
});

function encodingOf(name: string): Encoding {
  return (clips.find(([clip]) => clip === name) as (typeof clips)[number])[2];
}

/** A moving test picture at 25 pictures per second. */
async function make(name: string, { options, seconds = 2, size = '128x72' }: Encoding): Promise<string> {
  const path = temporaryPath(name);
  if (existsSync(path)) return path;
  const { ffmpeg } = await findFfmpeg();
  const input = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25:duration=${seconds}`];
  await run(ffmpeg, ['-v', 'error', '-y', ...input, '-pix_fmt', 'yuv420p', ...options, path]);
  return path;
}

interface Packet {
  data: Buffer;
  /** Ms. */
  pts: number;
  dts: number;
  /** What ffmpeg takes for a key frame. */
  isKey: boolean;
}

/** What ffmpeg copies by itself, from the file's beginning in time. */
async function copyAlone(path: string, codec: VideoCodec): Promise<Packet[]> {
  const { ffmpeg } = await findFfmpeg();
  const [index, bytes] = [temporaryPath('copy.index'), temporaryPath('copy.bytes')];
  const isBytestream = codec === 'h264' || codec === 'hevc';
  const filter = isBytestream ? ['-bsf:v', `${codec}_mp4toannexb,dump_extra=freq=keyframe`] : [];
  const copy = ['-i', path, '-map', '0:v', '-c', 'copy', '-copytb', '1', ...filter, '-avoid_negative_ts', 'disabled'];
  await run(ffmpeg, ['-v', 'error', '-y', ...copy, '-f', 'tee', `[f=framecrc]${index}|[f=data]${bytes}`]);
  const data = await readFile(bytes);
  const lines = (await readFile(index, 'latin1')).split('\n');
  const [, numerator, denominator] =
    /^#tb 0: (\d+)\/(\d+)$/.exec(lines.find((line) => line.startsWith('#tb')) ?? '') ?? [];
  const ms = (ticks = 0) => Math.round((ticks * Number(numerator) * 1e6) / Number(denominator)) / 1000;
  let at = 0;
  return lines
    .filter((line) => /^\d/.test(line))
    .map((line) => {
      const [, dts, pts, , size = 0] = line.split(',').map(Number);
      at += size;
      const flags = /F=0x(\d+)/.exec(line)?.[1] ?? '1';
      return { data: data.subarray(at - size, at), pts: ms(pts), dts: ms(dts), isKey: Number(flags) % 2 === 1 };
    });
}

/** The NAL units of a packet, wherever they stand in it; of other codecs the packet itself. */
function unitsOf(data: Buffer, codec: VideoCodec): string[] {
  if (codec !== 'h264' && codec !== 'hevc') return [data.toString('latin1')];
  const units = data.toString('latin1').split('\0\0\x01');
  return units.map((unit) => unit.replace(/\0+$/, '')).sort();
}

/** Packets as a file that ffmpeg reads: a byte stream, or IVF (https://wiki.multimedia.cx/index.php/IVF). */
function streamOf(frames: EncodedFrame[], codec: VideoCodec): Buffer {
  if (codec === 'h264' || codec === 'hevc') return Buffer.concat(frames.map(({ data }) => data));
  const header = Buffer.alloc(32);
  const name = codec === 'av1' ? 'AV01' : `${codec.toUpperCase()}0`;
  header.write(`DKIF\0\0\x20\0${name}`, 'latin1');
  header.writeUInt16LE(128, 12);
  header.writeUInt16LE(72, 14);
  header.writeUInt32LE(1000, 16);
  header.writeUInt32LE(1, 20);
  const packets = frames.flatMap(({ frame, data }) => {
    const each = Buffer.alloc(12);
    each.writeUInt32LE(data.length, 0);
    each.writeUInt32LE(frame.pts, 4);
    return [each, data];
  });
  return Buffer.concat([header, ...packets]);
}

/** The checksum of each picture a file decodes to. */
async function picturesOf(path: string): Promise<string[]> {
  const { ffmpeg } = await findFfmpeg();
  const format = extname(path) === '.ivf' ? ['-f', 'ivf'] : [];
  const decode = ['-v', 'error', ...format, '-i', path, '-map', '0:v', '-vsync', 'passthrough', '-f', 'framemd5', '-'];
  const { stdout } = await run(ffmpeg, decode);
  return stdout.split('\n').flatMap((line) => (/^\d/.test(line) ? [line.split(',').at(-1)?.trim() ?? ''] : []));
}
