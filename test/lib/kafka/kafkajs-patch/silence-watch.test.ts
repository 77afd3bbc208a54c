import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type { ISocketFactory } from 'kafkajs';
import { openSocket } from '../../../../lib/kafka/cluster/broker-address';
import { Silence } from '../../../../lib/kafka/cluster/silence';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';

interface Connection {
  connect(): Promise<true>;
  disconnect(): Promise<true>;
  send(exchange: object): Promise<string>;
}

const nothing = () => {};
const logger = { namespace: () => logger, debug: nothing, info: nothing, warn: nothing, error: nothing };
const Encoder = require('kafkajs/src/protocol/encoder') as new () => object;
const exchange = (apiKey: number) => ({
  request: { apiKey, apiName: String(apiKey), apiVersion: 0, encode: async () => new Encoder() },
  response: { decode: async (payload: Buffer) => payload, parse: async (payload: Buffer) => String(payload) },
});
const [metadata, joinGroup] = [3, 11];

describe('the silence of a broker', () => {
  let server: Server;
  let port: number;
  /** As the server has them. */
  let sockets: Socket[];
  let opened: Connection[];
  let told: (number | undefined)[];
  let change: () => void;
  let socketFactory: ISocketFactory;
  const changed = () =>
    new Promise<void>((resolve) => {
      change = resolve;
    });

  beforeEach(async () => {
    installPatches();
    [sockets, opened, told, change] = [[], [], [], nothing];
    server = createServer((socket) => void sockets.push(socket.on('error', nothing).resume())).listen(0, '127.0.0.1');
    await once(server, 'listening');
    port = (server.address() as AddressInfo).port;
    socketFactory = (target) => openSocket(target);
    new Silence(socketFactory, 100).watch((since) => {
      told.push(since);
      change();
    });
  });
  afterEach(async () => {
    for (const socket of sockets) socket.destroy();
    await Promise.all(opened.map((each) => each.disconnect()));
    server.close();
  });

  async function open(requestTimeout = 10_000): Promise<Connection> {
    const Connection = require('kafkajs/src/network/connection') as new (options: object) => Connection;
    const timeouts = { requestTimeout, connectionTimeout: 1000 };
    const made = new Connection({ host: '127.0.0.1', port, socketFactory, logger, ...timeouts });
    opened.push(made);
    const accepted = once(server, 'connection');
    await made.connect();
    await accepted;
    return made;
  }

  /** Answers the first request of a connection. */
  const answer = (number: number) =>
    sockets[number]?.write(Buffer.concat([Buffer.from([0, 0, 0, 6, 0, 0, 0, 0]), Buffer.from('ok')]));

  it('is told, with its beginning, when a request waits, and so is its end', async () => {
    const connection = await open();
    const asked = Date.now();
    const [sent, silent] = [connection.send(exchange(metadata)), changed()];
    await silent;
    assert.ok(told.length === 1 && Number(told[0]) >= asked, String(told));
    const heard = changed();
    answer(0);
    await heard;
    assert.equal(await sent, 'ok');
    assert.deepEqual(told.slice(1), [undefined]);
  });

  it('is none while the broker has a group to wait for, nor while nothing is asked', async () => {
    const [joining, idle, asking] = [await open(), await open(), await open()];
    const joined = joining.send(exchange(joinGroup));
    const answered = idle.send(exchange(metadata));
    answer(1);
    await answered;
    const silent = changed();
    const late = asking.send(exchange(metadata)); // Asked last: by the time this one is silent, so would the others be.
    await silent;
    answer(2);
    await late;
    // Were another one silent, it would not be over.
    assert.deepEqual([told.length, told.at(-1)], [2, undefined]);
    answer(0);
    await joined;
  });

  it('goes on since its beginning where the connection is given up and the next one is silent, too', async () => {
    const first = await open(150);
    const silent = changed();
    const lost = assert.rejects(first.send(exchange(metadata)));
    await silent;
    await lost;
    const second = await open(250);
    await assert.rejects(second.send(exchange(metadata)));
    assert.equal(told.length, 1);
    const third = await open();
    const answered = third.send(exchange(metadata));
    answer(2);
    await answered;
    assert.deepEqual(told.slice(1), [undefined]);
  });
});
