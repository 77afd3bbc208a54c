import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { type VideoCodec, videoCodecs } from '../../../lib/frame/frame';
import { readPacketHeader } from '../../../lib/frame/packet-header';
import { temporaryPath } from '../../support/media';

const run = promisify(execFile);

/** A packet of compressed video as ffmpeg has it. */
interface Packet {
  data: Buffer;
  /** What ffmpeg takes for a key frame. */
  isKey: boolean;
}

const encoders: Record<VideoCodec, string[]> = {
  h264: ['libx264', '-preset', 'ultrafast'],
  hevc: ['libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=none'],
  vp8: ['libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-auto-alt-ref', '0'],
  vp9: ['libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'],
  av1: ['libaom-av1', '-strict', '-2', '-cpu-used', '8'],
};

/** What a stream's packets are made of. */
interface PacketsOptions {
  /** Pixels, as `640x480`. */
  size: string;
  frames?: number;
  pixelFormat?: string;
  /** More of ffmpeg's options for its encoder. */
  options?: string[];
}

/** Sizes that no codec's blocks divide, so that each has to be told apart from what is coded. */
const cases: [string, VideoCodec, PacketsOptions, profile: string | RegExp][] = [
  ['baseline', 'h264', { size: '98x66', options: ['-profile:v', 'baseline', '-level', '3.1'] }, 'avc1.42c01f'],
  [
    'high',
    'h264',
    { size: '98x66', options: ['-profile:v', 'high', '-level', '4', '-x264-params', '8x8dct=1'] },
    'avc1.640028',
  ],
  ['4:4:4', 'h264', { size: '99x67', pixelFormat: 'yuv444p', options: ['-level', '3.1'] }, 'avc1.f4001f'],
  ['4:2:2', 'h264', { size: '98x67', pixelFormat: 'yuv422p', options: ['-level', '3.1'] }, 'avc1.7a001f'],
  [
    'interlaced',
    'h264',
    { size: '98x68', options: ['-x264-params', 'interlaced=1:level=31'] },
    /^avc1\.4d[4-9a-f]01f$/,
  ],
  ['several slices', 'h264', { size: '98x66', options: ['-x264-params', 'slices=4:level=31'] }, 'avc1.42c01f'],
  ['main', 'hevc', { size: '98x66' }, 'hev1.1.6.L30.90'],
  ['4:4:4', 'hevc', { size: '99x67', pixelFormat: 'yuv444p' }, 'hev1.4.10.L30.9E.8'],
  ['key frames', 'vp8', { size: '99x67', options: ['-g', '4'] }, 'vp8'],
  ['key frames', 'vp9', { size: '99x67', options: ['-g', '4'] }, 'vp09.00.10.08'],
  ['4:4:4', 'vp9', { size: '99x67', pixelFormat: 'yuv444p' }, 'vp09.01.10.08'],
  ['1080p', 'vp9', { size: '1920x1080', frames: 1 }, 'vp09.00.41.08'],
  ['key frames', 'av1', { size: '98x66', frames: 3, options: ['-g', '2'] }, 'av01.0.00M.08'],
];

