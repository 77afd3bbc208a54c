import type { Socket } from 'node:net';
import { lastHeard } from './silence-watch';

/** The parts of a connection of kafkajs that are used here. */
interface Connection {
  host: string;
  port: number;
  socket: Socket | undefined;
  socketFactory: object;
  requestTimeout: number;
  connectionStatus: string;
  authenticatedAt: unknown;
  /** What came of an answer that is not complete. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  requestQueue: {
    inflight: Map<number, unknown>;
    createSocketRequest(pushed: unknown): { correlationId: number; sentAt: number | null; timeoutHandler(): void };
    destroy(): void;
  };
  isConnected(): boolean;
  connect(): Promise<true>;
  /** What waits for the answer to a login by raw bytes. */
  authHandlers: { onError(): void } | null;
  sendAuthRequest(exchange: object): Promise<unknown>;
  rejectRequests(error: Error): void;
}

const guarded = Symbol('drops its socket when a request times out');

/** Open connections, by what made their sockets. */
const openConnections = new WeakMap<object, Set<Connection>>();

/**
 * Makes a request that times out cost its connection, as in the Java client. As it is, kafkajs gives up the request alone
 * and sends the next one through the same socket. Where the way to the broker was lost without a word (an address that
 * changed, a NAT that forgot, a proxy that goes on accepting), that goes on for a quarter of an hour, until the operating
 * system stops repeating its packets, or for ever: https://github.com/tulios/kafkajs/issues/660.
 */
export function installDropSilent(): void {
  const { prototype } = require('kafkajs/src/network/connection') as { prototype: Connection };
  const { connect } = prototype;
  prototype.connect = function (this: Connection & { [guarded]?: true }) {
    if (!this[guarded]) {
      this[guarded] = true;
      guard(this);
    }
    if (!this.isConnected()) {
      // Half an answer through the last socket is not the beginning of one through the next.
      Object.assign(this, { chunks: [], bytesBuffered: 0, bytesNeeded: 4 });
    }
    const connected = connect.call(this);
    register(this);
    return connected;
  };
}

function register(connection: Connection): void {
  const { socket, socketFactory } = connection;
  const open = openConnections.get(socketFactory) ?? new Set();
  openConnections.set(socketFactory, open.add(connection));
  socket?.once('close', () => {
    if (connection.socket === socket) open.delete(connection);
  });
}

function guard(connection: Connection): void {
  const queue = connection.requestQueue;
  const { createSocketRequest } = queue;
  queue.createSocketRequest = (pushed) => {
    const request = createSocketRequest.call(queue, pushed);
    const { timeoutHandler } = request;
    request.timeoutHandler = () => {
      queue.inflight.delete(request.correlationId); // It is rejected by itself, as timed out.
      dropAll(connection, request.sentAt ?? 0);
      timeoutHandler();
    };
    return request;
  };

  const { sendAuthRequest } = connection;
  connection.sendAuthRequest = (exchange) => {
    const timer = setTimeout(() => {
      connection.authHandlers?.onError();
      drop(connection);
    }, connection.requestTimeout);
    return sendAuthRequest.call(connection, exchange).finally(() => clearTimeout(timer));
  };
}

/**
 * Drops a connection, and the others to the same place on which nothing came since `asked` (ms since the epoch) either: they
 * were lost with it, and would be found out one after the other, each by a request timeout of its own.
 */
function dropAll(connection: Connection, asked: number): void {
  const { remoteAddress, remotePort } = connection.socket ?? {};
  const others = [...(openConnections.get(connection.socketFactory) ?? [])].filter(
    (each) =>
      each !== connection &&
      each.isConnected() &&
      each.socket?.remoteAddress === remoteAddress &&
      each.socket?.remotePort === remotePort &&
      lastHeard(each) < asked,
  );
  for (const each of [connection, ...others]) drop(each);
}

/** Closes at once: kafkajs's own `disconnect` waits for answers, and the socket's `end` for the other side. */
function drop(connection: Connection): void {
  const { host, port } = connection;
  const { CONNECTION_STATUS } = require('kafkajs/src/network/connectionStatus') as {
    CONNECTION_STATUS: { DISCONNECTED: string };
  };
  const { KafkaJSConnectionClosedError } = require('kafkajs/src/errors') as {
    KafkaJSConnectionClosedError: new (message: string, where: { host: string; port: number }) => Error;
  };
  connection.socket?.destroy();
  connection.connectionStatus = CONNECTION_STATUS.DISCONNECTED;
  connection.authenticatedAt = null;
  connection.requestQueue.destroy();
  connection.rejectRequests(new KafkaJSConnectionClosedError('no answer within the request timeout', { host, port }));
}
