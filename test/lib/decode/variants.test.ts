import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { look } from '../../../lib/decode/look';
import { filmVariants, makeMaster, variants } from '../../support/hls-variants';
import { Inputs } from '../../support/inputs';
import { Player } from '../../support/player';
import { eventually } from '../../support/processes';
import { serveFolder } from '../../support/web-server';

/** As they are told of, the largest first. */
const told = [
  { name: '64x48@300000', width: 64, height: 48, bitrate: 300_000 },
  { name: '64x48@150000', width: 64, height: 48, bitrate: 150_000 },
  { name: '48x36', width: 48, height: 36, bitrate: 100_000 },
  { name: '32x24', width: 32, height: 24, bitrate: 60_000 },
];

describe('the variants of an HLS stream', () => {
  const inputs = new Inputs('variants');
  let folder: string;

  before(async () => {
    folder = await makeMaster('variants/recorded');
    await once(filmVariants(inputs.ffmpeg, folder, ['-t', '1'], ['-hls_list_size', '0']), 'close');
  });

  const serve = async (from = folder) => `${(await inputs.serve(serveFolder(from))).url}/master.m3u8`;
  /** The variant that was played. */
  async function shownIn({ frames }: Player): Promise<string | undefined> {
    const { channels } = await sharp(frames.at(-1)?.data).stats();
    const mean = channels[0]?.mean ?? Number.NaN;
    return variants.find(({ grey }) => Math.abs(grey - mean) < 8)?.name;
  }

  it('are all told of, and the largest is played, wherever it stands', async () => {
    const player = await inputs.play(await serve());
    assert.deepEqual([await shownIn(player), player.frames.length], ['good', 25]);
    assert.deepEqual((await player.event('opened')).variants, told);
  });

  for (const [variant, shown] of [
    ['48x36', 'middle'],
    ['64 × 48', 'good'],
    ['64x48@150000', 'poor'],
    ['32x24@60000', 'small'],
  ]) {
    it(`are chosen from by name: ${variant}`, async () => {
      assert.equal(await shownIn(await inputs.play(await serve(), { variant })), shown);
    });
  }

  it('are chosen from by number as the videos of any source, as before', async () => {
    assert.equal(await shownIn(await inputs.play(await serve(), { videoStream: 3 })), 'middle');
  });

  it('are named where one is asked for that there is not', async () => {
    await assert.rejects(inputs.play(await serve(), { variant: '1920x1080' }), {
      code: 'BAD_OPTION',
      message: /has no variant 1920x1080: choose one of 64x48@300000, 64x48@150000, 48x36, 32x24, or leave it blank/,
    });
  });

  it('are offered by a preview, which shows the one that was chosen', async () => {
    const rules = { folders: [], trusted: true };
    const { opened } = await look(await serve(), { pool: inputs.pool, rules, options: { variant: '48x36' } });
    assert.deepEqual([opened.width, opened.variants], [48, told]);
  });

  it('do not matter to a source that has none', async () => {
    const player = await inputs.play(inputs.clip, { variant: '1x1' });
    assert.equal((await player.event('opened')).variants, undefined);
  });

  it('are played from while they are live as well, the largest by default', async () => {
    const live = await makeMaster('variants/live');
    const station = filmVariants(inputs.ffmpeg, live, ['-re'], ['-hls_list_size', '4']);
    const [largest, chosen] = [new Player(inputs.pool), new Player(inputs.pool)];
    try {
      await eventually('the playlists', () => variants.every(({ name }) => existsSync(join(live, `${name}.m3u8`))));
      const url = await serve(live);
      await Promise.all([largest.start(url, { live: true }), chosen.start(url, { live: true, variant: '48x36' })]);
      await Promise.all([largest.frameCount(20), chosen.frameCount(20)]);
      assert.deepEqual([await shownIn(largest), await shownIn(chosen)], ['good', 'middle']);
      const { variants: offered, format } = await largest.event('opened');
      assert.deepEqual([offered, format], [told, 'hls']);
      assert.deepEqual([largest.failures, chosen.failures], [[], []]);
    } finally {
      await Promise.all([largest.source.stop(), chosen.source.stop()]);
      station.kill('SIGKILL');
      await once(station, 'close');
    }
  });
});
