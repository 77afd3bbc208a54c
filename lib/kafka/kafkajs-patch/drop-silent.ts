import type { Socket } from 'node:net';

/** The parts of a connection of kafkajs that are used here. */
interface Connection {
  host: string;
  port: number;
  socket: Socket | undefined;
  connectionStatus: string;
  authenticatedAt: unknown;
  /** What came of an answer that is not complete. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  requestQueue: {
    inflight: Map<number, unknown>;
    createSocketRequest(pushed: unknown): { correlationId: number; timeoutHandler(): void };
    destroy(): void;
  };
  isConnected(): boolean;
  connect(): Promise<true>;
  rejectRequests(error: Error): void;
}

const guarded = Symbol('drops its socket when a request times out');

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
    return connect.call(this);
  };
}

function guard(connection: Connection): void {
  const queue = connection.requestQueue;
  const { createSocketRequest } = queue;
  queue.createSocketRequest = (pushed) => {
    const request = createSocketRequest.call(queue, pushed);
    const { timeoutHandler } = request;
    request.timeoutHandler = () => {
      queue.inflight.delete(request.correlationId); // It is rejected by itself, as timed out.
      drop(connection);
      timeoutHandler();
    };
    return request;
  };
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
