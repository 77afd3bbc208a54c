import assert from 'node:assert/strict';
import { copyFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sharp from 'sharp';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { decodeAlone } from '../../support/corpus';
import {
  bunny,
  clips,
  makeAudioOnly,
  makeLong,
  makeMotionJpeg,
  makeSongWithCover,
  makeTruncated,
  makeVariableRate,
  probePackets,
  runningFfmpegs,
  temporaryPath,
} from '../../support/media';
import { Player, playBeside } from '../../support/player';
import { eventually } from '../../support/processes';
import { stillHeld } from '../../support/young-memory';

describe('VideoSource', () => {
  let pool: WorkerPool;

  before(() => {
    pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
  });
  after(() => pool.close());
  afterEach(async () => assert.deepEqual(await runningFfmpegs(), []));

  describe('frames', () => {
    for (const { path, frames, width, height } of clips) {
      it(`gives all ${frames} of ${basename(path)}, upright and on time`, async () => {
        const player = new Player(pool);
        await player.start(path);
        const totals = await player.event('ended');
        const packets = await probePackets(path);
        assert.equal(totals.frames, frames);
        assert.deepEqual(
          player.frames.map(({ frame }) => frame.seq),
          packets.map((_, index) => index),
        );
        for (const [index, { frame, data }] of player.frames.entries()) {
          const { pts } = packets[index] as { pts: number };
          assert.ok(Math.abs(frame.pts - pts) < 0.01, `frame ${index} is at ${frame.pts}`);
          const { format, width: actualWidth, height: actualHeight } = await sharp(data).metadata();
          assert.deepEqual([format, actualWidth, actualHeight], ['jpeg', width, height]);
          assert.deepEqual([frame.codec, frame.width, frame.height], ['jpeg', width, height]);
          assert.equal(frame.last, index === frames - 1 ? true : undefined);
        }
        const [middle] = player.frames.slice(frames >> 1);
        await sharp(middle?.data).raw().toBuffer();
      });
    }

    it('are not held by what the flow remembers of them until they are finished', async () => {
      const player = new Player(pool, { maxFrames: 10, finishes: false });
      const images: WeakRef<object>[] = [];
      const remembered: unknown[] = [];
      player.onFrame = ({ data }, finish) => {
        images.push(new WeakRef(data));
        remembered.push(finish);
        if (images.length === 10) full();
      };
      let full = () => {};
      const isFull = new Promise<void>((resolve) => {
        full = resolve;
      });
      await player.start(bunny);
      await isFull;
      assert.equal(await stillHeld(images), 0);
      assert.equal(remembered.length, 10);
      await player.source.stop();
    });

    it('last exactly until the next one', async () => {
      const player = new Player(pool);
      await player.start(await makeVariableRate());
      await player.event('ended');
      const { frames } = player;
      assert.equal(frames.length, 25);
      assert.deepEqual(
        frames.map(({ frame }) => frame.pts),
        frames.map((_, index) => index * index * 4),
      );
      for (const [index, { frame }] of frames.slice(0, -1).entries()) {
        assert.equal(frame.duration, (2 * index + 1) * 4);
      }
    });

    it('are passed through where they are JPEGs already', async () => {
      const player = new Player(pool);
      const path = await makeMotionJpeg();
      await player.start(path, { quality: 10 });
      await player.event('ended');
      assert.deepEqual(
        player.frames.map(({ frame, data }) => ({ pts: frame.pts, size: data.length })),
        await probePackets(path),
      );
      await Promise.all(player.frames.map(({ data }) => sharp(data).raw().toBuffer()));
    });

    it('are compressed anew where JPEGs are to change', async () => {
      const player = new Player(pool);
      await player.start(await makeMotionJpeg(), { width: 160 });
      assert.equal((await player.event('ended')).frames, 25);
      assert.equal((await sharp(player.frames[0]?.data).metadata()).width, 160);
    });

    it('carry the stream id, and one session for each start', async () => {
      const player = new Player(pool);
      await player.start(bunny, { end: 0.2 });
      await player.event('ended');
      const first = player.frames[0]?.frame;
      assert.equal(first?.stream, bunny);
      player.events.length = 0;
      await player.start(bunny, { end: 0.2 }, 'the bunny');
      await player.event('ended');
      const again = player.frames.at(-1)?.frame;
      assert.equal(again?.stream, 'the bunny');
      assert.notEqual(again?.session, first?.session);
    });
  });

  describe('options', () => {
    const play = async (path: string, options: object) => {
      const player = new Player(pool);
      await player.start(path, options);
      await player.event('ended');
      return player.frames.map(({ frame }) => frame);
    };

    it('resample to a frame rate', async () => {
      const frames = await play(bunny, { fps: 10, end: 2 });
      assert.equal(frames.length, 20);
      assert.deepEqual([frames[1]?.pts, frames[1]?.duration], [100, 100]);
    });

    it('scale to a width, to a height, and into a box, and keep the aspect', async () => {
      const sizeOf = async (options: object) => {
        const [frame] = await play(bunny, { end: 0.1, ...options });
        return [frame?.width, frame?.height];
      };
      assert.deepEqual(await sizeOf({ width: 640 }), [640, 360]);
      assert.deepEqual(await sizeOf({ height: 360 }), [640, 360]);
      assert.deepEqual(await sizeOf({ width: 640, height: 100 }), [178, 100]);
    });

    it('cut out a part, whose timestamps stay those of the source', async () => {
      const frames = await play(bunny, { start: 2, end: 3 });
      assert.equal(frames.length, 25);
      assert.deepEqual([frames[0]?.seq, frames[0]?.pts, frames.at(-1)?.pts], [0, 2000, 2960]);
      assert.equal(frames.at(-1)?.last, true);
    });

    it('make smaller images of a lower quality', async () => {
      const sizes: number[] = [];
      for (const quality of [95, 90, 75, 50, 10]) {
        const player = new Player(pool);
        await player.start(bunny, { quality, end: 0.1 });
        sizes.push((await player.event('ended')).bytes);
      }
      assert.deepEqual(
        sizes,
        [...sizes].sort((a, b) => b - a),
      );
    });

    it('play no faster than it was recorded', async () => {
      const player = new Player(pool);
      await player.start(bunny, { realtime: true, end: 1 });
      // From the first frame to the last; how much slower a busy machine is, is the machine's.
      const { elapsed } = await player.event('ended');
      assert.ok(elapsed >= 950, `0.96 s took ${elapsed} ms`);
    });

    it('loop without a gap in time, until stopped', async () => {
      const player = new Player(pool);
      await player.start(bunny, { loop: true, start: 1, end: 1.2 });
      await player.frameCount(12);
      await player.source.stop();
      assert.deepEqual(
        player.frames.slice(0, 12).map(({ frame }) => [frame.seq, frame.pts, frame.last]),
        Array.from({ length: 12 }, (_, index) => [index, 1000 + index * 40, undefined]),
      );
      assert.equal((await player.event('ended')).reason, 'stopped');
    });
  });

  describe('flow control', () => {
    it('holds ffmpeg when so many frames are unfinished, and goes on when they are finished', async () => {
      const player = new Player(pool, { maxFrames: 3, finishes: false });
      await player.start(bunny);
      await player.frameCount(3);
      await playBeside(pool);
      assert.equal(player.frames.length, 3);
      assert.equal((await runningFfmpegs()).length, 1);
      player.finishAll();
      assert.equal((await player.event('ended')).frames, 132);
    });

    it('holds ffmpeg when so many bytes are unfinished', async () => {
      const player = new Player(pool, { maxBytes: 500_000, finishes: false });
      await player.start(bunny);
      await player.frameCount(2);
      await playBeside(pool);
      assert.equal(player.frames.length, 2);
      await player.source.stop();
    });

    it('gives a frame larger than the limit alone', async () => {
      const player = new Player(pool, { maxBytes: 1 });
      await player.start(bunny, { end: 0.2 });
      assert.equal((await player.event('ended')).frames, 5);
    });
  });

  describe('control', () => {
    it('pauses and resumes', async () => {
      const player = new Player(pool);
      await player.start(await makeLong(), { realtime: true });
      await player.frameCount(3);
      player.source.pause();
      // What was on its way comes first.
      await playBeside(pool);
      const { length } = player.frames;
      await playBeside(pool);
      assert.equal(player.frames.length, length);
      assert.equal(player.source.state, 'paused');
      player.source.resume();
      await player.frameCount(length + 3);
      const { frame } = player.frames[length] as { frame: { seq: number } };
      assert.equal(frame.seq, length);
      await player.source.stop();
      assert.deepEqual(
        player.events.map(({ event }) => event).filter((event) => event !== 'progress'),
        ['opened', 'paused', 'resumed', 'ended'],
      );
    });

    it('seeks to a frame, while playing and while paused', async () => {
      const player = new Player(pool);
      await player.start(await makeLong(), { realtime: true });
      await player.frameCount(3);
      player.source.seek(8000);
      while (player.frames.at(-1)?.frame.pts !== 8000) await player.frameCount(player.frames.length + 1);
      player.source.pause();
      player.source.seek(4000);
      await playBeside(pool);
      const { length } = player.frames;
      player.source.resume();
      await player.frameCount(length + 2);
      assert.deepEqual(
        player.frames.slice(length, length + 2).map(({ frame }) => [frame.seq, frame.pts]),
        [
          [length, 4000],
          [length + 1, 4040],
        ],
      );
      await player.source.stop();
    });

    it('seeks while the flow holds it', async () => {
      const player = new Player(pool, { maxFrames: 2, finishes: false });
      await player.start(bunny);
      await player.frameCount(2);
      player.source.seek(4000);
      player.finishAll();
      await player.event('ended');
      assert.equal(player.frames.length, 2 + 32);
      assert.deepEqual([player.frames[2]?.frame.seq, player.frames[2]?.frame.pts], [2, 4000]);
    });

    it('stops at once, even when the flow holds it', async () => {
      const player = new Player(pool, { maxFrames: 1, finishes: false });
      await player.start(bunny);
      await player.frameCount(1);
      await player.source.stop();
      assert.equal(player.source.state, 'idle');
      assert.deepEqual(await runningFfmpegs(), []);
    });

    it('replaces what plays', async () => {
      const player = new Player(pool, { maxFrames: 1, finishes: false });
      await player.start(bunny, {}, 'first');
      await player.frameCount(1);
      player.finishAll();
      await player.start(bunny, { end: 0.2 }, 'second');
      await player.event('ended');
      const streams = player.frames.map(({ frame }) => frame.stream);
      const begin = streams.indexOf('second');
      assert.deepEqual(streams.slice(begin), Array(5).fill('second'));
    });

    it('plays only the last of several starts', async () => {
      const player = new Player(pool);
      const starts = ['a', 'b', 'c'].map((stream) => player.start(bunny, { end: 0.2 }, stream));
      await Promise.all(starts);
      await player.event('ended');
      assert.deepEqual(new Set(player.frames.map(({ frame }) => frame.stream)), new Set(['c']));
      assert.equal(player.events.filter(({ event }) => event === 'ended').length, 1);
    });

    it('can be stopped while it opens', async () => {
      const player = new Player(pool);
      const start = player.start(bunny);
      await player.source.stop();
      await start;
      assert.equal(player.source.state, 'idle');
      assert.equal(player.frames.length, 0);
    });

    it('says that there is nothing to control', () => {
      const { source } = new Player(pool);
      for (const control of [() => source.pause(), () => source.resume(), () => source.seek(0)]) {
        assert.throws(control, { code: 'BAD_OPTION', message: /Nothing is playing.*start a video first/ });
      }
    });
  });

  describe('trouble', () => {
    it('is one clear error for sound without pictures', async () => {
      const player = new Player(pool);
      await assert.rejects(player.start(await makeAudioOnly()), {
        code: 'SOURCE_NO_VIDEO',
        message: /audio\.wav holds only sound: give a source with pictures/,
      });
      assert.deepEqual(
        player.events.map(({ event }) => event),
        ['error'],
      );
      assert.deepEqual(player.failures, []);
    });

    it('is one clear error for a song with a cover', async () => {
      await assert.rejects(new Player(pool).start(await makeSongWithCover()), { code: 'SOURCE_NO_VIDEO' });
    });

    it('is one clear error for a text file', () =>
      assert.rejects(new Player(pool).start('package.json'), {
        code: 'SOURCE_UNREADABLE',
        message: /package\.json cannot be read: .*Check that it is a video/,
      }));

    it('is one clear error for a part that is not there', async () => {
      const player = new Player(pool);
      await player.start(bunny, { start: 100 });
      const { code, message } = await player.event('error');
      assert.equal(code, 'SOURCE_NO_VIDEO');
      assert.match(message, /has no frames from 100 s on.*Check start/);
      assert.equal(player.failures.length, 1);
    });

    it('is over when its cause is gone', async () => {
      const player = new Player(pool);
      const path = temporaryPath('late.mp4');
      await assert.rejects(player.start(path), { code: 'SOURCE_NOT_FOUND' });
      await copyFile(bunny, path);
      await player.start(path);
      assert.equal((await player.event('ended')).frames, 132);
    });

    it('gives all frames that came before ffmpeg was killed, then one error', async () => {
      const player = new Player(pool, { maxFrames: 10, finishes: false });
      await player.start(bunny);
      await player.frameCount(10);
      const [pid] = await runningFfmpegs();
      process.kill(pid as number, 'SIGKILL');
      player.finishAll();
      const { code, frames } = await player.event('error');
      assert.equal(code, 'DECODER_CRASHED');
      assert.equal(frames, player.frames.length);
      assert.ok(frames >= 10 && frames < 132);
      assert.equal(player.failures.length, 1);
      assert.match(
        player.failures[0]?.message ?? '',
        /ffmpeg was ended by SIGKILL after \d+ frames of .*Start it again/,
      );
      assert.ok(player.frames.every(({ frame }) => frame.last === undefined));
      player.events.length = 0;
      await player.start(bunny, { end: 0.2 });
      await player.event('ended');
    });

    it('warns of a file that is cut off, after its frames', async () => {
      const player = new Player(pool);
      const path = await makeTruncated();
      await player.start(path);
      const { frames } = await player.event('ended');
      const { ffmpeg } = await findFfmpeg();
      assert.equal(frames, (await decodeAlone(ffmpeg, path)).frames);
      const warnings = player.events.filter(({ event }) => event === 'warning');
      assert.equal(warnings.length, 1);
      assert.match((await player.event('warning')).message, /truncated\.mp4 is damaged or incomplete; ffmpeg decoded/);
      // That it is the video's last nobody knows.
      assert.equal(player.frames.at(-1)?.frame.last, undefined);
    });

    it('ends with one error when its thread dies, and leaves no ffmpeg', async () => {
      const lonely = new WorkerPool({ maxThreads: 1, onError: () => {} });
      const player = new Player(lonely, { maxFrames: 1, finishes: false });
      await player.start(bunny);
      await player.frameCount(1);
      await lonely.close();
      assert.equal((await player.event('error')).code, 'DECODER_CRASHED');
      await eventually('no ffmpeg', async () => (await runningFfmpegs()).length === 0);
    });
  });

  it('tells what it opened, and how far it is', async () => {
    const player = new Player(pool);
    let given: number | undefined;
    player.onEvent = function onEvent(event) {
      if (event.event === 'progress') given ??= this.frames.length;
      Player.prototype.onEvent.call(this, event);
    };
    await player.start(await makeLong(), { realtime: true });
    const opened = await player.event('opened');
    assert.deepEqual([opened.codec, opened.width, opened.fps, opened.duration], ['mpeg4', 320, 25, 10_000]);
    const { frames, percent } = await player.event('progress');
    assert.equal(frames, given);
    assert.equal(percent, Math.round((frames / 250) * 100));
    await player.source.stop();
  });

  it('plays several sources at once in few threads', async () => {
    const players = Array.from({ length: 4 }, () => new Player(pool, { maxFrames: 2 }));
    await Promise.all(players.map((player) => player.start(bunny, { width: 320 })));
    assert.equal(pool.threads, 2);
    const totals = await Promise.all(players.map((player) => player.event('ended')));
    assert.deepEqual(
      totals.map(({ frames }) => frames),
      [132, 132, 132, 132],
    );
  });
});
