import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { type AddressInfo, connect, createServer as createPlainServer } from 'node:net';
import { createServer } from 'node:tls';
import { RtspRelay } from '../../../lib/source/rtsp-relay';
import { Authority } from '../../support/kafka-certificates';
import { temporaryPath } from '../../support/media';

describe('RtspRelay', () => {
  let relay: RtspRelay | undefined;

  const listen = async (url: string): Promise<URL> => {
    relay = new RtspRelay(url);
    return new URL((await relay.listen()).replace('rtsp:', 'http:'));
  };
  afterEach(() => relay?.close());

  it('takes the place of the camera in its URL, and leaves the rest', async () => {
    const url = await listen('RTSPS://me:p@ss@camera.example:8554/1?x=a@b#c');
    assert.equal(url.href, `http://me:p%40ss@127.0.0.1:${url.port}/1?x=a@b#c`);
  });

  it('listens to this machine alone', async () => {
    const { port } = await listen('rtsp://camera.example/1');
    const [error] = await once(connect(Number(port), '127.0.0.2'), 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });

  it('reaches a camera by TLS that signed its certificate itself', async () => {
    const folder = temporaryPath('rtsp-relay');
    await mkdir(folder, { recursive: true });
    const { cert, key } = new Authority(folder, 'camera').issue('camera');
    const camera = createServer({ cert, key }, (socket) => socket.on('data', (data) => socket.end(`got ${data}`)));
    camera.listen(0, '127.0.0.1');
    await once(camera, 'listening');
    try {
      const { port } = await listen(`rtsps://127.0.0.1:${(camera.address() as AddressInfo).port}/1`);
      const socket = connect(Number(port), '127.0.0.1');
      socket.write('OPTIONS');
      assert.equal(String((await once(socket, 'data'))[0]), 'got OPTIONS');
      await once(socket, 'close');
    } finally {
      camera.close();
    }
  });

  it('ends what goes through it when it is closed', async () => {
    const camera = createPlainServer().listen(0, '127.0.0.1');
    await once(camera, 'listening');
    const { port } = await listen(`rtsp://127.0.0.1:${(camera.address() as AddressInfo).port}/1`);
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    const [far] = await once(camera, 'connection');
    const closed = [once(socket, 'close'), once(far.resume(), 'close')];
    await relay?.close();
    await Promise.all(closed);
    relay = undefined;
    camera.close();
  });
});
