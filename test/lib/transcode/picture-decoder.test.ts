import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { VideoError } from '../../../lib/errors';
import { capabilitiesOf } from '../../../lib/ffmpeg/capabilities';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { quantiserOf } from '../../../lib/ffmpeg/quality';
import { type EncodedFrame, type Frame, videoCodecs } from '../../../lib/frame/frame';
import { readImageHeader } from '../../../lib/frame/image-header';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { PictureDecoder, type PictureDecoderOptions } from '../../../lib/transcode/picture-decoder';
import { withoutReordering } from '../../support/h264';
import { clips, runningFfmpegs } from '../../support/media';
import { makeClip, packetsOf } from '../../support/packets';

const run = promisify(execFile);
const quality = 80;

/** What ffmpeg makes of a file in one go. */
async function decodedFile(path: string): Promise<Buffer> {
  const { ffmpeg } = await findFfmpeg();
  const { passthrough } = await capabilitiesOf(ffmpeg);
  const output = ['-q:v', String(quantiserOf(quality)), '-qmin', '1', '-qmax', '69', '-f', 'image2pipe', '-'];
  const picture = ['-map', '0:v:0', '-vf', 'scale=out_color_matrix=bt601', '-c:v', 'mjpeg', ...passthrough];
  const args = ['-v', 'error', '-i', path, ...picture, ...output];
  const { stdout } = await run(ffmpeg, args, { encoding: 'buffer', maxBuffer: 1 << 28 });
  return stdout;
}

/** A VP8 key frame that says it has another size. */
function withSize(data: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(data);
  changed.writeUInt16LE(width, 6);
  changed.writeUInt16LE(height, 8);
  return changed;
}

