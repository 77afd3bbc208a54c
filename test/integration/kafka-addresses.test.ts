import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { targetOf } from '../../lib/kafka/cluster/broker-address';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { describeCluster } from '../../lib/kafka/cluster/cluster-description';
import { closedAfterEach, cluster, Forwarder, frame, testImage, uniqueTopic } from './kafka-support';

describe('addresses of brokers', function () {
  this.timeout(20_000);
  const { open, producing, consuming } = closedAfterEach();

  it('a broker is reached, and tells its version, under an IPv6 address', async () => {
    const server = createServer((client) => {
      const broker = connect(targetOf(cluster.brokers[0] as string));
      client.pipe(broker).pipe(client);
      client.on('error', () => broker.destroy()).on('close', () => broker.destroy());
      broker.on('error', () => client.destroy()).on('close', () => client.destroy());
    }).listen(0, '::1');
    await once(server, 'listening');
    try {
      const { port } = server.address() as AddressInfo;
      const { clusterId, version } = await describeCluster(new KafkaCluster({ brokers: `PLAINTEXT://[::1]:${port}` }));
      assert.ok(clusterId);
      assert.match(version ?? '', /^\d\.\d/);
    } finally {
      server.close();
    }
  });

  it('a broker that falls silent is away, not misnamed, where it calls itself otherwise than it is called here', async () => {
    const forwarder = new Forwarder({ brokers: 'kafka.example:9092', requestTimeout: 500 });
    await forwarder.open();
    open.push({ close: () => forwarder.cut() });
    const topic = uniqueTopic();
    const data = await testImage();
    const sending = producing({ createTopic: {} }, forwarder.cluster);
    await sending.producer.send(topic, 'a', frame(data, 0), { tracked: true });
    const reading = consuming({ topic }, { through: forwarder.cluster });
    await reading.frames.reached(1);
    forwarder.silence();
    sending.producer.send(topic, 'a', frame(data, 1)).catch(() => {}); // Not before it is closed.
    for (const { outages } of [sending, reading]) {
      await outages.reached(1);
      const { code, message = '' } = outages.items[0]?.error ?? {};
      assert.equal(code, 'BROKER_UNREACHABLE');
      assert.match(message, /^Kafka at kafka\.example:9092 cannot be reached: .*Check that it runs/);
    }
  });
});
