import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { Inputs } from '../../support/inputs';
import { makeLong } from '../../support/media';
import { Player } from '../../support/player';
import { serveFolder } from '../../support/web-server';

const run = promisify(execFile);

describe('the web as a source', () => {
  const inputs = new Inputs('web-sources');

  it('plays a file, and seeks in it', async () => {
    const long = await makeLong();
    const { url } = await inputs.serve(serveFolder(dirname(long)));
    const { frames } = await inputs.play(`${url}/long.mp4`, { start: 9 });
    assert.equal(frames.length, 25);
    assert.deepEqual([frames[0]?.frame.pts, frames.at(-1)?.frame.last], [9000, true]);
  });

  it('plays HLS to its end', async () => {
    await run(inputs.ffmpeg, [
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
      join(inputs.folder, 'vod.m3u8'),
    ]);
    const { url } = await inputs.serve(serveFolder(inputs.folder));
    for (const settings of [{}, { allowedHosts: ['127.0.0.1'] }]) {
      const player = await inputs.play(`${url}/vod.m3u8`, {}, settings);
      assert.equal(player.frames.length, 50);
      assert.equal(player.frames.at(-1)?.frame.last, true);
    }
  });

  for (const scheme of ['tcp', 'httpproxy', 'tls']) {
    for (const lines of [
      '#EXT-X-STREAM-INF:BANDWIDTH=1\nADDRESS',
      '#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nADDRESS\n#EXT-X-ENDLIST',
      '#EXT-X-TARGETDURATION:1\n#EXT-X-MAP:URI="ADDRESS"\n#EXTINF:1,\n/clip.mkv\n#EXT-X-ENDLIST',
    ]) {
      it(`leads to no other host by HLS and ${scheme}: (${lines.split('\n').at(-2)})`, async () => {
        const connections: Socket[] = [];
        const elsewhere = createServer((socket) => connections.push(socket.on('error', () => {}))).listen(
          0,
          '127.0.0.2',
        );
        await once(elsewhere, 'listening');
        const address = `${scheme}://127.0.0.2:${(elsewhere.address() as AddressInfo).port}/x.ts`;
        const { url } = await inputs.serve((request, response) => {
          if (request.url === '/list.m3u8') response.end(`#EXTM3U\n${lines.replace('ADDRESS', address)}\n`);
          else serveFolder(inputs.folder)(request, response);
        });
        try {
          const playing = inputs.play(`${url}/list.m3u8`, { stallTimeout: 3 }, { allowedHosts: ['127.0.0.1'] });
          await assert.rejects(playing, { code: 'SOURCE_REFUSED', message: new RegExp(`leads to ${scheme}:`) });
          assert.deepEqual(connections, []);
        } finally {
          for (const socket of connections) socket.destroy();
          elsewhere.close();
        }
      });
    }
  }

  it('opens no file of this machine for a playlist that asks for one', async () => {
    const { url } = await inputs.serve((_request, response) => {
      response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:${inputs.clip}\n#EXT-X-ENDLIST\n`);
    });
    await assert.rejects(inputs.play(`${url}/evil.m3u8`), { code: 'SOURCE_UNREADABLE' });
  });

  it('is refused where the list of hosts leaves it out', async () => {
    const { url, requests } = await inputs.serve(serveFolder(inputs.folder));
    const settings = { allowedHosts: ['example.org', '*.example.net'] };
    await assert.rejects(inputs.play(`${url}/clip.mkv`, {}, settings), {
      code: 'SOURCE_REFUSED',
      message: /"127\.0\.0\.1"/,
    });
    await assert.rejects(inputs.play(`http://example.org@127.0.0.1:${new URL(url).port}/`, {}, settings), {
      code: 'SOURCE_REFUSED',
    });
    assert.deepEqual(requests, []);
    assert.equal((await inputs.play(`${url}/clip.mkv`, {}, { allowedHosts: ['127.0.0.1'] })).frames.length, 10);
  });

  it('is refused where a redirect or a playlist leads to a host that is not on the list', async () => {
    const elsewhere = await inputs.serve(serveFolder(inputs.folder));
    const { url } = await inputs.serve((request, response) => {
      const other = `${elsewhere.url.replace('127.0.0.1', 'localhost')}/clip.mkv`;
      if (request.url === '/moved') response.writeHead(302, { location: other }).end();
      else response.end(`#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${other}\n#EXT-X-ENDLIST\n`);
    });
    for (const path of ['/moved', '/list.m3u8']) {
      await assert.rejects(inputs.play(url + path, {}, { allowedHosts: ['127.0.0.1'] }), {
        code: 'SOURCE_REFUSED',
        message: /"localhost"/,
      });
    }
    assert.deepEqual(elsewhere.requests, []);
    const player = await inputs.play(`${url}/moved`, {}, { allowedHosts: ['127.0.0.1', 'localhost'] });
    assert.equal(player.frames.length, 10);
  });

  it('is held to the list of hosts whatever the environment says of proxies', async () => {
    const elsewhere = await inputs.serve(serveFolder(inputs.folder));
    const { url } = await inputs.serve((_request, response) => {
      response.writeHead(302, { location: `${elsewhere.url.replace('127.0.0.1', 'localhost')}/clip.mkv` }).end();
    });
    process.env.no_proxy = '*';
    // Threads have the environment of the moment they are started in.
    const pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
    try {
      const player = new Player(pool, { allowedHosts: ['127.0.0.1'] });
      await assert.rejects(player.start(`${url}/moved`), { code: 'SOURCE_REFUSED' });
      assert.deepEqual(elsewhere.requests, []);
    } finally {
      delete process.env.no_proxy;
      await pool.close();
    }
  });

  it('has no part in what else its thread plays, whatever its server answers', async () => {
    const pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
    const heads = [
      'HTTP/1.1 000 Nothing',
      'HTTP/1.1 099 Too little',
      'HTTP/1.1 302 Moved\r\nlocation: tcp://127.0.0.1:1/',
    ];
    const server = createServer((socket) => {
      socket.on('error', () => socket.destroy());
      socket.end(`${heads.shift() ?? 'HTTP/1.1 200 OK'}\r\ncontent-length: 2\r\ntrailer: expires\r\n\r\nok`);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const bystander = new Player(pool);
      await bystander.start('lavfi:testsrc=size=64x48:rate=25', { realtime: true });
      const player = new Player(pool, { allowedHosts: ['127.0.0.1'] });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      for (let attempt = 0; attempt < 4; attempt += 1) {
        await assert.rejects(player.start(url), { code: /SOURCE_UNREADABLE|SOURCE_REFUSED/ });
      }
      await bystander.frameCount(bystander.frames.length + 2);
      assert.deepEqual(bystander.failures, []);
      await bystander.source.stop();
    } finally {
      server.close();
      await pool.close();
    }
  });

  it('is found by the name of its host', async () => {
    const { url } = await inputs.serve(serveFolder(inputs.folder));
    const player = await inputs.play(`${url.replace('127.0.0.1', 'localhost')}/clip.mkv`);
    assert.equal(player.frames.length, 10);
  });

  it("is reached through the proxy of Node-RED's environment, which may know hosts that are unknown here", async () => {
    const { url, requests } = await inputs.serve((request, response) => {
      request.url = '/clip.mkv';
      return serveFolder(inputs.folder)(request, response);
    });
    process.env.http_proxy = url;
    // Threads have the environment of the moment they are started in.
    const pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
    try {
      const player = new Player(pool);
      await player.start('http://no-such-host.invalid/clip.mkv');
      await player.event('ended');
      assert.equal(player.frames.length, 10);
      assert.deepEqual([...new Set(requests)], ['http://no-such-host.invalid:80/clip.mkv']);
    } finally {
      delete process.env.http_proxy;
      await pool.close();
    }
  });

  it('is one clear error where there is no such host', () =>
    assert.rejects(inputs.play('https://no-such-host.invalid/clip.mkv'), {
      code: 'SOURCE_UNREADABLE',
      message: /there is no host "no-such-host\.invalid"/,
    }));

  it('is told about without its passwords, whatever happens', async () => {
    const { port } = await inputs.serve(serveFolder(inputs.folder));
    const secret = 'hidden-thing';
    const player = new Player(inputs.pool);
    const url = (path: string) => `http://me:${secret}@127.0.0.1:${port}${path}?token=${secret}&api_key=${secret}&x=1`;
    await assert.rejects(player.start(url('/missing.mkv')), (error: Error) => {
      assert.match(error.message, /missing\.mkv\?… cannot be read/);
      assert.ok(!JSON.stringify([error.message, error.stack, error.cause]).includes(secret));
      return true;
    });
    await player.start(url('/clip.mkv'));
    await player.event('ended');
    assert.equal(player.frames.length, 10);
    assert.ok(!JSON.stringify([player.events, player.frames.map(({ frame }) => frame)]).includes(secret));
  });
});
