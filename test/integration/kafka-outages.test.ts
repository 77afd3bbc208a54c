import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import {
  closedAfterEach,
  cluster,
  createTopic,
  Forwarder,
  frame,
  produceRequest,
  sendFrames,
  tappedCluster,
  testImage,
  uniqueTopic,
} from './kafka-support';

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('outages', function () {
  this.timeout(60_000);
  let topic: string;
  let forwarder: Forwarder;
  const { producing, consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
    forwarder = new Forwarder();
  });

  afterEach(async () => {
    await forwarder.cut();
  });

  it('frames wait for a broker that is not there yet, with one error', async () => {
    await forwarder.reserve();
    const { producer, outages, connected } = producing({ createTopic: {} }, forwarder.cluster);
    const data = await testImage();
    const sends = range(0, 20).map((seq) => producer.send(topic, 'a', frame(data, seq), { tracked: true }));
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'BROKER_UNREACHABLE');
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(cluster.brokers[0] ?? ''));
    await forwarder.open();
    const deliveries = await Promise.all(sends);
    assert.deepEqual(
      deliveries.map(({ offset }) => Number(offset)),
      range(0, 20),
    );
    assert.equal(outages.items.length, 1);
    assert.equal(connected.items.length, 1);
  });

  it('a batch that was written and is sent again is no loss of what others wrote since', async () => {
    await createTopic(topic);
    const data = await testImage();
    let unanswered: Socket | undefined;
    let isAway = false;
    // The first request that carries records is not answered.
    const onRequest = (number: number, _request: Buffer, socket: Socket) => {
      if (number === produceRequest) unanswered ??= socket.pause();
    };
    const { producer, lost, outages } = producing(
      { topic, acks: 'all', idempotent: true },
      tappedCluster(onRequest, () => isAway),
    );
    const { frames } = consuming({ topic });
    // The keys are of different senders, each with connections of its own.
    const first = producer.send(topic, 'a', frame(data, 0, 'a'), { tracked: true });
    await frames.reached(1);
    const second = await producer.send(topic, 'b', frame(data, 0, 'b'), { tracked: true });
    isAway = true;
    unanswered?.destroy(new Error('cut'));
    await outages.reached(1);
    isAway = false;
    assert.deepEqual([(await first).offset, second.offset], ['0', '1']);
    assert.deepEqual(lost.items, []);
  });

  it('frames go on to a broker that was silent, through a new connection', async () => {
    forwarder = new Forwarder({ requestTimeout: 1000 });
    await forwarder.open();
    const { producer, outages } = producing({ topic, createTopic: {} }, forwarder.cluster);
    const data = await testImage();
    await producer.send(topic, 'a', frame(data, 0), { tracked: true });
    forwarder.silence();
    const sent = producer.send(topic, 'a', frame(data, 1), { tracked: true });
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'BROKER_UNREACHABLE');
    forwarder.speak();
    await sent;
    assert.equal(outages.items.length, 1);
  });

  for (const options of [{ acks: 1 as const }, { acks: 'all' as const, idempotent: true }]) {
    it(`frames outlast a lost broker in order, ${JSON.stringify(options)}`, async () => {
      await forwarder.open();
      const { producer, outages, connected } = producing({ topic, createTopic: {}, ...options }, forwarder.cluster);
      const data = await testImage();
      await producer.send(topic, 'a', frame(data, 0, 'a'), { tracked: true });
      await forwarder.cut();
      const sends = range(1, 50).map((seq) => producer.send(topic, 'a', frame(data, seq, 'a'), { tracked: true }));
      await outages.reached(1);
      assert.equal(outages.items[0]?.error.code, 'BROKER_UNREACHABLE');
      await forwarder.open();
      await Promise.all(sends);
      await connected.reached(2);
      assert.equal(outages.items.length, 1);
      const { frames } = consuming({ topic });
      await frames.reached(50);
      assert.deepEqual(
        frames.items.map((each) => each.frame.seq),
        range(0, 50),
      );
    });
  }

  it('frames wait for a topic that may not be created, with one error', async () => {
    const { producer, outages, connected } = producing({});
    const data = await testImage();
    const sends = range(0, 5).map((seq) => producer.send(topic, 'a', frame(data, seq), { tracked: true }));
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'TOPIC_MISSING');
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(topic));
    await createTopic(topic);
    await Promise.all(sends);
    await connected.reached(2);
    assert.equal(outages.items.length, 1);
  });

  it('a missing topic does not hold the frames of another', async () => {
    const { producer } = producing({});
    const there = uniqueTopic();
    await createTopic(there);
    const data = await testImage();
    const waiting = producer.send(topic, 'a', frame(data, 0));
    await producer.send(there, 'a', frame(data, 0));
    await createTopic(topic);
    await waiting;
  });

  it('untracked frames are dropped oldest first when the queue is full, tracked ones never', async () => {
    await forwarder.reserve();
    const data = await testImage();
    const { producer } = producing({ createTopic: {}, maxUntrackedBytes: data.length * 3.9 }, forwarder.cluster);
    const tracked = producer.send(topic, 'a', frame(data, 0), { tracked: true });
    const results = Promise.allSettled(range(1, 5).map((seq) => producer.send(topic, 'a', frame(data, seq))));
    await forwarder.open();
    await tracked;
    const [oldest, ...others] = await results;
    assert.equal(oldest?.status === 'rejected' && oldest.reason.code, 'QUEUE_FULL');
    assert.equal(others.at(-1)?.status, 'fulfilled');
  });

  it('closing a producer sends what waits', async () => {
    await createTopic(topic);
    const data = await testImage();
    const { producer } = producing({});
    const sends = range(0, 100).map((seq) => producer.send(topic, 'a', frame(data, seq)));
    await producer.close();
    assert.equal((await Promise.all(sends)).length, 100);
  });

  it('closing a producer without broker rejects what waits, in time', async () => {
    await forwarder.reserve();
    const { producer, outages } = producing({ flushTimeout: 300 }, forwarder.cluster);
    const waiting = producer.send(topic, 'a', frame(await testImage(), 0), { tracked: true });
    const rejected = assert.rejects(waiting, { code: 'CLOSED' });
    await outages.reached(1);
    const began = Date.now();
    await producer.close();
    assert.ok(Date.now() - began < 3000);
    await rejected;
    await assert.rejects(producer.send(topic, 'a', frame(await testImage(), 1)), { code: 'CLOSED' });
  });

  it('a consumer waits for a broker that is not there yet, with one error', async () => {
    await sendFrames(topic, 5);
    await forwarder.reserve();
    const { frames, outages, states } = consuming({ topic }, { through: forwarder.cluster });
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'BROKER_UNREACHABLE');
    await forwarder.open();
    await frames.reached(5);
    assert.equal(outages.items.length, 1);
    assert.deepEqual(states.items, ['disconnected', 'connected']);
  });

  it('a consumer outlasts a lost broker and repeats nothing that is still in the flow', async () => {
    await sendFrames(topic, 10);
    await forwarder.open();
    const { frames, outages, states } = consuming(
      { topic, maxFrames: 4 },
      { finishing: false, through: forwarder.cluster },
    );
    await frames.reached(4);
    await forwarder.cut();
    await outages.reached(1);
    await forwarder.open();
    await states.reached(3);
    for (let index = 0; index < 10; index += 1) {
      await frames.reached(index + 1);
      frames.items[index]?.finish();
    }
    assert.deepEqual(
      frames.items.map((each) => each.frame.seq),
      range(0, 10),
    );
    assert.deepEqual(states.items, ['connected', 'disconnected', 'connected']);
    assert.equal(outages.items.length, 1);
  });

  it('a consumer comes back as the member it was, so that its group waits for nobody', async () => {
    await sendFrames(topic, 1);
    await forwarder.open();
    const { frames, outages, states } = consuming({ topic }, { through: forwarder.cluster });
    const members = () =>
      cluster.withAdmin(async (admin) => {
        const { groups } = await admin.describeGroups([`group-${topic}`]);
        return groups[0]?.members.map(({ memberId }) => memberId) ?? [];
      });
    await frames.reached(1);
    const before = await members();
    assert.equal(before.length, 1);
    for (const round of [1, 2]) {
      await forwarder.cut();
      await outages.reached(round);
      await forwarder.open();
      await states.reached(1 + 2 * round);
      assert.deepEqual(await members(), before);
    }
    await sendFrames(topic, 1, 1);
    await frames.reached(2);
  });

  it('a consumer waits for a missing topic, with one error, and does not create it', async () => {
    const { frames, outages, states } = consuming({ topic, topicPatience: 500 });
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'TOPIC_MISSING');
    assert.ok(!(await cluster.withAdmin((admin) => admin.listTopics())).includes(topic));
    await sendFrames(topic, 3);
    await frames.reached(3);
    assert.equal(outages.items.length, 1);
    assert.deepEqual(states.items, ['waiting', 'connected']);
  });

  it('closing a consumer is quick, whatever the broker does', async () => {
    await sendFrames(topic, 10);
    await forwarder.open();
    const held = consuming({ topic, maxFrames: 1 }, { finishing: false, through: forwarder.cluster });
    await held.frames.reached(1);
    await forwarder.cut();
    const unconnected = consuming({ topic }, { through: forwarder.cluster });
    const missing = consuming({ topic: uniqueTopic() });
    await missing.states.reached(1);
    const began = Date.now();
    await Promise.all([held, unconnected, missing].map(({ consumer }) => consumer.close()));
    assert.ok(Date.now() - began < 9000, `${Date.now() - began} ms`);
  });
});