describe('readPacketHeader', () => {
  for (const [name, codec, options, profile] of cases) {
    it(`reads which packets of ${codec} are key, their size and profile: ${name}`, async () => {
      const packets = await makePackets(codec, options);
      const headers = packets.map(({ data }) => readPacketHeader(codec, data));
      assert.deepEqual(
        headers.map((header) => header?.key),
        packets.map(({ isKey }) => isKey),
      );
      const [width, height] = options.size.split('x').map(Number);
      for (const header of headers) {
        if (!header?.key) continue;
        assert.deepEqual([header.width, header.height], [width, height]);
        if (typeof profile === 'string') assert.equal(header.profile, profile);
        else assert.match(header.profile ?? '', profile);
      }
    });
  }

  it('reads the size behind lists of scaling factors', () => {
    const list = `1${'1'.repeat(16)}`; // 16 of the same as before
    const chroma = `${golomb(0)}${golomb(1)}${golomb(0)}${golomb(0)}0${`1${list}${'0'.repeat(7)}`}`;
    const order = `${golomb(0)}${golomb(2)}${golomb(1)}0`;
    const size = `${golomb(6)}${golomb(4)}110`;
    const sps = [0x67, 100, 0, 31, ...bytesOf(`${chroma}${order}${size}01`)];
    const pps = [0x68, ...bytesOf(`${golomb(0)}${golomb(0)}1`)];
    const slice = [0x65, ...bytesOf(`${golomb(0)}${golomb(2)}${golomb(0)}1`)];
    const unit = Uint8Array.from([sps, pps, slice].flatMap((nal) => [0, 0, 1, ...nal]));
    assert.deepEqual(readPacketHeader('h264', unit), { key: true, profile: 'avc1.64001f', width: 112, height: 80 });
  });

  it('takes no picture for key that only the ones before it complete, as of an open group', async () => {
    const options = ['-g', '8', '-bf', '2', '-x264-params', 'open-gop=1:scenecut=0'];
    const packets = await makePackets('h264', { size: '98x66', frames: 20, options });
    assert.ok(packets.filter(({ isKey }) => isKey).length > 1);
    const keys = packets.map(({ data }) => readPacketHeader('h264', data)?.key);
    assert.deepEqual([keys.indexOf(true), keys.lastIndexOf(true)], [0, 0]);
  });

  it('takes no picture for key whose parameter sets are not with it', async () => {
    for (const codec of ['h264', 'hevc'] as const) {
      const [first] = await makePackets(codec, { size: '98x66', frames: 1 });
      const { data } = first as { data: Buffer };
      // What is in front of the picture itself, one after the other.
      const starts = [...startCodes(data)];
      const isParameterSet = (at: number) => {
        const header = data[at] as number;
        return codec === 'h264' ? [7, 8].includes(header & 31) : [32, 33, 34].includes((header >> 1) & 63);
      };
      const sets = starts.filter(isParameterSet);
      assert.equal(sets.length, codec === 'h264' ? 2 : 3);
      for (const set of sets) {
        const without = Buffer.from(data);
        // As the parameter sets of a kind that nobody knows.
        without[set] = codec === 'h264' ? 31 : 63 << 1;
        assert.deepEqual(readPacketHeader(codec, without), { key: false });
      }
    }
  });

  it('takes bytes of anything for what they may be, and comes back', async () => {
    const random = randomBytes();
    for (const codec of videoCodecs) {
      const [first] = await makePackets(codec, { size: '98x66', frames: 1 });
      const { data } = first as { data: Buffer };
      for (let length = 0; length < Math.min(data.length, 300); length += 1) {
        const header = readPacketHeader(codec, data.subarray(0, length));
        if (header?.key) assert.deepEqual([header.width, header.height], [98, 66]);
      }
      for (let round = 0; round < 3000; round += 1) {
        const damaged = Buffer.from(data.subarray(0, 400));
        for (let count = 0; count <= round % 8; count += 1) damaged[random() % damaged.length] = random();
        const { key, width = 1, height = 1 } = readPacketHeader(codec, damaged) ?? { key: false };
        assert.ok(typeof key === 'boolean' && width > 0 && height > 0);
        const garbage = Buffer.from(Array.from({ length: round % 60 }, random));
        readPacketHeader(codec, garbage);
        readPacketHeader(codec, Buffer.concat([Buffer.from([0, 0, 1]), garbage]));
      }
    }
  });

  it('is no packet of a codec what is empty, nothing but zeros, or an image', () => {
    for (const codec of videoCodecs) {
      const jpeg = [0xff, 0xd8, 0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46];
      const sliceBehindSomething = [0xff, 0, 0, 1, 0x65, 0x88, 0x84];
      for (const bytes of [[], Array(64).fill(0), jpeg, sliceBehindSomething]) {
        assert.equal(readPacketHeader(codec, Uint8Array.from(bytes)), undefined);
      }
    }
  });
});

/** Where each NAL unit begins. */
function* startCodes(data: Buffer): Generator<number> {
  const code = Buffer.from([0, 0, 1]);
  for (let at = data.indexOf(code); at >= 0; at = data.indexOf(code, at + 3)) yield at + 3;
}

/** A number as H.264 writes it, in bits. */
function golomb(number: number): string {
  const binary = (number + 1).toString(2);
  return '0'.repeat(binary.length - 1) + binary;
}

function bytesOf(bits: string): number[] {
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

/** Bytes, the same in every run. */
function randomBytes(): () => number {
  let state = 12345;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    return (state >>> 16) & 0xff;
  };
}

/** Packets of a moving test picture, H.264 and HEVC as Annex B with the parameter sets in front of each key frame. */
async function makePackets(
  codec: VideoCodec,
  { size, frames = 8, pixelFormat = 'yuv420p', options = [] }: PacketsOptions,
): Promise<Packet[]> {
  const { ffmpeg } = await findFfmpeg();
  const index = temporaryPath(`${codec}.framecrc`);
  const data = temporaryPath(`${codec}.data`);
  const input = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25`, '-frames:v', String(frames)];
  const encoder = ['-pix_fmt', pixelFormat, '-c:v', ...encoders[codec], ...options];
  const outputs = `[f=framecrc]${index}|[f=data]${data}`;
  await run(ffmpeg, ['-v', 'error', '-y', ...input, ...encoder, '-map', '0:v', '-f', 'tee', outputs]);
  const bytes = await readFile(data);
  const lines = (await readFile(index, 'utf8')).split('\n').filter((line) => /^\d/.test(line));
  let at = 0;
  return lines.map((line) => {
    const size = Number(line.split(',')[4]);
    const flags = /F=0x(\d+)/.exec(line)?.[1];
    at += size;
    return { data: bytes.subarray(at - size, at), isKey: flags === undefined || (Number(flags) & 1) === 1 };
  });
}
