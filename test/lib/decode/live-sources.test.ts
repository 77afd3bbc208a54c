import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import sharp from 'sharp';
import type { Frame } from '../../../lib/frame/frame';
import { Inputs } from '../../support/inputs';
import { makeLong } from '../../support/media';
import { Player } from '../../support/player';
import { startRtmpStation } from '../../support/rtmp-station';
import { startRtspCamera } from '../../support/rtsp-camera';
import { sendCamera } from '../../support/web-server';

describe('live sources', () => {
  const inputs = new Inputs('live-sources');

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
    const sender = spawn(inputs.ffmpeg, [...args, '-f', 'mpegts', `udp://127.0.0.1:${port}?pkt_size=1316`]);
    try {
      const player = new Player(inputs.pool);
      await player.start(`udp://127.0.0.1:${port}`);
      await player.frameCount(10);
      await player.source.stop();
      assert.ok(player.frames.every(({ frame }) => frame.last === undefined));
    } finally {
      sender.kill('SIGKILL');
      await once(sender, 'close');
    }
  });

  it('play from an RTSP camera, over TCP where it can, whose password stays secret', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, login: 'admin:s3cret' });
    try {
      const player = new Player(inputs.pool);
      await player.start(camera.url.replace('://', '://admin:s3cret@'));
      await player.frameCount(10);
      await player.source.stop();
      assert.deepEqual(player.failures, []);
      assert.deepEqual(new Set(camera.transports), new Set(['tcp']));
      assert.equal(player.frames[0]?.frame.stream, camera.url);
      assert.ok(!JSON.stringify(player.events).includes('s3cret'));
    } finally {
      await camera.close();
    }
  });

  it('say in each frame that they are live, which a recorded video does not', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
    try {
      const watching = new Player(inputs.pool);
      await watching.start(camera.url);
      await watching.frameCount(3);
      await watching.source.stop();
      assert.ok(watching.frames.every(({ frame }) => frame.live === true));
    } finally {
      await camera.close();
    }
    const playing = new Player(inputs.pool);
    await playing.start(await makeLong(), {});
    await playing.frameCount(3);
    await playing.source.stop();
    assert.ok(playing.frames.every(({ frame }) => !('live' in frame)));
  });

  it('play from an RTSP camera that knows UDP only', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, udpOnly: true });
    try {
      const player = new Player(inputs.pool);
      await player.start(camera.url);
      await player.frameCount(10);
      await player.source.stop();
      assert.deepEqual(new Set(camera.transports), new Set(['udp']));
    } finally {
      await camera.close();
    }
  });

  it('play from an RTSP camera that is on the list of hosts, and not from where it redirects to', async () => {
    const other = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
    const connections: Socket[] = [];
    const elsewhere = createServer((socket) => connections.push(socket)).listen(0, '127.0.0.2');
    await once(elsewhere, 'listening');
    const { port } = elsewhere.address() as AddressInfo;
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, redirect: `rtsp://127.0.0.2:${port}/camera` });
    const player = new Player(inputs.pool, { allowedHosts: ['127.0.0.1', 'localhost'] });
    try {
      await player.start(other.url.replace('127.0.0.1', 'localhost').replace('://', '://me:p@ss@'));
      await player.frameCount(5);
      await assert.rejects(player.start(camera.url), {
        code: 'SOURCE_REFUSED',
        message: /redirects to another address/,
      });
      assert.deepEqual(connections, []);
    } finally {
      await player.source.stop();
      for (const socket of connections) socket.destroy();
      elsewhere.close();
      await camera.close();
      await other.close();
    }
  });

  it('do not play by UDP where only some hosts are allowed, for a camera can name any host to send to', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, udpOnly: true });
    const player = new Player(inputs.pool, { allowedHosts: ['127.0.0.1'] });
    try {
      await player.start(camera.url);
      assert.match(player.failures[0]?.message ?? '', /Protocol not supported|Unsupported Transport/);
      assert.deepEqual(camera.transports, []);
    } finally {
      await player.source.stop();
      await camera.close();
    }
  });

  it('say why a camera on the list of hosts cannot be reached, and go on trying', async () => {
    const player = new Player(inputs.pool, { allowedHosts: ['127.0.0.1'] });
    await player.start('rtsp://127.0.0.1:1/camera');
    assert.match(player.failures[0]?.message ?? '', /cannot be reached \(.*ECONNREFUSED.*Retrying until it is stopped/);
    await player.source.stop();
  });

  it('say why an RTSP camera lets nobody in, and go on trying', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, login: 'admin:s3cret' });
    try {
      const player = new Player(inputs.pool);
      await player.start(camera.url.replace('://', '://admin:wr0ng@'));
      assert.match(player.failures[0]?.message ?? '', /401 Unauthorized/);
      assert.ok(!player.failures[0]?.message.includes('wr0ng'));
      await player.source.stop();
    } finally {
      await camera.close();
    }
  });

  it('play from an RTSP camera that comes on later, and again after it was interrupted', async () => {
    const player = new Player(inputs.pool);
    const first = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
    const { port } = new URL(first.url);
    await first.close();
    await player.start(first.url);
    assert.equal(player.failures[0]?.code, 'SOURCE_UNREADABLE');
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, port: Number(port) });
    try {
      await player.event('opened');
      await player.frameCount(5);
      camera.interrupt();
      const isLost = () => player.events.some((event) => event.event === 'reconnecting' && event.payload.attempt === 1);
      while (!isLost()) await player.nextEvent();
      await player.frameCount(player.frames.length + 5);
      assert.equal(new Set(player.frames.map(({ frame }) => frame.session)).size, 1);
      assert.equal(player.failures.length, 1);
    } finally {
      await player.source.stop();
      await camera.close();
    }
  });

  it('play from RTMP', async () => {
    const station = await startRtmpStation(inputs.ffmpeg);
    const player = new Player(inputs.pool);
    try {
      await player.start(station.url);
      await player.frameCount(10);
      assert.deepEqual(player.failures, []);
    } finally {
      await player.source.stop();
      await station.close();
    }
  });

  it('are found by the name of their host', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
    const player = new Player(inputs.pool);
    try {
      await player.start(camera.url.replace('127.0.0.1', 'localhost'));
      await player.frameCount(3);
      assert.equal(player.frames[0]?.frame.stream, camera.url.replace('127.0.0.1', 'localhost'));
      assert.deepEqual(player.failures, []);
    } finally {
      await player.source.stop();
      await camera.close();
    }
  });

  it('are connected to again when they break off, and go on in the same session', async () => {
    const connections: ServerResponse[] = [];
    const { url } = await inputs.serve((_request, response) => {
      connections.push(response);
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`);
    assert.equal((await player.event('opened')).live, true);
    await player.frameCount(5);
    for (const connection of connections) connection.destroy();
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
    // What passed between the two, of which the wait is a part; a timer may be early by the rounding of a clock.
    const [last, next] = frames.slice(before - 1) as [Frame, Frame];
    const gap = next.pts - last.pts;
    const between = next.time - last.time;
    assert.ok(gap >= delay - 1 && gap <= between, `the gap is ${gap} ms, of ${between} between the frames`);
    assert.deepEqual(player.failures, []);
    assert.ok(player.states.includes('reconnecting'));
  });

  it('have nothing to seek in', async () => {
    const { url } = await inputs.serve((_request, response) => {
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`);
    await player.frameCount(2);
    assert.throws(() => player.source.seek(1000), { code: 'BAD_OPTION', message: /is live/ });
    await player.frameCount(4);
    await player.source.stop();
  });

  it('can be stopped while their host is unknown', async () => {
    const player = new Player(inputs.pool);
    await player.start('rtsp://no-such-host.invalid/camera');
    assert.match(player.failures[0]?.message ?? '', /there is no host "no-such-host\.invalid"/);
    const { length } = player.events;
    await player.source.stop();
    assert.equal(player.source.state, 'idle');
    assert.deepEqual(
      player.events.slice(length).map(({ event }) => event),
      ['ended'],
    );
  });

  it('stop while they wait to be connected to again, and are asked no more', async () => {
    const connections: ServerResponse[] = [];
    const server = await inputs.serve((_request, response) => {
      connections.push(response);
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${server.url}/camera`);
    await player.frameCount(2);
    for (const connection of connections) connection.destroy();
    await player.event('reconnecting');
    const { length } = server.requests;
    await player.source.stop();
    assert.equal(player.source.state, 'idle');
    assert.equal(server.requests.length, length);
    assert.ok(player.events.every(({ event }) => event !== 'reconnected'));
  });

  it('are noticed when they fall silent', async () => {
    const silences: (() => void)[] = [];
    const { url } = await inputs.serve((_request, response) => {
      silences.push(sendCamera(response, inputs.jpegs));
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`, { stallTimeout: 1 });
    await player.frameCount(3);
    for (const silence of silences) silence();
    const { message } = await player.event('reconnecting');
    assert.match(message, /sent no frame for 1 s/);
    await player.source.stop();
  });

  it('fail to open when nothing comes at all', async () => {
    const { url } = await inputs.serve(() => {});
    await assert.rejects(new Player(inputs.pool).start(`${url}/camera`, { stallTimeout: 0.5 }), {
      code: 'SOURCE_STALLED',
      message: /sent no video within 0\.5 s/,
    });
  });

  it('can be stopped while they open', async () => {
    let askedFor: () => void = () => {};
    const asked = new Promise<void>((resolve) => {
      askedFor = resolve;
    });
    const { url } = await inputs.serve(() => askedFor());
    const player = new Player(inputs.pool);
    const start = player.start(`${url}/camera`);
    await asked;
    await player.source.stop();
    await start;
    assert.equal(player.source.state, 'idle');
    assert.deepEqual(player.failures, []);
  });

  it('get the Huffman tables that webcams leave out', async () => {
    const bare = inputs.jpegs.map(withoutTables);
    const { url } = await inputs.serve((_request, response) => sendCamera(response, bare));
    const player = new Player(inputs.pool);
    await player.start(`${url}/camera`);
    await player.frameCount(2);
    await player.source.stop();
    const [got] = player.frames;
    const pixelsOf = (jpeg?: Buffer) => sharp(jpeg).raw().toBuffer();
    assert.ok(got?.data.includes(Buffer.from([0xff, 0xc4])));
    assert.deepEqual(await pixelsOf(got?.data), await pixelsOf(inputs.jpegs[0]));
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
