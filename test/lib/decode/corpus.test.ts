import assert from 'node:assert/strict';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { type FfmpegTools, findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import {
  type CorpusCase,
  corpus,
  damaged,
  decodeAlone,
  encodersOf,
  makeCase,
  probeFrames,
  rotations,
} from '../../support/corpus';
import { temporaryPath } from '../../support/media';
import { Player } from '../../support/player';

/** The ffmpeg that is installed, and the oldest there is to be expected: the npm binary. */
const builds: [name: string, find: () => Promise<FfmpegTools>][] = [
  ['the ffmpeg that is found', () => findFfmpeg()],
  ['the ffmpeg of npm', () => findFfmpeg({ env: {} })],
];

for (const [build, find] of builds) {
  describe(`the corpus, by ${build}`, () => {
    let pool: WorkerPool;
    let tools: FfmpegTools;
    let encoders: Set<string>;
    const folder = build.replaceAll(' ', '-');

    before(async () => {
      pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
      tools = await find();
      encoders = await encodersOf(tools.ffmpeg);
    });
    after(() => pool.close());

    const play = async (path: string, options: object = {}) => {
      const player = new Player(pool, { ffmpegPath: tools.ffmpeg });
      await player.start(path, options);
      await Promise.race([player.event('ended'), player.event('error')]);
      return player;
    };
    const imagesOf = (player: Player) =>
      Promise.all(player.frames.map(({ data }) => sharp(data).raw().toBuffer({ resolveWithObject: true })));
    const make = (entry: CorpusCase) => makeCase(tools.ffmpeg, folder, entry);
    const skipWithout = (context: Mocha.Context, { encoder }: CorpusCase) => {
      if (encoder !== undefined && !encoders.has(encoder)) context.skip();
    };

    for (const entry of [...corpus, ...rotations]) {
      it(`gives every frame of ${entry.name}, at its time, as a JPEG`, async function () {
        skipWithout(this, entry);
        const path = await make(entry);
        const expected = await probeFrames(path);
        assert.ok(expected.length > 0, 'ffprobe finds frames');
        const player = await play(path);
        assert.deepEqual(player.failures, []);
        assert.deepEqual(
          player.events.filter(({ event }) => event === 'warning'),
          [],
        );
        const { frames } = player;
        assert.equal(frames.length, expected.length);
        const isNear = (actual = Number.NaN, wanted = Number.NaN) => Math.abs(actual - wanted) < 1;
        assert.ok(isNear(frames[0]?.frame.pts, expected[0]), `first ${frames[0]?.frame.pts}, not ${expected[0]}`);
        const last = frames.at(-1)?.frame;
        // Of a last frame that had to wait for its turn, ffprobe may know no time.
        const timed = expected.findLastIndex((pts) => !Number.isNaN(pts));
        assert.ok(timed >= expected.length - 2, `ffprobe knows the times of ${timed + 1}`);
        const lastPts = frames[timed]?.frame.pts;
        assert.ok(isNear(lastPts, expected[timed]), `last ${lastPts}, not ${expected[timed]}`);
        assert.equal(last?.last, true);
        for (const { info } of await imagesOf(player)) {
          assert.deepEqual([info.width, info.height], entry.size ?? [64, 48]);
        }
        assert.deepEqual([last?.width, last?.height], entry.size ?? [64, 48]);
      });
    }

    for (const entry of damaged) {
      it(`gives what ffmpeg can decode of a file that ${entry.name}, then says so once`, async function () {
        skipWithout(this, entry);
        const path = await make(entry);
        const expected = await decodeAlone(tools.ffmpeg, path);
        const player = await play(path);
        assert.equal(player.frames.length, expected.frames);
        await imagesOf(player);
        const told = player.events.filter(({ event }) => event === 'warning' || event === 'error');
        // ffmpeg is silent about some files that it could not read to their end.
        const isCutOff = entry.name.startsWith('is cut off');
        assert.equal(told.length, expected.complains || isCutOff ? 1 : 0);
        if (isCutOff) assert.equal(player.frames.at(-1)?.frame.last, undefined);
      });
    }

    it('gives what there is of a file that is still being written, and ends', async () => {
      const whole = await make(corpus.find(({ file }) => file === 'mpeg2.ts') as CorpusCase);
      const bytes = await readFile(whole);
      const path = temporaryPath(`${folder}-growing.ts`);
      const half = Math.floor(bytes.length / 2 / 188) * 188;
      await writeFile(path, bytes.subarray(0, half));
      const growing = createWriteStream(path, { flags: 'a' });
      const timer = setInterval(() => growing.write(bytes.subarray(half, half + 188)), 5);
      const player = await play(path);
      clearInterval(timer);
      growing.end();
      assert.ok(player.frames.length >= 8, `${player.frames.length} frames`);
      assert.deepEqual(player.failures, []);
      await imagesOf(player);
    });

    it('refuses a file of zero bytes', async () => {
      const path = temporaryPath(`${folder}-zero.mp4`);
      await writeFile(path, '');
      await assert.rejects(new Player(pool, { ffmpegPath: tools.ffmpeg }).start(path), { code: 'SOURCE_UNREADABLE' });
    });

    it('makes whole pictures of fields, unless told not to', async () => {
      const path = await make(corpus.find(({ file }) => file === 'interlaced.ts') as CorpusCase);
      const [woven, left] = await Promise.all([play(path), play(path, { deinterlace: 'off' })]);
      const images = await Promise.all([imagesOf(woven), imagesOf(left)]);
      const [combedLess, combedMore] = images.map(([, , image]) => combing(image as (typeof images)[0][0]));
      assert.ok((combedLess as number) < (combedMore as number), `${combedLess}, ${combedMore}`);
    });

    it('shows the colours of BT.709 as they are', async function () {
      const args = ['-f', 'lavfi', '-i', 'color=c=0x00c000:size=64x48:rate=25:duration=0.2'];
      const hd = [
        '-vf',
        'scale=out_color_matrix=bt709',
        '-colorspace',
        'bt709',
        '-pix_fmt',
        'yuv420p',
        '-c:v',
        'libx264',
      ];
      const entry = { name: 'green', file: 'green.mp4', args: [...args, ...hd], encoder: 'libx264' };
      skipWithout(this, entry);
      const [image] = await imagesOf(await play(await make(entry)));
      const [red, green, blue] = [...(image?.data.subarray(0, 3) ?? [])] as [number, number, number];
      assert.ok(red < 12 && Math.abs(green - 0xc0) < 8 && blue < 12, `${red} ${green} ${blue}`);
    });

    it('brings HDR to the brightness of a screen', async function () {
      // 58 % of the PQ signal is 203 nits: what white paper has in an HDR film. A screen that knew no HDR showed 58 %.
      const args = ['-f', 'lavfi', '-i', 'color=c=0x949494:size=64x48:rate=25:duration=0.2'];
      const hdr = corpus.find(({ file }) => file === 'pq.mkv') as CorpusCase;
      const entry = { ...hdr, file: 'paper.mkv', args: [...args, ...hdr.args.slice(4)] };
      skipWithout(this, entry);
      const [image] = await imagesOf(await play(await make(entry)));
      const [value] = image?.data ?? [];
      assert.ok((value as number) > 165, `${value}`);
    });

    it('plays the one of several videos that was chosen, and never the cover', async () => {
      const cover = ['-f', 'lavfi', '-i', 'color=red:size=10x10:rate=25:duration=0.04'];
      const two = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25:duration=0.2'];
      const three = ['-f', 'lavfi', '-i', 'testsrc=size=32x24:rate=25:duration=0.2'];
      const maps = [
        '-map',
        '0',
        '-map',
        '1',
        '-map',
        '2',
        '-c:v',
        'mpeg4',
        '-c:v:0',
        'mjpeg',
        '-pix_fmt:v:0',
        'yuvj420p',
      ];
      const entry = {
        name: 'several videos',
        file: 'several.mp4',
        args: [...cover, ...two, ...three, ...maps, '-disposition:v:0', 'attached_pic'],
      };
      const path = await make(entry);
      const widthOf = async (videoStream: unknown) => (await play(path, { videoStream })).frames[0]?.frame.width;
      assert.deepEqual([await widthOf(''), await widthOf(0), await widthOf('1')], [64, 64, 32]);
      await assert.rejects(play(path, { videoStream: 2 }), {
        code: 'BAD_OPTION',
        message: /has the videos 0 to 1, not 2/,
      });
    });
  });
}

/** How much each line differs from both of its neighbours: fields of two moments do. */
function combing({ data, info }: { data: Buffer; info: sharp.OutputInfo }): number {
  const row = info.width * info.channels;
  let sum = 0;
  for (let at = row; at < data.length - row; at += 1) {
    const value = data[at] as number;
    const above = value - (data[at - row] as number);
    const below = value - (data[at + row] as number);
    if (above * below > 0) sum += Math.min(Math.abs(above), Math.abs(below));
  }
  return sum;
}
