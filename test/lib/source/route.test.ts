import assert from 'node:assert/strict';
import { resolveSource } from '../../../lib/source/resolve';
import { openRoute } from '../../../lib/source/route';

describe('openRoute', () => {
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
