import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { type Cluster, startCluster } from '../support/kafka-brokers';
import { frame, openConsumer, openProducer, testImage, uniqueTopic } from './kafka-support';

describe('a cluster of three brokers', function () {
  this.timeout(120_000);
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster();
  });
  after(() => cluster?.remove());

  it('carries frames on, exactly once and in order, when the leader of their partition is killed', async () => {
    const through = new KafkaCluster({ brokers: cluster.brokers });
    const topic = uniqueTopic();
    const createTopic = { partitions: 1, replication: 3 };
    const { producer, lost } = openProducer({ topic, createTopic, acks: 'all', idempotent: true }, through);
    const { consumer, frames } = openConsumer({ topic, commitInterval: 500 }, { through });
    const data = await testImage();
    const sends: Promise<unknown>[] = [];
    const send = async (count: number) => {
      for (let index = 0; index < count; index += 1) {
        sends.push(producer.send(topic, 'a', frame(data, sends.length, 'a'), { tracked: true }));
        await sleep(20);
      }
    };
    try {
      await send(50);
      await frames.reached(50);
      const leader = await leaderOf(through, topic);
      const sending = send(200);
      // In the middle of it.
      await frames.reached(100);
      await cluster.nodes[leader - 1]?.kill();
      await sending;
      await Promise.all(sends);
      await frames.reached(250);
      const seqs = frames.items.map((each) => each.frame.seq);
      const offsets = frames.items.map(({ info }) => Number(info.offset));
      assert.deepEqual([...new Set(offsets)].length, 250);
      assert.deepEqual(
        [...new Set(seqs)],
        Array.from({ length: 250 }, (_, seq) => seq),
      );
      assert.deepEqual(lost.items, []);
      assert.notEqual(await leaderOf(through, topic), leader);
    } finally {
      await Promise.all([producer.close(), consumer.close()]);
    }
  });
});

/** Node id of the broker that leads the topic's one partition. */
async function leaderOf(cluster: KafkaCluster, topic: string): Promise<number> {
  const { topics } = await cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
  return topics[0]?.partitions[0]?.leader as number;
}
