import assert from 'node:assert/strict';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { bunny, makeLong, runningFfmpegs, temporaryPath } from '../../support/media';
import { Player, playBeside } from '../../support/player';

/** kill -9, unless it is gone already. */
function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    assert.equal((error as NodeJS.ErrnoException).code, 'ESRCH');
  }
}

describe('robustness', () => {
  let pool: WorkerPool;

  before(() => {
    pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
  });
  after(() => pool.close());
  afterEach(async () => assert.deepEqual(await runningFfmpegs(), []));

  it('an ffmpeg killed at any moment is one error, others go on, and the next start works', async () => {
    const other = new Player(pool);
    // Endless, so that it keeps its ffmpeg.
    await other.start('lavfi:testsrc=size=160x120:rate=25', { realtime: true });
    const long = await makeLong();
    for (const delay of [0, 20, 50, 90, 140, 200]) {
      const known = await runningFfmpegs();
      const player = new Player(pool, { maxFrames: 4 });
      const start = player.start(long, { realtime: true }).then(
        () => undefined,
        (error: Error) => error,
      );
      const running = async () => (await runningFfmpegs()).filter((pid) => !known.includes(pid));
      while ((await running()).length === 0) await sleep(1);
      await sleep(delay);
      // One that has done its work may be gone before it is killed: then it is the turn of the next.
      while (!player.events.some(({ event }) => event === 'error')) {
        for (const pid of await running()) kill(pid);
      }
      const refused = await start;
      const { code } = await player.event('error');
      assert.match(code, /DECODER_CRASHED|SOURCE_UNREADABLE|FFMPEG_MISSING/);
      assert.equal(player.events.filter(({ event }) => event === 'error').length, 1);
      assert.equal(player.failures.length, refused === undefined ? 1 : 0);
      player.events.length = 0;
      await player.start(long, { end: 0.2 });
      assert.equal((await player.event('ended')).frames >= 5, true);
    }
    const { length } = other.frames;
    await other.frameCount(length + 5);
    assert.deepEqual(other.failures, []);
    await other.source.stop();
  });

  it('a pool whose thread died starts another', async () => {
    const fragile = new WorkerPool({ maxThreads: 1, onError: () => {} });
    const crasher = temporaryPath('crasher.js');
    await writeFile(crasher, 'module.exports = () => process.exit(1);');
    const player = new Player(fragile, { maxFrames: 2, finishes: false });
    await player.start(bunny);
    await player.frameCount(1);
    await assert.rejects(fragile.run(crasher, {}));
    assert.equal((await player.event('error')).code, 'DECODER_CRASHED');
    assert.equal(player.failures.length, 1);
    player.events.length = 0;
    player.finishAll();
    await player.start(bunny, { end: 0.2 });
    await player.event('ended');
    await fragile.close();
  });

  /** Eight sources with windows of four frames that are finished at once; how many frames each gave, and most at a time. */
  function eightPlayers() {
    const players = Array.from({ length: 8 }, () => new Player(pool, { maxFrames: 4, finishes: false }));
    const counts = players.map(() => 0);
    let unfinished = 0;
    let most = 0;
    for (const [index, player] of players.entries()) {
      player.onFrame = (_frame, finish) => {
        counts[index] = (counts[index] as number) + 1;
        unfinished += 1;
        most = Math.max(most, unfinished);
        setImmediate(() => {
          unfinished -= 1;
          finish();
        });
      };
    }
    return { players, counts, most: () => most };
  }

  it('eight sources on two threads all finish, each within its window', async function () {
    this.timeout(120_000);
    const { players, counts, most } = eightPlayers();
    await Promise.all(players.map((player) => player.start(bunny, { width: 320 })));
    await Promise.all(players.map((player) => player.event('ended')));
    assert.deepEqual(counts, Array(8).fill(132));
    assert.ok(most() <= 8 * 4, `${most()} frames at a time`);
    assert.equal(pool.threads, 2);
  });

  it('eight sources on two threads get a fair share of them', async function () {
    this.timeout(120_000);
    const { players, counts } = eightPlayers();
    await Promise.all(players.map((player) => player.start(bunny, { width: 320, loop: true })));
    // Opening takes some longer than others; the share is counted from when all are under way.
    while (Math.min(...counts) === 0) await sleep(10);
    const before = [...counts];
    const since = () => counts.map((count, index) => count - (before[index] as number));
    while (Math.max(...since()) < 150) await sleep(10);
    const shares = since();
    await Promise.all(players.map((player) => player.source.stop()));
    assert.ok(Math.min(...shares) > 150 / 6, `while the first got 150 frames, they got ${shares.join(', ')}`);
  });

  it('a pause stands still within one window', async () => {
    const player = new Player(pool, { maxFrames: 5 });
    await player.start(bunny, { loop: true, width: 160 });
    await player.frameCount(50);
    const { length } = player.frames;
    player.source.pause();
    await playBeside(pool);
    assert.ok(player.frames.length - length <= 5, `${player.frames.length - length} frames more`);
    assert.equal(player.source.state, 'paused');
    await player.source.stop();
  });

  /** An ffmpeg that is the real one but for what this part of a shell script does first. */
  async function disguised(name: string, before: string): Promise<string> {
    const { ffmpeg } = await findFfmpeg();
    const path = temporaryPath(name);
    await writeFile(path, `#!/bin/sh\n${before}\nexec ${ffmpeg} "$@"\n`);
    await chmod(path, 0o755);
    return path;
  }

  /** Plays with this hardware, and tells what was warned of. */
  async function playWith(hwaccel: string, ffmpegPath?: string): Promise<string[]> {
    const player = new Player(pool, { ffmpegPath });
    await player.start(bunny, { hwaccel, end: 0.2 });
    await Promise.race([player.event('ended'), player.event('error')]);
    assert.deepEqual(player.failures, []);
    assert.equal(player.frames.length, 5);
    return player.events.flatMap(({ event, payload }) => (event === 'warning' ? [payload.message] : []));
  }

  /** Whatever the machine has: an ffmpeg that knows hardware and says it has none. */
  const withoutHardware = `case "$*" in
    *-hwaccels*) printf 'Hardware acceleration methods:\\nvaapi\\n'; exit;;
    *-hwaccel*) echo '[h264 @ 0x1] Device setup failed: no such device' >&2; exit 1;;
  esac`;

  for (const hwaccel of ['auto', 'vaapi']) {
    it(`hardware that is not there is one warning, and the video plays without (${hwaccel})`, async () => {
      const warnings = await playWith(hwaccel, await disguised('ffmpeg-without-hardware', withoutHardware));
      assert.equal(warnings.length, 1);
      const reason = `is decoded without hardware (${hwaccel}): Device setup failed: no such device`;
      assert.ok(warnings[0]?.endsWith(reason), warnings[0]);
    });
  }

  it('hardware that ffmpeg does not know is one warning that names what it knows', async () => {
    const warnings = await playWith('nonsense', await disguised('ffmpeg-without-hardware', withoutHardware));
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', /is decoded without hardware \(nonsense\): this ffmpeg knows only vaapi$/);
  });

  it('hardware that works is used, and nothing is warned of', async () => {
    // Notes what it was asked for, and decodes without.
    const used = temporaryPath('used-hardware');
    const pretending = `case "$*" in
      *-hwaccels*) printf 'Hardware acceleration methods:\\nvaapi\\n'; exit;;
      *'-hwaccel vaapi'*) echo "$*" | grep -q tee && echo decoding >> ${used} || echo trying >> ${used}
        for each; do shift; case $each in -hwaccel|vaapi) ;; *) set -- "$@" "$each";; esac; done;;
    esac`;
    assert.deepEqual(await playWith('vaapi', await disguised('ffmpeg-with-hardware', pretending)), []);
    assert.equal(await readFile(used, 'utf8'), 'trying\ndecoding\n');
  });

  it('an ffmpeg that fails tells its own last lines', async () => {
    const failing = `case "$*" in *-i*) echo 'first line' >&2; echo 'rtsp://me:secret@camera/ went away' >&2; exit 3;; esac`;
    const path = await disguised('failing-ffmpeg', failing);
    const player = new Player(pool, { ffmpegPath: path });
    await player.start(bunny);
    const { code, log } = await player.event('error');
    assert.equal(code, 'FFMPEG_FAILED');
    assert.deepEqual(log, ['first line', 'rtsp://camera/ went away']);
  });

  it('a start that is repeated leaves nothing behind', async () => {
    const player = new Player(pool, { maxFrames: 4 });
    for (let round = 0; round < 20; round += 1) {
      void player.start(bunny, { width: 160 }).catch(assert.fail);
      await sleep(round * 10);
    }
    await player.source.stop();
    assert.deepEqual(await runningFfmpegs(), []);
    assert.deepEqual(player.failures, []);
  });
});
