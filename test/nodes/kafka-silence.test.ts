import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { targetOf } from '../../lib/kafka/cluster/broker-address';
import { cluster, createTopic, uniqueTopic } from '../integration/kafka-support';
import { eventually } from '../support/processes';
import { brokerNode, helper, loadFlow, placed } from './kafka-support';

describe('a Kafka that takes everything and says nothing', function () {
  this.timeout(30_000);
  let door: Server;
  /** Connections that are not answered yet. */
  let waiting: Socket[];

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    waiting = [];
    door = createServer((client) => void waiting.push(client.on('error', () => {}))).listen(0, '127.0.0.1');
    await once(door, 'listening');
  });
  afterEach(async () => {
    await helper.unload();
    for (const client of waiting) client.destroy();
    door.close();
  });

  function answer(client: Socket): void {
    const broker = connect(targetOf(cluster.brokers[0] as string));
    client.pipe(broker).pipe(client);
    client.on('close', () => broker.destroy());
    broker.on('error', () => client.destroy()).on('close', () => client.destroy());
  }

  it('shows on the nodes, until it answers', async () => {
    const topic = uniqueTopic();
    await createTopic(topic);
    const { port } = door.address() as AddressInfo;
    const common = { broker: 'broker', topic, topicType: 'str', maxFrames: 30, maxMegabytes: 64 };
    await loadFlow([
      brokerNode({ brokers: `127.0.0.1:${port}` }),
      placed({ id: 'in', type: 'kafka-frame-in', group: topic, from: 'resume', ...common }),
      placed({ id: 'out', type: 'kafka-frame-out', acks: '1', maxRecordBytes: 1000000, ...common }),
    ]);
    const texts = new Map<string, string[]>();
    for (const id of ['in', 'out']) {
      texts.set(id, []);
      const node = helper.getNode(id) as unknown as EventEmitter;
      node.on('call:status', ({ args: [status] }) => texts.get(id)?.push(status.text));
    }
    const both = (pattern: RegExp) => () => [...texts.values()].every((shown) => pattern.test(shown.at(-1) ?? ''));
    await eventually('both say since when', both(/^no answer since \d\d:\d\d:\d\d$/), 15_000);
    for (const client of waiting.splice(0)) answer(client);
    door.on('connection', answer);
    await eventually('both are connected', both(/^connected$/), 15_000);
    assert.deepEqual(
      [...texts.values()].flat().filter((text) => /lost|unreachable/.test(text)),
      [],
    );
  });
});
