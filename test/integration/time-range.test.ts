import assert from 'node:assert/strict';
import { type Cluster, PartitionAssigners } from 'kafkajs';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { timeRangeOf } from '../../lib/kafka/consume/time-range';
import { uniqueTopic } from '../support/flows';
import { createTopic } from '../support/topic';

describe('timeRangeOf', () => {
  const brokers = process.env.KAFKA_BROKERS as string;
  const cluster = new KafkaCluster({ brokers });
  let topic: string;
  let send: (partition: number, ...times: number[]) => Promise<unknown>;
  let range: () => ReturnType<typeof timeRangeOf>;
  let stop: () => Promise<unknown>;

  beforeEach(async () => {
    topic = uniqueTopic();
    await createTopic(brokers, topic, 3);
    const producer = cluster.client().producer();
    await producer.connect();
    const { connections, leave } = await joinGroup(cluster, topic);
    stop = () => Promise.all([producer.disconnect(), leave()]);
    range = () => timeRangeOf(connections, topic);
    send = (partition, ...times) =>
      producer.send({
        topic,
        messages: times.map((time) => ({ value: 'record', timestamp: String(time), partition })),
      });
  });
  afterEach(() => stop());

  it('finds the times of the first and the last record over all partitions', async () => {
    const now = Date.now();
    await send(0, now - 5000, now - 4000);
    await send(2, now - 7777, now - 3333);
    assert.deepEqual(await range(), { begin: now - 7777, end: now - 3333 });
  });

  it('follows records that are added, and records that are deleted', async () => {
    const now = Date.now();
    await send(0, now - 5000, now - 4000);
    await send(2, now - 7777, now - 3333);
    await send(1, now + 1, now + 2);
    await cluster.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic); // kafkajs has to know the topic before.
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: '1' }] });
    });
    assert.deepEqual(await range(), { begin: now - 5000, end: now + 2 });
  });

  it('reads the time of the last record alone where the topic holds large ones', async () => {
    const now = Date.now();
    await send(0, now - 100);
    const producer = cluster.client().producer();
    await producer.connect();
    for (const time of [now - 50, now]) {
      await producer.send({
        topic,
        messages: [{ value: Buffer.alloc(500_000), timestamp: String(time), partition: 0 }],
      });
    }
    await producer.disconnect();
    assert.deepEqual(await range(), { begin: now - 100, end: now });
  });

  it('is undefined for a topic that is empty', async () => {
    assert.equal(await range(), undefined);
  });
});

/** A member's own connections, as `GroupMember` gets hold of them. */
async function joinGroup(
  cluster: KafkaCluster,
  topic: string,
): Promise<{ connections: Cluster; leave: () => Promise<void> }> {
  let connections: Cluster | undefined;
  const consumer = cluster.client().consumer({
    groupId: topic,
    partitionAssigners: [
      (context) => {
        connections = context.cluster;
        return PartitionAssigners.roundRobin(context);
      },
    ],
  });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  assert.ok(connections);
  return { connections, leave: () => consumer.disconnect() };
}