describe('a picture decoder', () => {
  let pool: WorkerPool;
  let decoder: PictureDecoder;
  let pictures: EncodedFrame[];
  let passed: Frame[];
  let errors: VideoError[];

  before(() => {
    pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
  });
  after(() => pool.close());
  beforeEach(() => open());
  afterEach(async () => {
    await decoder.close();
    assert.deepEqual(await runningFfmpegs(), []);
  });

  function open(options: Partial<PictureDecoderOptions> = {}): void {
    [pictures, passed, errors] = [[], [], []];
    decoder = new PictureDecoder({
      ...{ pool, quality },
      onPicture: (picture) => void pictures.push(picture),
      onPassed: (packet) => passed.push(packet),
      onError: (error) => errors.push(error),
      ...options,
    });
  }

  async function push(packets: EncodedFrame[]): Promise<void> {
    for (const packet of packets) await decoder.push(packet);
  }

  async function decode(packets: EncodedFrame[]): Promise<void> {
    await push(packets);
    await decoder.flush();
  }

  const shown = (packets: EncodedFrame[]) => packets.map(({ frame }) => frame).sort((a, b) => a.pts - b.pts);
  const seqs = (frames: Frame[]) => frames.map(({ seq }) => seq);
  const seqsOf = (encoded: EncodedFrame[]) => seqs(encoded.map(({ frame }) => frame));

  /** Each picture is the frame of its packet, and the pictures are those of the file, byte for byte. */
  async function assertDecodes(path: string, all: EncodedFrame[]): Promise<void> {
    await decode(all);
    assert.deepEqual(errors, []);
    assert.deepEqual(passed, []);
    const wanted = shown(all).map(({ key: _, dts: __, last: ___, ...frame }) => ({ ...frame, codec: 'jpeg' }));
    assert.deepEqual(
      pictures.map(({ frame: { last: _, ...frame } }) => frame),
      wanted,
    );
    assert.ok(Buffer.concat(pictures.map(({ data }) => data)).equals(await decodedFile(path)));
  }

  for (const codec of videoCodecs) {
    it(`makes of ${codec} packets the pictures that decoding the file gives, each with its own time`, async () => {
      const path = await makeClip({ codec, bFrames: 2 });
      await assertDecodes(path, await packetsOf(path));
    });
  }

  for (const codec of ['h264', 'hevc'] as const) {
    it(`decodes ${codec} whose groups of pictures need the one before, in several slices`, async () => {
      const path = await makeClip({ codec, bFrames: 3, frames: 30, openGop: true, slices: 4 });
      await assertDecodes(path, await packetsOf(path));
    });
  }

  it('gives no picture of what needs the group before the one it began with', async () => {
    const all = await packetsOf(await makeClip({ codec: 'hevc', bFrames: 3, frames: 30, openGop: true }));
    const start = all.findLastIndex(({ frame }) => frame.key);
    const key = all[start]?.frame.pts ?? 0;
    const leading = all.slice(start).filter(({ frame }) => frame.pts < key);
    assert.ok(leading.length > 0);
    await decode(all.slice(start));
    assert.deepEqual(errors, []);
    assert.deepEqual(seqs(passed), seqsOf(leading));
    assert.deepEqual(seqsOf(pictures), seqs(shown(all.slice(start)).filter(({ pts }) => pts >= key)));
  });

  it('loses none of H.264 that does not say how far it reorders', async () => {
    const all = await packetsOf(await makeClip({ bFrames: 3, gop: 20 }));
    await decode(all.map(({ frame, data }) => ({ frame, data: frame.key ? withoutReordering(data) : data })));
    assert.deepEqual(seqsOf(pictures), seqs(shown(all)));
  });

  for (const { path, frames } of clips.filter(({ path }) => /bikes|vp8|no_duration/.test(path))) {
    it(`loses none of the ${frames} pictures of ${path.split('/').at(-1)}`, async () => {
      await assertDecodes(path, await packetsOf(path));
    });
  }

  it('marks the last picture that is shown as the last one, not that of the last packet', async () => {
    const all = await packetsOf(await makeClip({ bFrames: 2 }));
    const end = all.findLastIndex(({ frame }, index) => frame.pts < (all[index - 1]?.frame.pts ?? 0));
    const part = all.slice(0, end + 1);
    await push(part.map(({ frame, data }, index) => ({ frame: index < end ? frame : { ...frame, last: true }, data })));
    assert.deepEqual(
      pictures.filter(({ frame }) => frame.last).map(({ frame }) => frame.seq),
      [shown(part).at(-1)?.seq],
    );
    assert.equal(pictures.at(-1)?.frame.last, true);
  });

  it('gives each picture as soon as it can be decoded', async () => {
    for (const codec of videoCodecs) {
      const all = await packetsOf(await makeClip({ codec }));
      let wake = () => {};
      const first = new Promise<void>((resolve) => {
        wake = resolve;
      });
      open({ onPicture: () => wake() });
      await decoder.push(all[0] as EncodedFrame);
      await first;
      await decoder.close();
    }
  });

  it('begins at a key frame, and says of what comes before it that there is no picture', async () => {
    const all = await packetsOf(await makeClip({ gop: 10, frames: 20 }));
    await decode(all.slice(5));
    assert.deepEqual(seqsOf(pictures), [10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    assert.deepEqual(seqs(passed), [5, 6, 7, 8, 9]);
    assert.deepEqual(errors, []);
  });

  it('begins anew at a key frame where packets are missing', async () => {
    const all = await packetsOf(await makeClip({ gop: 10, frames: 30 }));
    await decode(all.filter(({ frame }) => frame.seq !== 5));
    assert.deepEqual(seqsOf(pictures), [0, 1, 2, 3, 4, ...seqs(all.slice(10).map(({ frame }) => frame))]);
    assert.deepEqual(seqs(passed), [6, 7, 8, 9]);
  });

  it('passes over packets that come a second time', async () => {
    const all = await packetsOf(await makeClip({ gop: 20 }));
    await decode([...all.slice(0, 8), ...all.slice(5)]);
    assert.deepEqual(seqsOf(pictures), seqsOf(all));
    assert.deepEqual(seqs(passed), [5, 6, 7]);
  });

  it('gives out all of one session before it begins the next', async () => {
    const one = await packetsOf(await makeClip({ bFrames: 2 }));
    // Of another one, what follows has the next number by chance.
    const two = one.map(({ frame, data }) => ({ frame: { ...frame, session: 'second', seq: frame.seq + 20 }, data }));
    await decode([...one, ...two]);
    assert.deepEqual(
      pictures.map(({ frame }) => frame.session),
      [...new Array(20).fill('first'), ...new Array(20).fill('second')],
    );
  });

  it('goes on in another size, and with another codec', async () => {
    const parts = await Promise.all([
      packetsOf(await makeClip({ bFrames: 2 })),
      packetsOf(await makeClip({ size: '96x54' })),
      packetsOf(await makeClip({ codec: 'vp8' })),
    ]);
    const all = parts.flat().map(({ frame, data }, seq) => {
      const part = Math.floor(seq / 20) * 800;
      return { frame: { ...frame, seq, pts: frame.pts + part, dts: (frame.dts ?? 0) + part }, data };
    });
    await decode(all);
    assert.deepEqual(errors, []);
    assert.deepEqual(
      pictures.map(({ data }) => readImageHeader(data)?.width),
      [...new Array(20).fill(64), ...new Array(20).fill(96), ...new Array(20).fill(64)],
    );
    assert.deepEqual(
      pictures.map(({ frame }) => frame.width),
      pictures.map(({ data }) => readImageHeader(data)?.width),
    );
  });

  it('decodes what is not to be shown, and gives no picture of it', async () => {
    const all = await packetsOf(await makeClip({ gop: 20, frames: 20 }));
    await decode(all.map(({ frame, data }) => ({ frame: frame.seq < 12 ? { ...frame, preroll: true } : frame, data })));
    assert.deepEqual(seqsOf(pictures), [12, 13, 14, 15, 16, 17, 18, 19]);
    assert.equal(passed.length, 12);
  });

  it('is held by who takes its pictures', async () => {
    const all = await packetsOf(await makeClip({ frames: 200, gop: 200, size: '640x360' }));
    const takers: (() => void)[] = [];
    open({ onPicture: () => new Promise((resolve) => takers.push(resolve)) });
    let pushed = 0;
    const pushing = (async () => {
      for (const packet of all) {
        await decoder.push(packet);
        pushed += 1;
      }
    })();
    await Promise.race([pushing, sleep(500)]);
    assert.equal(takers.length, 1);
    assert.ok(pushed < 150, `${pushed} packets were taken in`);
    await decoder.close();
    await pushing;
    assert.equal(passed.length, 199);
  });

  it('tells a crash of ffmpeg once, and goes on at the next key frame', async () => {
    const all = await packetsOf(await makeClip({ gop: 10, frames: 40, bFrames: 2 }));
    await push(all.slice(0, 12));
    while (pictures.length < 9) await sleep(1);
    const [pid] = await runningFfmpegs();
    process.kill(pid as number, 'SIGKILL');
    while ((await runningFfmpegs()).length > 0) await sleep(1);
    await decode(all.slice(12));
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['DECODER_CRASHED'],
    );
    assert.match(errors[0]?.message ?? '', /SIGKILL.*of clip.*next key frame/s);
    assert.deepEqual(
      seqsOf(pictures).filter((seq) => seq >= 12),
      seqs(shown(all.slice(20))),
    );
    assert.ok(passed.some(({ seq }) => seq < 12));
    assert.equal(pictures.length + passed.length, 40);
  });

  it('tells once that its thread died, and leaves no ffmpeg behind', async () => {
    const dying = new WorkerPool({ maxThreads: 1, onError: assert.fail });
    open({ pool: dying });
    const all = await packetsOf(await makeClip({ bFrames: 2 }));
    await push(all.slice(0, 8));
    while (pictures.length === 0) await sleep(1);
    await dying.close();
    await decode(all.slice(8, 10));
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['DECODER_CRASHED'],
    );
    assert.equal(pictures.length + passed.length, 10);
    while ((await runningFfmpegs()).length > 0) await sleep(1);
  });

  for (const codec of videoCodecs) {
    it(`tells once that there is no picture in random bytes that claim to be ${codec}, and decodes what follows`, async () => {
      const good = await packetsOf(await makeClip({ codec }));
      const bad = good.map(({ frame }) => ({ frame: { ...frame, session: 'hostile' }, data: randomBytes(500) }));
      await decode([...bad, ...good]);
      assert.deepEqual(
        errors.map(({ code }) => code),
        ['NOT_A_FRAME'],
      );
      assert.deepEqual(seqsOf(pictures), seqs(shown(good)));
      assert.deepEqual(
        passed.map(({ session }) => session),
        new Array(20).fill('hostile'),
      );
    });
  }

  it('goes on behind packets that are damaged', async () => {
    const all = await packetsOf(await makeClip({ bFrames: 3, frames: 60, gop: 30, openGop: true }));
    await decode(all.map(({ frame, data }, at) => ({ frame, data: at < 5 || at >= 28 ? data : Buffer.alloc(500, 7) })));
    assert.deepEqual(errors, []);
    assert.deepEqual(seqsOf(pictures).slice(-20), seqs(shown(all).slice(-20)));
    assert.equal(pictures.length + passed.length, 60);
  });

  it('gives up on packets without end that give no picture', async () => {
    const [key] = await packetsOf(await makeClip({}));
    const { frame, data } = key as EncodedFrame;
    await decoder.push({ frame, data });
    const { key: _, ...other } = frame;
    for (let seq = 1; seq < 200; seq += 1) {
      await decoder.push({ frame: { ...other, seq, pts: seq * 40, dts: seq * 40 }, data: randomBytes(500) });
    }
    assert.equal(pictures.length, 1);
    assert.equal(errors.length, 1);
    assert.match(errors[0]?.message ?? '', /100 packets of clip gave no picture/);
  });

  it('does not start ffmpeg for one bad key frame after the other', async () => {
    const [key] = await packetsOf(await makeClip({ codec: 'vp9' }));
    const { frame, data } = key as EncodedFrame;
    const bad = Buffer.concat([data.subarray(0, 12), randomBytes(500)]);
    let starts = 0;
    const counting = {
      run: (...args: Parameters<WorkerPool['run']>) => {
        starts += 1;
        return pool.run(...args);
      },
    };
    open({ pool: counting as unknown as WorkerPool });
    for (let seq = 0; seq < 20; seq += 1) {
      await decoder.push({ frame: { ...frame, session: `session ${seq}`, seq: 0 }, data: bad });
    }
    assert.equal(errors.length, 1);
    assert.equal(starts, 4);
    assert.equal(passed.length, 20);
  });

  it('refuses pictures that are too large to decode', async () => {
    const [key] = await packetsOf(await makeClip({ codec: 'vp8' }));
    const { frame, data } = key as EncodedFrame;
    await decoder.push({ frame, data: withSize(data, 16_383, 16_383) });
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['SOURCE_UNREADABLE'],
    );
  });
});
