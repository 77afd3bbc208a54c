import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { resolveSource } from '../../../lib/source/resolve';
import { openRoute } from '../../../lib/source/route';

describe('openRoute', () => {
  const openGuarded = async () => {
    const rules = { folders: [], trusted: false, allowedHosts: ['127.0.0.1'] };
    return openRoute(await resolveSource('http://127.0.0.1/clip.mp4', rules), async () => true);
  };

  it('lets no no_proxy of the environment lead past the list of hosts', async () => {
    const { env, close } = await openGuarded();
    await close();
    assert.equal(env.no_proxy, '');
    assert.match(env.http_proxy ?? '', /^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('is open to this machine alone', async function () {
    // Elsewhere only one address leads back to the machine.
    if (process.platform !== 'linux') this.skip();
    const { env, close } = await openGuarded();
    const socket = connect(Number(new URL(env.http_proxy ?? '').port), '127.0.0.2');
    const outcome = await new Promise((resolve) => {
      socket.once('connect', () => resolve('connected'));
      socket.once('error', ({ code }: NodeJS.ErrnoException) => resolve(code));
    });
    socket.destroy();
    await close();
    assert.equal(outcome, 'ECONNREFUSED');
  });

  it('lets ffmpeg open nothing but the relay, where an RTSP camera is on a list of hosts', async () => {
    for (const scheme of ['rtsp', 'RTSPS']) {
      const rules = { folders: [], trusted: false, allowedHosts: ['127.0.0.1'] };
      const route = await openRoute(await resolveSource(`${scheme}://127.0.0.1:1/camera?udp`, rules), async () => true);
      assert.match(route.source.input, /^rtsp:\/\/127\.0\.0\.1:(?!1\/)\d+\/camera\?udp$/);
      assert.equal(route.source.protocols, 'tcp');
      assert.ok(route.source.inputOptions.join(' ').startsWith('-rtsp_transport tcp '));
      await route.close();
    }
  });
});
