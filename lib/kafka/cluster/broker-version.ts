import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { connectTo, targetOf } from './broker-address';

/**
 * The release a broker is of, such as '4.3'; undefined where it does not say. Kafka has no request for it, but brokers
 * in KRaft mode tell the newest metadata version they know, to anybody, before login (ApiVersions, KIP-584). Resolves
 * undefined as well when the broker does not answer within `timeout` ms: it is a piece of information, nothing more.
 */
export async function brokerVersion(
  broker: string,
  { ssl, timeout }: { ssl?: ConnectionOptions; timeout: number },
): Promise<string | undefined> {
  const socket = connectTo(targetOf(broker), ssl);
  try {
    return releaseOf(await ask(socket, ssl ? 'secureConnect' : 'connect', timeout));
  } finally {
    socket.destroy();
  }
}

/** The answer to an ApiVersions request, version 3, without its size; empty when none comes. */
function ask(socket: Socket, connected: string, timeout: number): Promise<Buffer> {
  const text = (value: string) => Buffer.from([value.length + 1, ...Buffer.from(value)]);
  const body = Buffer.concat([
    Buffer.from([0, 18, 0, 3, 0, 0, 0, 1, 0xff, 0xff, 0]), // api key, version, correlation id, no client id, no tags
    text('kafka-video'),
    text('1'),
    Buffer.from([0]),
  ]);
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const nothing = () => resolve(Buffer.alloc(0));
    socket.setTimeout(timeout, nothing);
    socket.on('error', nothing).on('close', nothing);
    socket.once(connected, () => socket.write(Buffer.concat([size, body])));
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (received.length >= 4 && received.length >= 4 + received.readInt32BE(0)) resolve(received.subarray(4));
    });
  });
}

/** In the answer's tagged fields: the name, its smallest and its largest version (int16 each). */
function releaseOf(answer: Buffer): string | undefined {
  const name = 'metadata.version';
  const at = answer.indexOf(name);
  if (at < 0 || answer.length < at + name.length + 4) return undefined;
  const newest = answer.readInt16BE(at + name.length + 2);
  return releases.findLast(({ from }) => from <= newest)?.release;
}

/**
 * org.apache.kafka.server.common.MetadataVersion: the first feature level of each release since 3.3, the first one for which
 * KRaft mode was ready. A table, as people know releases ("which Kafka?" is the first question to any trouble), not levels.
 */
const releases = [
  { from: 4, release: '3.3' },
  { from: 8, release: '3.4' },
  { from: 9, release: '3.5' },
  { from: 12, release: '3.6' },
  { from: 15, release: '3.7' },
  { from: 20, release: '3.8' },
  { from: 21, release: '3.9' },
  { from: 22, release: '4.0' },
  { from: 26, release: '4.1' },
  { from: 28, release: '4.2' },
  { from: 30, release: '4.3' },
  { from: 31, release: '4.4 or newer' },
];
