import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { targetOf } from '../../lib/kafka/cluster/broker-address';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { describeCluster } from '../../lib/kafka/cluster/cluster-description';
import { cluster } from './kafka-support';

describe('addresses of brokers', function () {
  this.timeout(20_000);

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
});
