import assert from 'node:assert/strict';
import { ConfigResourceTypes } from 'kafkajs';
import { eventually } from '../support/processes';
import {
  closedAfterEach,
  cluster,
  committed,
  createTopic,
  deleteBefore,
  frame,
  noiseImage,
  type Received,
  sendFrames,
  setCommitted,
  testImage,
  uniqueTopic,
} from './kafka-support';

const offsetsOf = (frames: Received[]) => frames.map(({ info }) => Number(info.offset));

/** Sends so many images in a transaction, and ends it. */
async function sendInTransaction(
  topic: string,
  count: number,
  end: 'commit' | 'abort',
  time = Date.now(),
): Promise<void> {
  const timestamp = String(time);
  const value = await testImage();
  const producer = cluster
    .client()
    .producer({ transactionalId: `transactions-${topic}`, idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  await transaction.send({ topic, messages: Array.from({ length: count }, () => ({ value, timestamp })) });
  await transaction[end]();
  await producer.disconnect();
}

/** Sets what can be set of running brokers, and resets the rest. */
function alterBrokers(configEntries: { name: string; value: string }[]): Promise<unknown> {
  return cluster.withAdmin(async (admin) => {
    const { brokers } = await admin.describeCluster();
    const resources = brokers.map(({ nodeId }) => ({
      ...{ type: ConfigResourceTypes.BROKER, name: String(nodeId), configEntries },
    }));
    await admin.alterConfigs({ validateOnly: false, resources });
  });
}

describe('FrameConsumer and records that are not there any more', function () {
  this.timeout(60_000);
  let topic: string;
  const { producing, consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
  });
  it('tells which ones were deleted while it was held, and reads the rest', async () => {
    const { producer } = producing({ createTopic: {} });
    const data = await noiseImage();
    // More than one fetch brings.
    for (let seq = 0; seq < 20; seq += 1) await producer.send(topic, 'a', frame(data, seq));
    const { frames, deleted } = consuming({ topic, maxFrames: 1 }, { finishing: false });
    await frames.reached(1);
    await deleteBefore(topic, 18);
    for (let count = 1; frames.items.at(-1)?.info.offset !== '19'; count += 1) {
      await frames.reached(count);
      frames.items.at(-1)?.finish();
    }
    const read = offsetsOf(frames.items).slice(0, -2);
    assert.deepEqual(deleted.items, [{ topic, partition: 0, first: BigInt(read.length), end: 18n }]);
    assert.deepEqual(offsetsOf(frames.items), [...read.keys(), 18, 19]);
  });

  it('tells at once that all were deleted that came while it was away, and that nothing is left to read', async () => {
    await sendFrames(topic, 3);
    const before = consuming({ topic });
    await before.frames.reached(3);
    await before.consumer.close();
    await sendFrames(topic, 50, 3);
    await deleteBefore(topic, 53);
    const { consumer, frames, deleted } = consuming({ topic });
    await deleted.reached(1);
    assert.deepEqual(deleted.items, [{ topic, partition: 0, first: 3n, end: 53n }]);
    assert.equal(consumer.totals.lag, 0);
    await sendFrames(topic, 1, 53);
    await frames.reached(1);
    assert.deepEqual(offsetsOf(frames.items), [53]);
    assert.equal(deleted.items.length, 1);
  });

  it('takes what compaction left out for no loss', async () => {
    await createTopic(topic, 1, {
      'cleanup.policy': 'compact',
      'segment.ms': '1000',
      'min.cleanable.dirty.ratio': '0',
    });
    // It runs every 15 s otherwise.
    await alterBrokers([{ name: 'log.cleaner.backoff.ms', value: '100' }]);
    const begin = Date.now() - 60_000;
    const producer = cluster.client().producer();
    await producer.connect();
    const value = await testImage();
    for (const [index, key] of ['a', 'a', 'a', 'b', 'c'].entries()) {
      // Each is a segment of its own, of which the newest is not compacted.
      await producer.send({ topic, messages: [{ key, value, timestamp: String(begin + index * 10_000) }] });
    }
    await producer.disconnect();
    const oldest = () => cluster.withAdmin((admin) => admin.fetchTopicOffsetsByTimestamp(topic, begin));
    await eventually('the topic is compacted', async () => (await oldest())[0]?.offset === '2', 20_000);
    await alterBrokers([]);
    await setCommitted(topic, `group-${topic}`, 0);
    const { consumer, frames, deleted } = consuming({ topic });
    await frames.reached(3);
    assert.deepEqual(offsetsOf(frames.items), [2, 3, 4]);
    assert.deepEqual(deleted.items, []);
    assert.equal(consumer.totals.lag, 0);
  });

  it('takes transactions, committed or not, for no loss, and has nothing left to read behind them', async () => {
    await createTopic(topic);
    const { consumer, frames, deleted } = consuming({ topic, commitInterval: 50 });
    await sendInTransaction(topic, 3, 'commit');
    await frames.reached(3);
    await eventually('nothing is left behind the committed one', () => consumer.totals.lag === 0);
    await sendInTransaction(topic, 3, 'abort');
    await sendInTransaction(topic, 2, 'commit');
    await frames.reached(5);
    await sendInTransaction(topic, 1, 'abort');
    await eventually('all of it is committed', async () => (await committed(topic)) === 13);
    await consumer.close();
    const again = consuming({ topic });
    await sendFrames(topic, 1, 5);
    await again.frames.reached(1);
    assert.equal(again.consumer.totals.lag, 0);
    assert.deepEqual([...offsetsOf(frames.items), ...offsetsOf(again.frames.items)], [0, 1, 2, 8, 9, 13]);
    assert.deepEqual([...deleted.items, ...again.deleted.items], []);
  });

  it('jumps to the newest record that there is to see, not to the end of a transaction', async () => {
    await createTopic(topic);
    const longAgo = Date.now() - 60_000;
    await sendInTransaction(topic, 3, 'commit', longAgo);
    await sendInTransaction(topic, 3, 'commit', longAgo);
    await sendInTransaction(topic, 3, 'abort', longAgo);
    const { frames, jumps } = consuming({ topic, keepUp: 5000 });
    await frames.reached(1);
    await sendInTransaction(topic, 1, 'commit');
    await frames.reached(2);
    assert.deepEqual(offsetsOf(frames.items), [6, 12]);
    assert.equal(jumps.items.length, 1);
  });
});
