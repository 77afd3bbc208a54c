import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { endianness } from 'node:os';

/** 127.0.0.1 as Linux writes it in its table of connections. */
const loopback = endianness() === 'LE' ? '0100007F' : '7F000001';
const established = '01';

let answer: Promise<boolean> | undefined;

/** Whether `isOwnPeer` can tell on this machine, as only Linux lets it. Tried out once. */
export function canTellPeers(): Promise<boolean> {
  answer ??= tryOut();
  return answer;
}

/**
 * Whether the program at the other end of a connection, which came in at 127.0.0.1, runs as the user `uid`, by default this
 * process's own. Where nothing tells, it does not.
 */
export async function isOwnPeer(
  { localPort, remotePort }: Pick<Socket, 'localPort' | 'remotePort'>,
  uid = process.getuid?.(),
): Promise<boolean> {
  if (uid === undefined || localPort === undefined || remotePort === undefined) return false;
  const table = await readFile('/proc/net/tcp', 'latin1').catch(() => '');
  // Number, local address, remote address, state, queues, timer, retransmissions, user: see proc(5).
  const rows = table.split('\n').map((line) => line.trim().split(/\s+/));
  const [there, here] = [remotePort, localPort].map(
    (port) => `${loopback}:${port.toString(16).toUpperCase().padStart(4, '0')}`,
  );
  const row = rows.find(([, from, to, state]) => from === there && to === here && state === established);
  return row?.[7] === String(uid);
}

async function tryOut(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const near = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [far] = (await once(server, 'connection')) as [Socket];
  try {
    return await isOwnPeer(far);
  } finally {
    near.destroy();
    far.destroy();
    server.close();
  }
}
