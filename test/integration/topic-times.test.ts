import assert from 'node:assert/strict';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { TopicTimes } from '../../lib/kafka/consume/topic-times';
import { uniqueTopic } from '../support/flows';
import { createTopic } from '../support/topic';

describe('TopicTimes', () => {
  const brokers = process.env.KAFKA_BROKERS as string;
  const cluster = new KafkaCluster({ brokers });
  let topic: string;
  let send: (partition: number, ...times: number[]) => Promise<unknown>;
  let stop: () => Promise<void>;

  beforeEach(async () => {
    topic = uniqueTopic();
    await createTopic(brokers, topic, 3);
    const producer = cluster.client().producer();
    await producer.connect();
    stop = () => producer.disconnect();
    send = (partition, ...times) =>
      producer.send({
        topic,
        messages: times.map((time) => ({ value: 'record', timestamp: String(time), partition })),
      });
  });
  afterEach(() => stop());

  it('finds the times of the first and the last record over all partitions, and where they have moved to', async () => {
    const times = new TopicTimes(cluster);
    const now = Date.now();
    await send(0, now - 5000, now - 4000);
    await send(2, now - 7777, now - 3333);
    assert.equal(times.of(topic), undefined);
    assert.ok(times.isWanting);
    await times.refresh();
    assert.deepEqual(times.of(topic), { begin: now - 7777, end: now - 3333 });
    assert.ok(!times.isWanting);
    await send(1, now + 1, now + 2);
    await times.refresh();
    assert.deepEqual(times.of(topic), { begin: now - 7777, end: now + 2 });
    await cluster.withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic); // kafkajs has to know the topic before.
      await admin.deleteTopicRecords({ topic, partitions: [{ partition: 2, offset: '1' }] });
    });
    await times.refresh();
    assert.deepEqual(times.of(topic), { begin: now - 5000, end: now + 2 });
  });

  it('knows none of a topic that is empty', async () => {
    const times = new TopicTimes(cluster);
    times.of(topic);
    await times.refresh();
    assert.equal(times.of(topic), undefined);
  });

  it('looks at nothing that nobody asked for', async () => {
    const times = new TopicTimes(new KafkaCluster({ brokers: 'localhost:1' }));
    await times.refresh();
    assert.ok(!times.isWanting);
  });
});
