import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { canTellPeers, isOwnPeer } from '../../../lib/source/own-peer';

describe('the program at the other end of a connection', () => {
  let server: Server;
  let near: Socket;
  let far: Socket;

  beforeEach(async function () {
    // Only Linux tells.
    if (process.platform !== 'linux') this.skip();
    server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    near = connect((server.address() as AddressInfo).port, '127.0.0.1');
    [far] = (await once(server, 'connection')) as [Socket];
  });
  afterEach(() => {
    near?.destroy();
    far?.destroy();
    server?.close();
  });

  it("is known to be this user's own", async () => {
    assert.equal(await isOwnPeer(far), true);
    assert.equal(await canTellPeers(), true);
  });

  it("is not this user's own where it runs as another user", async () => {
    assert.equal(await isOwnPeer(far, (process.getuid?.() ?? 0) + 1), false);
  });

  it("is not this user's own where nothing is known of it", async () => {
    assert.equal(await isOwnPeer({ localPort: far.localPort, remotePort: 1 }), false);
  });
});
