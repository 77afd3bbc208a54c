import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { Inputs } from '../../support/inputs';
import { bunny, temporaryPath } from '../../support/media';
import { Player } from '../../support/player';

const run = promisify(execFile);

/** Formats that are recorded as it goes. */
const formats = [
  ['ts', 'mpegts'],
  ['mkv', 'matroska'],
  ['flv', 'flv'],
] as const;

/** A picture of 25 frames a second; flushed at once, so that the file grows frame by frame. */
const picture = (seconds: number) => [
  ...['-f', 'lavfi', '-i', `testsrc=size=64x48:rate=25:duration=${seconds}`, '-flush_packets', '1'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '10'],
];

describe('a file that is being written', () => {
  const inputs = new Inputs('growing-files');
  const pathOf = (name: string) => temporaryPath(`growing-files/${name}`);

  /** What writes `seconds` of video in real time. */
  const record = (path: string, format: string, seconds: number): ChildProcess =>
    spawn(inputs.ffmpeg, ['-v', 'error', '-y', '-re', ...picture(seconds), '-f', format, path], { stdio: 'ignore' });

  const warningsOf = ({ events }: Player) =>
    events.flatMap((event) => (event.event === 'warning' ? [event.payload.message] : []));

  async function make(name: string, format: string, more: readonly string[] = []): Promise<Buffer> {
    const path = pathOf(name);
    await mkdir(dirname(path), { recursive: true });
    await run(inputs.ffmpeg, ['-v', 'error', '-y', ...picture(1), ...more, '-f', format, path]);
    return readFile(path);
  }

  it('is followed to its end, in every format that is recorded as it goes', async () => {
    await Promise.all(
      formats.map(async ([ending, format]) => {
        const path = pathOf(`followed.${ending}`);
        await mkdir(dirname(path), { recursive: true });
        await writeFile(path, '');
        const recorder = record(path, format, 1);
        const ended = once(recorder, 'close');
        const player = await inputs.play(path, { follow: true, stallTimeout: 3 });
        await ended;
        assert.deepEqual(
          player.frames.map(({ frame }) => [frame.seq, Math.round(frame.pts - (player.frames[0]?.frame.pts ?? 0))]),
          Array.from({ length: 25 }, (_, index) => [index, index * 40]),
          format,
        );
        assert.deepEqual(
          player.frames.map(({ frame }) => frame.last === true),
          Array.from({ length: 25 }, (_, index) => index === 24),
          format,
        );
        assert.deepEqual(warningsOf(player), []);
        assert.equal((await player.event('opened')).duration, undefined);
      }),
    );
  });

  it('gives what is there at once, though more may come', async () => {
    await make('waiting.ts', 'mpegts');
    const player = new Player(inputs.pool);
    await player.start(pathOf('waiting.ts'), { follow: true, stallTimeout: 3600 });
    await player.frameCount(10);
    await player.source.stop();
  });

  it('and is not followed is played as far as it is, with a warning, and has no last frame', async () => {
    const path = pathOf('unfollowed.ts');
    const whole = await make('unfollowed.ts', 'mpegts');
    await writeFile(path, whole);
    const player = new Player(inputs.pool, { maxFrames: 5, finishes: false });
    await player.start(path);
    await player.frameCount(5);
    // More than fits into what ffmpeg has read by now, and whole packets.
    await appendFile(path, whole);
    // However long the rest takes.
    await utimes(path, new Date(), new Date(Date.now() + 3_600_000));
    player.finishAll();
    await player.event('ended');
    const { message } = await player.event('warning');
    assert.match(message, /(?:^|: )it is still being written\. Tick "Follow" to wait for the rest/);
    assert.equal(player.frames.at(-1)?.frame.last, undefined);
  });

  for (const [ending, format, ...more] of [
    ...formats,
    ['avi', 'avi'],
    ['mp4', 'mp4', '-movflags', 'frag_keyframe+empty_moov'],
  ] as const) {
    it(`and breaks off is played as far as it goes, with a warning, and has no last frame: ${format}`, async () => {
      const name = `broken.${ending}`;
      const whole = await make(name, format, more);
      const untouched = await inputs.play(pathOf(name));
      assert.equal(untouched.frames.at(-1)?.frame.last, true);
      await writeFile(pathOf(name), whole.subarray(0, Math.round(whole.length * 0.6) - 1));
      const player = await inputs.play(pathOf(name));
      assert.match((await player.event('warning')).message, /it breaks off in the middle|ended prematurely/);
      assert.equal(player.frames.at(-1)?.frame.last, undefined);
    });
  }

  it('and breaks off has a last frame in a part of it that ends before', async () => {
    const whole = await make('part.ts', 'mpegts');
    await writeFile(pathOf('part.ts'), whole.subarray(0, -1));
    const { frames } = await inputs.play(pathOf('part.ts'), { end: 0.2 });
    assert.deepEqual([frames.length, frames.at(-1)?.frame.last], [5, true]);
  });

  it('can be sought in, and played from a place, while it is followed', async () => {
    const path = pathOf('sought.ts');
    await make('sought.ts', 'mpegts');
    const { frames } = await inputs.play(path, { follow: true, stallTimeout: 0.5, start: 0.6 });
    assert.deepEqual(
      frames.map(({ frame }) => frame.pts),
      Array.from({ length: 10 }, (_, index) => 600 + index * 40),
    );
  });

  it('is left alone when enough of it has been played, though it is followed', async () => {
    const path = pathOf('long.mkv');
    await run(inputs.ffmpeg, ['-v', 'error', '-y', '-i', bunny, '-c', 'copy', path]);
    const { frames } = await inputs.play(path, { follow: true, end: 0.2, width: 64 });
    assert.equal(frames.at(-1)?.frame.last, true);
  });
});
