import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { findFfmpeg } from '../../../lib/decode/ffmpeg-lookup';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { makeLong, runningFfmpegs, temporaryPath } from '../../support/media';
import { Player, type PlayerOptions } from '../../support/player';
import { sendCamera, serveFolder, startWebServer, type WebServer } from '../../support/web-server';

const run = promisify(execFile);

describe('inputs', () => {
  let pool: WorkerPool;
  let ffmpeg: string;
  let folder: string;
  /** 10 frames, 64x48. */
  let clip: string;
  let jpegs: Buffer[];
  const servers: WebServer[] = [];

  before(async () => {
    pool = new WorkerPool({ maxThreads: 2, onError: assert.fail });
    ({ ffmpeg } = await findFfmpeg());
    folder = temporaryPath('inputs');
    await mkdir(folder, { recursive: true });
    clip = join(folder, 'clip.mkv');
    const picture = ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25:duration=0.4'];
    await run(ffmpeg, [...picture, '-c:v', 'mpeg4', clip]);
    await mkdir(join(folder, 'shots'), { recursive: true });
    await run(ffmpeg, [
      ...picture,
      '-huffman',
      'default',
      '-start_number',
      '17',
      join(folder, 'shots', 'shot-%04d.jpg'),
    ]);
    const names = (await readdir(join(folder, 'shots'))).sort();
    jpegs = await Promise.all(names.map((name) => readFile(join(folder, 'shots', name))));
  });
  after(() => pool.close());
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.close();
    assert.deepEqual(await runningFfmpegs(), []);
  });

  const serve = async (handle: Parameters<typeof startWebServer>[0]) => {
    const server = await startWebServer(handle);
    servers.push(server);
    return server;
  };
  const play = async (source: string, options: object = {}, settings: PlayerOptions = {}) => {
    const player = new Player(pool, settings);
    await player.start(source, options);
    await Promise.race([player.event('ended'), player.event('error')]);
    assert.deepEqual(player.failures, []);
    return player;
  };

  describe('files', () => {
    const names = [
      'with a space.mkv',
      "it's.mkv",
      'double"quote.mkv',
      'br[ack]et{s}.mkv',
      '-i.mkv',
      '%d.mkv',
      '%04d of 100%.mkv',
      'time: 12:30.mkv',
      'concat:a|b.mkv',
      'Fluß 映画 🎬.mkv',
      'back\\slash.mkv',
      'new\nline.mkv',
      '*?.mkv',
      'http:.mkv',
    ];
    for (const name of names) {
      it(`play when their name is ${JSON.stringify(name)}`, async () => {
        await copyFile(clip, join(folder, name));
        const player = await play(join(folder, name), {}, { trusted: false });
        assert.equal(player.frames.length, 10);
      });
    }

    it('play as one picture when an image has the name of many', async () => {
      for (const name of ['%02d.jpg', '[a-z].png']) {
        await sharp(jpegs[0]).toFile(join(folder, name));
        assert.equal((await play(join(folder, name), {}, { trusted: false })).frames.length, 1);
      }
    });

    it('cannot lead out of the allowed folders, not by a link nor by a playlist', async () => {
      const inside = join(folder, 'inside');
      await mkdir(inside, { recursive: true });
      await copyFile(clip, join(inside, 'clip.mkv'));
      await symlink(clip, join(inside, 'link.mkv'));
      await writeFile(
        join(inside, 'list.m3u8'),
        `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${clip}\n#EXT-X-ENDLIST\n`,
      );
      const settings = { allowedFolders: [inside] };
      assert.equal((await play(join(inside, 'clip.mkv'), {}, settings)).frames.length, 10);
      for (const path of [clip, join(inside, 'link.mkv'), join(inside, '..', 'clip.mkv')]) {
        await assert.rejects(play(path, {}, settings), { code: 'SOURCE_REFUSED', message: /allowedFolders/ });
      }
      await assert.rejects(play(join(inside, 'list.m3u8'), {}, settings), { code: /SOURCE_REFUSED|SOURCE_UNREADABLE/ });
    });
  });

  describe('image sequences and generated pictures', () => {
    it('play every image from the lowest number on, at the rate that is set', async () => {
      const { frames } = await play(`images:${join(folder, 'shots', 'shot-%04d.jpg')}`, { fps: 10 });
      assert.deepEqual(
        frames.map(({ frame }) => frame.pts),
        Array.from({ length: 10 }, (_, index) => index * 100),
      );
    });

    it("are ffmpeg's test sources when the node itself asks for them", async () => {
      const { frames } = await play('lavfi:testsrc=size=64x48:rate=25:duration=0.2');
      assert.equal(frames.length, 5);
      assert.equal(frames.at(-1)?.frame.last, true);
    });

    it('are refused when a message asks for them', async () => {
      for (const source of ['lavfi:testsrc', 'v4l2:/dev/video0']) {
        await assert.rejects(play(source, {}, { trusted: false }), {
          code: 'SOURCE_REFUSED',
          message: /a message may not/,
        });
      }
      await assert.rejects(play('images:shots/%d.jpg', {}, { trusted: false }), { code: 'BAD_OPTION' });
    });

    it('say that there is no such device', () =>
      assert.rejects(play('v4l2:/dev/no-camera'), {
        code: 'SOURCE_UNREADABLE',
        message: /v4l2:\/dev\/no-camera cannot be/,
      }));
  });

  describe('the web', () => {
    it('plays a file, and seeks in it', async () => {
      const long = await makeLong();
      const { url } = await serve(serveFolder(dirname(long)));
      const { frames } = await play(`${url}/long.mp4`, { start: 9 });
      assert.equal(frames.length, 25);
      assert.deepEqual([frames[0]?.frame.pts, frames.at(-1)?.frame.last], [9000, true]);
    });

    it('plays HLS to its end', async () => {
      await run(ffmpeg, [
        '-v',
        'error',
        '-y',
        '-i',
        await makeLong(),
        '-t',
        '2',
        '-c:v',
        'mpeg2video',
        '-hls_time',
        '1',
        join(folder, 'vod.m3u8'),
      ]);
      const { url } = await serve(serveFolder(folder));
      const player = await play(`${url}/vod.m3u8`);
      assert.equal(player.frames.length, 50);
      assert.equal(player.frames.at(-1)?.frame.last, true);
    });

    it('opens no file of this machine for a playlist that asks for one', async () => {
      const { url } = await serve((_request, response) => {
        response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:${clip}\n#EXT-X-ENDLIST\n`);
      });
      await assert.rejects(play(`${url}/evil.m3u8`), { code: 'SOURCE_UNREADABLE' });
    });

    it('is refused where the list of hosts leaves it out', async () => {
      const { url, requests } = await serve(serveFolder(folder));
      const settings = { allowedHosts: ['example.org', '*.example.net'] };
      await assert.rejects(play(`${url}/clip.mkv`, {}, settings), {
        code: 'SOURCE_REFUSED',
        message: /"127\.0\.0\.1"/,
      });
      await assert.rejects(play(`http://example.org@127.0.0.1:${new URL(url).port}/`, {}, settings), {
        code: 'SOURCE_REFUSED',
      });
      assert.deepEqual(requests, []);
      assert.equal((await play(`${url}/clip.mkv`, {}, { allowedHosts: ['127.0.0.1'] })).frames.length, 10);
    });

    it('is told about without its passwords, whatever happens', async () => {
      const { port } = await serve(serveFolder(folder));
      const secret = 'hidden-thing';
      const player = new Player(pool);
      const url = (path: string) =>
        `http://me:${secret}@127.0.0.1:${port}${path}?token=${secret}&api_key=${secret}&x=1`;
      await assert.rejects(player.start(url('/missing.mkv')), (error: Error) => {
        assert.match(error.message, /token=\*\*\*&api_key=\*\*\*&x=1/);
        assert.ok(!JSON.stringify([error.message, error.stack, error.cause]).includes(secret));
        return true;
      });
      await player.start(url('/clip.mkv'));
      await player.event('ended');
      assert.equal(player.frames.length, 10);
      assert.ok(!JSON.stringify([player.events, player.frames.map(({ frame }) => frame)]).includes(secret));
    });
  });

  describe('live sources', () => {
    it('play from UDP', async () => {
      const socket = createSocket('udp4').bind(0, '127.0.0.1');
      await once(socket, 'listening');
      const { port } = socket.address();
      socket.close();
      await once(socket, 'close');
      const args = [
        '-v',
        'error',
        '-re',
        '-f',
        'lavfi',
        '-i',
        'testsrc=size=64x48:rate=25',
        '-c:v',
        'mpeg2video',
        '-g',
        '5',
      ];
      const sender = spawn(ffmpeg, [...args, '-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`]);
      try {
        const player = new Player(pool);
        await player.start(`udp://127.0.0.1:${port}`);
        await player.frameCount(10);
        await player.source.stop();
        assert.ok(player.frames.every(({ frame }) => frame.last === undefined));
      } finally {
        sender.kill('SIGKILL');
        await once(sender, 'close');
      }
    });

    it('are connected to again when they break off, and go on in the same session', async () => {
      const { url } = await serve((_request, response) => {
        sendCamera(response, jpegs);
        setTimeout(() => response.destroy(), 600);
      });
      const player = new Player(pool);
      await player.start(`${url}/camera`);
      assert.equal((await player.event('opened')).live, true);
      const { attempt, delay } = await player.event('reconnecting');
      assert.deepEqual([attempt, delay], [1, 1000]);
      const before = player.frames.length;
      await player.event('reconnected');
      await player.frameCount(before + 3);
      await player.source.stop();
      const frames = player.frames.map(({ frame }) => frame);
      assert.equal(new Set(frames.map(({ session }) => session)).size, 1);
      assert.deepEqual(
        frames.map(({ seq }) => seq),
        frames.map((_, index) => index),
      );
      const gap = (frames[before]?.pts ?? 0) - (frames[before - 1]?.pts ?? 0);
      assert.ok(gap > 500, `the gap is ${gap} ms`);
      assert.deepEqual(player.failures, []);
      assert.ok(player.states.includes('reconnecting'));
    });

    it('stop at once while they wait to be connected to again', async () => {
      const connections: ServerResponse[] = [];
      const server = await serve((_request, response) => {
        connections.push(response);
        sendCamera(response, jpegs);
      });
      const player = new Player(pool);
      await player.start(`${server.url}/camera`);
      await player.frameCount(2);
      for (const connection of connections) connection.destroy();
      await player.event('reconnecting');
      const started = Date.now();
      await player.source.stop();
      assert.ok(Date.now() - started < 500);
    });

    it('are noticed when they fall silent', async () => {
      const { url } = await serve((_request, response) => {
        const silence = sendCamera(response, jpegs);
        setTimeout(silence, 500);
      });
      const player = new Player(pool);
      await player.start(`${url}/camera`, { stallTimeout: 1 });
      const { message } = await player.event('reconnecting');
      assert.match(message, /sent no frame for 1 s/);
      await player.source.stop();
    });

    it('fail to open when nothing comes at all', async () => {
      const { url } = await serve(() => {});
      await assert.rejects(new Player(pool).start(`${url}/camera`, { stallTimeout: 0.5 }), {
        code: 'SOURCE_STALLED',
        message: /sent no video within 0\.5 s/,
      });
    });

    it('can be stopped while they open', async () => {
      const { url } = await serve(() => {});
      const player = new Player(pool);
      const start = player.start(`${url}/camera`);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await player.source.stop();
      await start;
    });
  });

  it('get the Huffman tables that webcams leave out', async () => {
    const bare = jpegs.map(withoutTables);
    const { url } = await serve((_request, response) => sendCamera(response, bare));
    const player = new Player(pool);
    await player.start(`${url}/camera`);
    await player.frameCount(2);
    await player.source.stop();
    const [got] = player.frames;
    const pixelsOf = (jpeg?: Buffer) => sharp(jpeg).raw().toBuffer();
    assert.ok(got?.data.includes(Buffer.from([0xff, 0xc4])));
    assert.deepEqual(await pixelsOf(got?.data), await pixelsOf(jpegs[0]));
  });
});

/** A JPEG less its DHT segments. */
function withoutTables(jpeg: Buffer): Buffer {
  const kept = [jpeg.subarray(0, 2)];
  let at = 2;
  while (jpeg.readUInt16BE(at) !== 0xffda) {
    const end = at + 2 + jpeg.readUInt16BE(at + 2);
    if (jpeg.readUInt16BE(at) !== 0xffc4) kept.push(jpeg.subarray(at, end));
    at = end;
  }
  return Buffer.concat([...kept, jpeg.subarray(at)]);
}
