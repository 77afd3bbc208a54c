import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { EventEmitter, once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname } from 'node:path';
import type { EncodedFrame } from '../../../lib/frame/frame';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { Inputs } from '../../support/inputs';
import { makeLong, runningFfmpegs } from '../../support/media';
import { Player, type PlayerOptions, playBeside } from '../../support/player';
import { eventually } from '../../support/processes';
import { startRtmpStation } from '../../support/rtmp-station';
import { startRtspCamera } from '../../support/rtsp-camera';
import { sendCamera, serveFolder } from '../../support/web-server';

/** A camera on the web, whose pictures can be told apart. */
interface Camera {
  url: string;
  /** How often it was connected to while it was on: by who opens it twice, to look and to play, for it may be a recording. */
  connections: number;
  /** What is connected now. */
  open: Set<ServerResponse>;
  /** Whether it answers. */
  isOn: boolean;
}

/** One that nobody receives at for now. */
async function freeUdpPort(): Promise<number> {
  const socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

describe('a live source that several play', () => {
  const inputs = new Inputs('shared-sources');

  async function startCamera(interval?: number): Promise<Camera> {
    const open = new Set<ServerResponse>();
    const server = await inputs.serve((_request, response) => {
      if (!camera.isOn) return response.destroy();
      open.add(response);
      camera.connections += 1;
      response.on('close', () => open.delete(response));
      sendCamera(response, inputs.jpegs, interval);
      return undefined;
    });
    const camera = {
      url: `${server.url}/camera`,
      connections: 0,
      open,
      isOn: true,
    };
    return camera;
  }

  const players = (count: number, options?: PlayerOptions) =>
    Array.from({ length: count }, () => new Player(inputs.pool, options));
  const pair = (first?: PlayerOptions, second?: PlayerOptions): [Player, Player] => [
    new Player(inputs.pool, first),
    new Player(inputs.pool, second),
  ];
  const startAll = (list: Player[], url: string) => Promise.all(list.map((player) => player.start(url)));
  const stopAll = (list: Player[]) => Promise.all(list.map(({ source }) => source.stop()));
  /** Which of the camera's pictures a frame shows. */
  const pictureOf = ({ data }: EncodedFrame) => inputs.jpegs.findIndex((jpeg) => jpeg.equals(data));

  /** All pictures in the order in which the camera sent them, numbered and timed as one session. */
  function assertUnbroken({ frames }: Player): void {
    const first = pictureOf(frames[0] as EncodedFrame);
    assert.deepEqual(
      frames.map((frame) => [frame.frame.seq, pictureOf(frame)]),
      frames.map((_, index) => [index, (first + index) % inputs.jpegs.length]),
    );
    assert.equal(new Set(frames.map(({ frame }) => frame.session)).size, 1);
  }

  it('is connected to and decoded once, and each gets every frame in a session of its own', async () => {
    const camera = await startCamera();
    const four = players(4);
    await startAll(four, camera.url);
    await Promise.all(four.map((player) => player.frameCount(20)));
    assert.equal(camera.connections, 2);
    assert.equal(camera.open.size, 1);
    await stopAll(four);
    for (const player of four) assertUnbroken(player);
    const times = four.map(({ frames }) => frames.slice(0, 20).map(({ frame }) => [frame.pts, frame.time]));
    for (const each of times) assert.deepEqual(each, times[0]);
    const opened = await Promise.all(four.map((player) => player.event('opened')));
    assert.equal(new Set(opened.map(({ session }) => session)).size, 4);
    for (const [index, facts] of opened.entries()) {
      assert.deepEqual({ ...facts, session: '' }, { ...opened[0], session: '' });
      assert.equal(four[index]?.frames[0]?.frame.session, facts.session);
    }
  });

  it('gives each an image of its own, which its flow may change', async () => {
    const camera = await startCamera();
    const [scribbler, reader] = pair();
    const { onFrame } = scribbler;
    scribbler.onFrame = function scribble(frame, finish) {
      frame.data.fill(0);
      onFrame.call(this, frame, finish);
    };
    await startAll([scribbler, reader], camera.url);
    await reader.frameCount(5);
    await stopAll([scribbler, reader]);
    assertUnbroken(reader);
    assert.equal(scribbler.frames[0]?.data.at(0), 0);
  });

  it('is not held by one that is slow: what its flow has no room for waits, and then all of it comes', async () => {
    const camera = await startCamera();
    const [slow, quick] = pair({ maxFrames: 2, finishes: false }, { maxFrames: 1 });
    await startAll([slow, quick], camera.url);
    await quick.frameCount(20);
    assert.equal(slow.frames.length, 2);
    slow.finishAll();
    await slow.frameCount(30);
    await stopAll([slow, quick]);
    for (const player of [slow, quick]) assertUnbroken(player);
    assert.equal((await slow.event('ended')).skipped, undefined);
  });

  it('skips the oldest of what waits beyond the memory of one that is slow, which is counted', async () => {
    const camera = await startCamera();
    const room = 5 * Math.max(...inputs.jpegs.map(({ length }) => length));
    const [slow, quick] = pair({ maxFrames: 1, maxBytes: room, finishes: false });
    await startAll([slow, quick], camera.url);
    await quick.frameCount(20);
    const missed = quick.frames.length - slow.frames.length - 5;
    slow.finishAll();
    await slow.frameCount(10);
    await stopAll([slow, quick]);
    assertUnbroken(quick);
    const { skipped = 0 } = await slow.event('ended');
    assert.ok(skipped > 0 && skipped <= missed, `${skipped} of ${missed + 5} skipped`);
    assert.equal((await quick.event('ended')).skipped, undefined);
    assert.equal(slow.frames[1]?.frame.time, quick.frames[skipped + 1]?.frame.time);
    assert.deepEqual(
      slow.frames.map(({ frame }) => frame.seq),
      slow.frames.map((_, index) => index),
    );
  });

  it('lets each have as much in flight as it may, though the one that opened it may have less', async () => {
    const camera = await startCamera();
    const [small, large] = pair({ maxFrames: 1, finishes: false }, { maxFrames: 8, finishes: false });
    await startAll([small, large], camera.url);
    await large.frameCount(8);
    assert.equal(small.frames.length, 1);
    await stopAll([small, large]);
    assertUnbroken(large);
  });

  it('can be joined later: the next frame comes at once, in a session that begins with it', async () => {
    const camera = await startCamera();
    const [first, late] = pair();
    await first.start(camera.url);
    await first.frameCount(10);
    await late.start(camera.url);
    const { length } = first.frames;
    const { session, ...facts } = await late.event('opened');
    assert.deepEqual({ ...(await first.event('opened')), session }, { ...facts, session });
    await late.frameCount(10);
    assert.equal(camera.connections, 2);
    await stopAll([first, late]);
    assertUnbroken(first);
    assertUnbroken(late);
    const [joined] = late.frames;
    assert.deepEqual([joined?.frame.session, joined?.frame.pts], [session, 0]);
    assert.equal(joined?.frame.time, first.frames[length]?.frame.time);
    const { speed } = await late.event('ended');
    assert.ok(speed < 3, `as if it had played ${speed} times as fast as it is`);
  });

  it('goes on for the others, without a gap, when one leaves', async () => {
    const camera = await startCamera();
    const three = players(3);
    const [first, second, third] = three as [Player, Player, Player];
    await startAll(three, camera.url);
    await third.frameCount(5);
    await first.source.stop();
    const { length } = first.frames;
    await third.frameCount(12);
    await second.source.stop();
    await third.frameCount(20);
    assert.equal(first.frames.length, length);
    assert.equal(camera.connections, 2);
    await third.source.stop();
    assertUnbroken(third);
    assert.equal((await third.event('ended')).skipped, undefined);
  });

  it('is let go when the last one leaves', async () => {
    const camera = await startCamera();
    const two = pair();
    await startAll(two, camera.url);
    await two[0].frameCount(2);
    const [connection] = camera.open;
    const closed = once(connection as ServerResponse, 'close');
    await two[0].source.stop();
    assert.equal(camera.open.size, 1);
    await two[1].source.stop();
    await closed;
    assert.equal(camera.open.size, 0);
  });

  it('is not held by the only one that is left, for whom frames wait', async () => {
    const camera = await startCamera();
    const [leaver, slow] = pair({}, { maxFrames: 4 });
    await startAll([leaver, slow], camera.url);
    await slow.frameCount(2);
    slow.hold();
    const { length } = slow.frames;
    await slow.frameCount(length + 4);
    await leaver.source.stop();
    await playBeside(inputs.pool);
    assert.equal(slow.frames.length, length + 4);
    const heldUntil = Date.now();
    slow.finishAll();
    await slow.frameCount(length + 20);
    await slow.source.stop();
    assertUnbroken(slow);
    assert.ok((slow.frames[length + 4]?.frame.time as number) < heldUntil - 100, 'it came while the flow had no room');
  });

  it('is paused for each alone', async () => {
    const camera = await startCamera();
    const [paused, other] = pair();
    await startAll([paused, other], camera.url);
    await other.frameCount(3);
    paused.source.pause();
    const before = paused.frames.length;
    await other.frameCount(other.frames.length + 10);
    assert.equal(paused.frames.length, before);
    assert.deepEqual([paused.source.state, other.source.state], ['paused', 'playing']);
    paused.source.resume();
    const at = other.frames.length;
    await paused.frameCount(before + 3);
    assert.equal(paused.frames[before]?.frame.time, other.frames[at]?.frame.time);
    await stopAll([paused, other]);
    assertUnbroken(other);
    assert.equal((await paused.event('ended')).skipped, undefined);
  });

  it('is not wanted while all have paused it', async () => {
    const camera = await startCamera();
    const two = pair();
    await startAll(two, camera.url);
    await two[0].frameCount(3);
    for (const { source } of two) source.pause();
    const before = two.map(({ frames }) => frames.length);
    await playBeside(inputs.pool);
    assert.deepEqual(
      two.map(({ frames }) => frames.length),
      before,
    );
    const resumedAt = Date.now();
    two[0].source.resume();
    await two[0].frameCount((before[0] as number) + 10);
    await stopAll(two);
    assert.ok((two[0].frames[before[0] as number]?.frame.time as number) >= resumedAt - 50);
    assert.equal(two[1].frames.length, before[1]);
  });

  it('tells all that it is lost and back, and whoever joined meanwhile', async () => {
    const camera = await startCamera();
    const three = players(3);
    const [first, second, late] = three as [Player, Player, Player];
    await startAll([first, second], camera.url);
    await second.frameCount(3);
    camera.isOn = false;
    for (const connection of camera.open) connection.destroy();
    await Promise.all([first.event('reconnecting'), second.event('reconnecting')]);
    await late.start(camera.url);
    assert.equal(late.source.state, 'reconnecting');
    assert.match(late.failures[0]?.message ?? '', /camera .*Retrying until it is stopped/);
    camera.isOn = true;
    await Promise.all(three.map((player) => player.event('reconnected')));
    await late.frameCount(3);
    await stopAll(three);
    assert.deepEqual(
      late.events.map(({ event }) => event).filter((event) => event !== 'progress'),
      ['reconnecting', 'opened', 'reconnected', 'ended'],
    );
    assert.deepEqual([first.failures, second.failures], [[], []]);
    for (const player of three) assert.equal(new Set(player.frames.map(({ frame }) => frame.session)).size, 1);
    // To look and to play, and, now that it is known to be live, to play alone.
    assert.equal(camera.connections, 3);
  });

  const warningsOf = ({ events }: Player) =>
    events.flatMap((event) => (event.event === 'warning' ? [event.payload.message] : []));

  it('tells whoever joins later what it warned of when it was opened', async () => {
    const camera = await startCamera();
    const [first, late] = pair();
    await first.start(camera.url, { hwaccel: 'nothing' });
    await first.frameCount(2);
    await late.start(camera.url, { hwaccel: 'nothing' });
    await late.frameCount(2);
    await stopAll([first, late]);
    assert.match(warningsOf(first).join(), /^\S+ is decoded without hardware/);
    assert.deepEqual(warningsOf(late), warningsOf(first));
  });

  it('tells whoever joins later nothing of what was wrong with a connection that is over', async () => {
    const spoilt = Buffer.from(inputs.jpegs[0] as Buffer);
    spoilt.fill(0xaa, spoilt.length - 600);
    const { url } = await inputs.serve((_request, response) => {
      const connection = ++connections;
      const stop = sendCamera(response, connection === 1 ? [spoilt] : inputs.jpegs, 20);
      if (connection === 1) first.frameCount(3).then(() => response.end(stop()));
    });
    let connections = 0;
    const [first, late] = pair();
    await first.start(`${url}/mjpg/video.mjpg`, { width: 32, live: true });
    await first.event('reconnected');
    await late.start(`${url}/mjpg/video.mjpg`, { width: 32, live: true });
    await late.frameCount(2);
    await stopAll([first, late]);
    assert.match(warningsOf(first).join(), /is damaged or incomplete/);
    assert.deepEqual(warningsOf(late), []);
  });

  for (const [how, host, options] of [
    ['by UDP', '127.0.0.1', ''],
    ['by UDP to a multicast group', '239.255.42.42', '&localaddr=127.0.0.1'],
  ]) {
    it(`is read once where it comes ${how}, which a second reader would take the packets from`, async () => {
      const url = `udp://${host}:${await freeUdpPort()}`;
      const picture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25', '-c:v', 'mpeg2video', '-g', '5'];
      const to = `${url}?pkt_size=1316${options}`;
      const sender = spawn(inputs.ffmpeg, ['-v', 'error', '-re', ...picture, '-f', 'mpegts', to], { stdio: 'ignore' });
      const three = players(3);
      const source = options === '' ? url : `${url}?${options?.slice(1)}`;
      try {
        await startAll(three.slice(0, 2), source);
        await Promise.all(three.slice(0, 2).map((player) => player.frameCount(5)));
        await three[2]?.start(source);
        await Promise.all(three.map((player) => player.frameCount(10)));
        assert.deepEqual((await runningFfmpegs()).filter((pid) => pid !== sender.pid).length, 1);
        await stopAll(three);
        const times = three.map(({ frames }) => frames.slice(-5).map(({ frame }) => frame.time));
        assert.deepEqual(times[1], times[0]);
        assert.deepEqual(
          three.flatMap(({ failures }) => failures),
          [],
        );
      } finally {
        await stopAll(three);
        sender.kill('SIGKILL');
        await once(sender, 'close');
      }
    });
  }

  it('is connected to once by RTMP', async () => {
    const station = await startRtmpStation(inputs.ffmpeg);
    const two = pair();
    try {
      await startAll(two, station.url);
      await Promise.all(two.map((player) => player.frameCount(5)));
      assert.equal(station.connections, 1);
      await stopAll(two);
      assert.deepEqual(
        two.flatMap(({ failures }) => failures),
        [],
      );
    } finally {
      await stopAll(two);
      await station.close();
    }
  });

  it('is waited for by all while it is off, also by one that comes meanwhile, and is then opened once', async () => {
    const off = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
    await off.close();
    const three = players(3);
    const [first, second, late] = three as [Player, Player, Player];
    await startAll([first, second], off.url);
    await late.start(off.url);
    for (const { failures, source } of three) {
      assert.deepEqual([failures.map(({ code }) => code), source.state], [['SOURCE_UNREADABLE'], 'reconnecting']);
    }
    await first.source.stop();
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, port: Number(new URL(off.url).port) });
    try {
      await Promise.all([second.frameCount(5), late.frameCount(5)]);
      assert.deepEqual(camera.transports, ['tcp']);
      await stopAll([second, late]);
      for (const { failures, events } of [second, late]) {
        assert.equal(failures.length, 1);
        assert.equal(events.filter(({ event }) => event === 'opened').length, 1);
      }
      assert.deepEqual(first.frames, []);
    } finally {
      await stopAll([second, late]);
      await camera.close();
    }
  });

  it('is another one where it is decoded in another way, or somebody else logs in', async () => {
    const camera = await startCamera();
    const [plain, small] = pair();
    await Promise.all([plain.start(camera.url), small.start(camera.url, { width: 32 })]);
    await Promise.all([plain.frameCount(2), small.frameCount(2)]);
    assert.equal(camera.connections, 4);
    assert.equal(small.frames[0]?.frame.width, 32);
    const [known, other] = pair();
    await known.start(camera.url.replace('://', '://me:secret@'));
    await other.start(camera.url.replace('://', '://me:other@'));
    await Promise.all([known.frameCount(2), other.frameCount(2)]);
    assert.equal(camera.connections, 8);
    const limited = new Player(inputs.pool, { allowedHosts: ['127.0.0.1'] });
    await limited.start(camera.url);
    await limited.frameCount(2);
    assert.equal(camera.connections, 10);
    await stopAll([plain, small, known, other, limited]);
    assert.ok(!JSON.stringify([known.events, other.events]).includes('secret'));
  });

  it('fails for each of them once when its thread dies', async () => {
    const camera = await startCamera();
    const lonely = new WorkerPool({ maxThreads: 1, onError: () => {} });
    const two = [new Player(lonely), new Player(lonely)];
    await startAll(two, camera.url);
    await Promise.all(two.map((player) => player.frameCount(2)));
    await lonely.close();
    for (const player of two) {
      assert.equal((await player.event('error')).code, 'DECODER_CRASHED');
      assert.equal(player.failures.length, 1);
      assert.equal(player.source.state, 'failed');
    }
    await eventually('no ffmpeg', () => camera.open.size === 0);
  });

  it('reports an ffmpeg that dies to each of them once, and connects again for all', async () => {
    const camera = await startCamera();
    const two = pair();
    await startAll(two, camera.url);
    await Promise.all(two.map((player) => player.frameCount(2)));
    const [pid, ...others] = await runningFfmpegs();
    assert.deepEqual(others, []);
    process.kill(pid as number, 'SIGKILL');
    await Promise.all(two.map((player) => player.event('reconnected')));
    await stopAll(two);
    for (const { events } of two) {
      assert.equal(events.filter(({ event }) => event === 'reconnecting').length, 1);
    }
  });

  it('which turns out to be a recording is played by each from its beginning', async () => {
    const clip = await readFile(inputs.clip);
    const { url } = await inputs.serve((_request, response) => response.end(clip));
    const three = players(3);
    const [first, second, third] = three as [Player, Player, Player];
    const starts = startAll(three, `${url}/clip.mkv`);
    for (const { source } of [first, third]) source.pause();
    await Promise.all([starts, second.event('ended')]);
    assert.deepEqual([first.frames, third.frames], [[], []]);
    for (const { source } of [first, third]) source.resume();
    await Promise.all([first.event('ended'), third.event('ended')]);
    for (const { frames } of three) {
      assert.deepEqual(
        frames.map(({ frame }) => [frame.seq, frame.pts]),
        Array.from({ length: 10 }, (_, index) => [index, index * 40]),
      );
      assert.equal(frames.at(-1)?.frame.last, true);
    }
  });

  it('which turns out to be a recording is played by whoever waits, though the first gave up', async () => {
    const serve = serveFolder(dirname(await makeLong()));
    const server = new EventEmitter();
    const goOn = once(server, 'go on');
    const { url } = await inputs.serve((request, response) => {
      server.emit('asked');
      void goOn.then(() => serve(request, response));
    });
    const asked = once(server, 'asked');
    const [leaver, other] = pair();
    const start = leaver.start(`${url}/long.mp4`, { realtime: true });
    const otherStart = other.start(`${url}/long.mp4`);
    await asked;
    await leaver.source.stop();
    server.emit('go on');
    await Promise.all([start, otherStart, other.event('ended')]);
    assert.equal(other.frames.length, 250);
    await eventually('no ffmpeg', async () => (await runningFfmpegs()).length === 0, 5000);
    assert.deepEqual(leaver.frames, []);
  });

  it('which cannot be opened is an error for each', async () => {
    const { url } = await inputs.serve((_request, response) => response.end('no video'));
    const starts = players(2).map((player) => player.start(`${url}/nothing`));
    await Promise.all(starts.map((start) => assert.rejects(start, { code: 'SOURCE_UNREADABLE' })));
  });
});
