import assert from 'node:assert/strict';
import { type Cluster, ConfigResourceTypes, PartitionAssigners } from 'kafkajs';
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

  it('passes over a few records whose time is far from that of all others, wherever they are', async () => {
    const now = Date.now();
    const half = (index: number) => now - 5000 + index;
    const records = Array.from({ length: 10 }, (_, index) => half(index));
    await send(0, 0, Date.UTC(2010, 0, 1), ...records);
    await send(1, ...records.slice(0, 5), 0);
    await send(2, Date.UTC(1999, 11, 31));
    assert.deepEqual(await range(), { begin: half(0), end: half(9) });
  });

  it('believes times that more than a few records have, however old these are', async () => {
    const now = Date.now();
    const old = Date.UTC(2011, 0, 1);
    await send(0, ...[0, 1, 2, 3].map((ms) => old + ms), ...[0, 1, 2, 3].map((ms) => now + ms));
    assert.deepEqual(await range(), { begin: old, end: now + 3 });
  });

  it('passes over times to come, where the broker takes them', async () => {
    const configEntries = [{ name: 'message.timestamp.after.max.ms', value: '9223372036854775807' }];
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
    await cluster.withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }));
    const now = Date.now();
    const times = Array.from({ length: 5 }, (_, index) => now + index);
    await send(0, ...times, Date.UTC(2100, 0, 1));
    await send(1, Date.UTC(2100, 0, 1), ...times);
    assert.deepEqual(await range(), { begin: now, end: now + 4 });
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
