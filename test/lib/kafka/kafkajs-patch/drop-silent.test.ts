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
  sendAuthRequest(exchange: object): Promise<string>;
}

const nothing = () => {};
const logger = { namespace: () => logger, debug: nothing, info: nothing, warn: nothing, error: nothing };

describe('a connection of kafkajs', () => {
  let server: Server;
  let connection: Connection;
  let opened: Connection[];
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
    opened = [];
    connection = await open();
  });
  afterEach(async () => {
    await Promise.all(opened.map((each) => each.disconnect()));
    server.close();
  });

  async function open(): Promise<Connection> {
    const { port } = server.address() as AddressInfo;
    const Connection = require('kafkajs/src/network/connection') as new (options: object) => Connection;
    const timeouts = { requestTimeout: 100, connectionTimeout: 1000 };
    const made = new Connection({ host: '127.0.0.1', port, socketFactory: openSocket, logger, ...timeouts });
    opened.push(made);
    const accepted = once(server, 'connection');
    await made.connect();
    await accepted;
    return made;
  }

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

  it('takes with it the others to the same broker on which nothing came since, and no others', async () => {
    const [idle, lively] = [await open(), await open()];
    // Of one correlation id, as each connection counts its own: the first.
    const first = Buffer.concat([Buffer.from([0, 0, 0, 6, 0, 0, 0, 0]), Buffer.from('ok')]);
    answer = (socket, number) => {
      if (number === 3) socket.write(first);
    };
    const opened = Date.now();
    while (Date.now() === opened) await new Promise(setImmediate); // What comes in the same millisecond counts as later.
    const lost = assert.rejects(connection.send({ request, response }), { name: 'KafkaJSRequestTimeoutError' });
    assert.equal(await lively.send({ request, response }), 'ok');
    await lost;
    assert.deepEqual([idle.isConnected(), lively.isConnected()], [false, true]);
  });

  it('is given up, too, when a login by raw bytes gets no answer', async () => {
    answer = nothing;
    const exchange = { request: { encode: async () => Buffer.from('login') }, response };
    await assert.rejects(connection.sendAuthRequest(exchange), { name: 'KafkaJSConnectionError' });
    assert.equal(connection.isConnected(), false);
  });
});
