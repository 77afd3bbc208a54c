import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { gathered, gatherWrites } from '../../../../lib/kafka/kafkajs-patch/gather-write';

describe('gatherWrites', () => {
  /** What arrives at the other end of a socket that `write` writes to. */
  async function arrivesOf(write: (socket: Socket) => void): Promise<Buffer> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
    const [peer] = (await once(server, 'connection')) as [Socket];
    server.close();
    gatherWrites(socket);
    gatherWrites(socket); // As for a connection that is asked to connect twice.
    write(socket);
    socket.end();
    const chunks: Buffer[] = [];
    for await (const chunk of peer) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  }

  it('sends all pieces, in their order, more than the system takes at once', async () => {
    const pieces = Array.from({ length: 21 }, (_, index) => randomBytes(index % 2 === 0 ? 30 : 1_000_000));
    const arrived = await arrivesOf((socket) => {
      socket.write(gathered(pieces), 'binary');
      socket.write(gathered([Buffer.from('the next')]), 'binary');
    });
    assert.ok(arrived.equals(Buffer.concat([...pieces, Buffer.from('the next')])));
  });

  it('writes everything else as it is', async () => {
    assert.equal(
      String(
        await arrivesOf((socket) => {
          socket.write('text, ');
          socket.write(Buffer.from('bytes'));
        }),
      ),
      'text, bytes',
    );
  });
});
