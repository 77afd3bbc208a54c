import { connect as connectPlain, isIP, isIPv6, type Socket, SocketAddress } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type { ISocketFactory } from 'kafkajs';
import { VideoError } from '../../errors';

/** What Windows writes in place of an IPv6 address where colons cannot be: `--1.ipv6-literal.net` for `::1`. */
const literalEnding = '.ipv6-literal.net';

/** Ms without traffic after which the operating system asks whether the other side is still there. */
const keepAliveDelay = 10_000;

/**
 * `host:port` of each broker of a comma list, an IPv6 address in brackets, the port 9092 where none is given. Throws
 * BAD_OPTION for what is no address, and for a list without any.
 */
export function parseBrokers(list: string): string[] {
  const brokers = list
    .split(',')
    // With a scheme, as Kafka writes its listeners (PLAINTEXT://host:9092), or as a URL.
    .map((broker) => broker.trim().replace(/^(?:kafka|plaintext|ssl|sasl_plaintext|sasl_ssl):\/\//i, ''))
    .filter((broker) => broker !== '');
  if (brokers.length === 0) {
    throw new VideoError(
      'BAD_OPTION',
      'No Kafka broker is given: name at least one as host:port, such as localhost:9092.',
    );
  }
  return brokers.map((broker) => {
    const [, host, port = '9092'] = /^(\[[\da-f:.]+\]|[^\s:/[\]]+)(?::(\d{1,5}))?$/i.exec(broker) ?? [];
    const isHost = host !== undefined && (!host.startsWith('[') || isIPv6(host.slice(1, -1)));
    if (!isHost || Number(port) > 65535) {
      throw new VideoError(
        'BAD_OPTION',
        `"${broker}" is not the address of a Kafka broker: write host:port, such as localhost:9092 or [::1]:9092.`,
      );
    }
    return `${host}:${port}`;
  });
}

/** Host and port, to connect to, of a broker that `parseBrokers` gave. */
export function targetOf(broker: string): { host: string; port: number } {
  const [, host = '', port] = /^(.*):(\d+)$/.exec(broker) ?? [];
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}

/** A broker as kafkajs can read it: it takes what follows the first colon for the port. */
export function withoutColons(broker: string): string {
  const { host, port } = targetOf(broker);
  return isIPv6(host) ? `${host.replaceAll(':', '-')}${literalEnding}:${port}` : broker;
}

/** `host:port`, an IPv6 address in brackets, of a broker as kafkajs or Kafka names it (`--1.ipv6-literal.net:9092`, `::1:9092`). */
export function withColons(broker: string): string {
  const { host: name, port } = targetOf(broker);
  const host = hostOf(name);
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}

/** Whether two `host:port` are the same, in whatever way they are written. */
export function sameAddress(one: string, other: string): boolean {
  const [{ host, port }, { host: otherHost, port: otherPort }] = [targetOf(one), targetOf(other)];
  return port === otherPort && canonical(host) === canonical(otherHost);
}

function canonical(host: string): string {
  return isIPv6(host) ? new SocketAddress({ address: host, family: 'ipv6' }).address : host.toLowerCase();
}

/** The host that `withoutColons` was given. */
function hostOf(name: string): string {
  return name.endsWith(literalEnding) ? name.slice(0, -literalEnding.length).replaceAll('-', ':') : name;
}

/** Connects to a broker, through TLS where there are options for it, which ask for the host by its name unless they say otherwise. */
export function connectTo(
  target: { host: string; port: number },
  ssl?: ConnectionOptions,
  onConnect?: () => void,
): Socket {
  if (ssl === undefined) return connectPlain(target, onConnect);
  const servername = isIP(target.host) === 0 ? { servername: target.host } : {};
  return connectTls({ ...servername, ...ssl, ...target }, onConnect);
}

/** Connects as kafkajs does by itself, also to what `withoutColons` gave. */
export const openSocket: ISocketFactory = ({ host: name, port, ssl, onConnect }) => {
  const socket = connectTo({ host: hostOf(name), port }, ssl || undefined, onConnect);
  return socket.setKeepAlive(true, keepAliveDelay);
};
