import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { openSocket } from '../../../../lib/kafka/cluster/broker-address';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';

interface Connection {
  isConnected(): boolean;
  connect(): Promise<true>;
  disconnect(): Promise<true>;
  send(exchange: object): Promise<string>;
}

const nothing = () => {};
const logger = { namespace: () => logger, debug: nothing, info: nothing, warn: nothing, error: nothing };

describe('a connection of kafkajs', () => {
  let server: Server;
  let connection: Connection;
  /** As the server has them. */
  let sockets: Socket[];
  /** Answers the data that came through the connection of this number. */
  let answer: (socket: Socket, connection: number) => void;

  beforeEach(async () => {
    installPatches();
    sockets = [];
    server = createServer((socket) => {
      const number = sockets.push(socket);
      socket.on('data', () => answer(socket, number)).on('error', nothing);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const Connection = require('kafkajs/src/network/connection') as new (options: object) => Connection;
    const timeouts = { requestTimeout: 100, connectionTimeout: 1000 };
    connection = new Connection({ host: '127.0.0.1', port, socketFactory: openSocket, logger, ...timeouts });
    const first = once(server, 'connection');
    await connection.connect();
    await first;
  });
  afterEach(async () => {
    await connection.disconnect();
    server.close();
  });

  const Encoder = require('kafkajs/src/protocol/encoder') as new () => object;
  const request = { apiKey: 3, apiName: 'Metadata', apiVersion: 0, encode: async () => new Encoder() };
  const response = { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => String(payload) };
  /** Correlation id 2, which the third request has, and a text. */
  const full = Buffer.concat([Buffer.from([0, 0, 0, 6, 0, 0, 0, 2]), Buffer.from('ok')]);

  it('is given up, with all that waits for it, when a request times out; the next one is whole again', async () => {
    answer = (socket, number) => socket.write(number === 1 ? full.subarray(0, 5) : full);
    const closed = new Promise((resolve) => sockets[0]?.on('close', resolve));
    const requests = [connection.send({ request, response }), connection.send({ request, response })];
    const results = await Promise.allSettled(requests);
    assert.deepEqual(
      results.map((result) => result.status === 'rejected' && result.reason.name),
      ['KafkaJSRequestTimeoutError', 'KafkaJSConnectionClosedError'],
    );
    assert.equal(connection.isConnected(), false);
    await closed;
    await connection.connect();
    assert.equal(await connection.send({ request, response }), 'ok');
  });
});
