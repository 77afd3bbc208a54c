import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CloudEventV1, Kafka } from 'cloudevents';
import { heldByYoungCollections } from '../support/young-memory';
import {
  closedAfterEach,
  cluster,
  createTopic,
  frame,
  noiseImage,
  sendForeign,
  sendFrames,
  testImage,
  uniqueTopic,
} from './kafka-support';

describe('frames through Kafka', () => {
  let topic: string;
  const { producing, consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
  });

  it('200 arrive, in order, none lost, each as it was sent', async () => {
    const data = await testImage();
    const { producer } = producing({ createTopic: {} });
    const sent = Array.from({ length: 200 }, (_, seq) => frame(data, seq));
    const deliveries = await Promise.all(
      sent.map((each) => producer.send(topic, each.frame.stream, each, { tracked: true })),
    );
    assert.deepEqual(
      deliveries.map(({ offset }) => Number(offset)),
      sent.map((_, index) => index),
    );

    const { frames } = consuming({ topic });
    await frames.reached(200);
    assert.deepEqual(
      frames.items.map((each) => each.frame),
      sent.map((each) => each.frame),
    );
    assert.ok(frames.items.every((each) => each.data.equals(data)));
    assert.equal(frames.items[0]?.info.key, '/videos/a clip.mp4');
    assert.equal(frames.items[0]?.info.timestamp, sent[0]?.frame.time);
  });

  it('are freed with the young objects once they are sent', async () => {
    const { producer, connected } = producing({ topic, createTopic: {} });
    await connected.reached(1);
    const size = 100_000;
    const sent: Promise<unknown>[] = [];
    let seq = 0;
    /** At the pace at which files are decoded; eight of them under way. */
    const sendSome = async () => {
      for (let count = 0; count < 24; count += 1) {
        const each = frame(Buffer.allocUnsafeSlow(size), seq++);
        sent.push(producer.send(topic, each.frame.stream, each, { tracked: true }));
        await sleep(3);
        if (sent.length > 8) await sent.shift();
      }
    };
    // What a node has from its start is old when its first frame comes.
    await heldByYoungCollections(3, async () => {});
    const held = (await heldByYoungCollections(40, sendSome)) / size;
    await Promise.all(sent);
    assert.ok(held < 150, `${held} of ${seq} frames are held`);
  });

  it('are CloudEvents on the wire', async () => {
    await sendFrames(topic, 1);
    const { frames } = consuming({ topic });
    await frames.reached(1);
    const { info, data, frame: read } = frames.items[0] as NonNullable<(typeof frames.items)[0]>;
    const message = { key: info.key, value: data, body: data, headers: info.headers, timestamp: '' };
    const event = Kafka.toEvent(message as never) as CloudEventV1<Buffer>;
    assert.equal(event.id, `${read.session}/0`);
    assert.equal(event.datacontenttype, 'image/jpeg');
  });

  for (const [name, options] of Object.entries({
    'all acknowledgements': { acks: 'all' as const },
    idempotence: { acks: 'all' as const, idempotent: true },
    gzip: { compression: 'gzip' as const },
    'no acknowledgement': { acks: 0 as const },
    linger: { linger: 20 },
  })) {
    it(`arrive in order with ${name}, two streams at once`, async () => {
      const data = await testImage();
      const { producer } = producing({ createTopic: { partitions: 3 }, ...options });
      const sends = Array.from({ length: 60 }, (_, index) => {
        const stream = index % 2 === 0 ? 'even' : 'odd';
        return producer.send(topic, stream, frame(data, index >> 1, stream));
      });
      const deliveries = await Promise.all(sends);
      if (name === 'no acknowledgement') assert.equal(deliveries[0]?.offset, undefined);
      else assert.equal(new Set(deliveries.map(({ partition, offset }) => `${partition}/${offset}`)).size, 60);
      const { frames } = consuming({ topic });
      await frames.reached(60);
      for (const stream of ['even', 'odd']) {
        const seqs = frames.items.filter((each) => each.frame.stream === stream).map((each) => each.frame.seq);
        assert.deepEqual(
          seqs,
          Array.from({ length: 30 }, (_, index) => index),
        );
      }
    });
  }

  it('of other producers get their stream from the key, else from the topic', async () => {
    await createTopic(topic);
    await sendForeign(topic, await testImage(), 'camera 1');
    await sendForeign(topic, await testImage());
    const { frames } = consuming({ topic });
    await frames.reached(2);
    assert.deepEqual(
      frames.items.map(({ frame: { stream, session, seq, width, height, codec, duration } }) => ({
        stream,
        session,
        seq,
        width,
        height,
        codec,
        duration,
      })),
      [
        { stream: 'camera 1', session: `${topic}/0` },
        { stream: topic, session: topic },
      ].map((named, seq) => ({
        ...named,
        seq,
        width: 64,
        height: 36,
        codec: 'jpeg',
        duration: 1000,
      })),
    );
  });

  it('go on behind a record that is no image', async () => {
    await createTopic(topic);
    await sendForeign(topic, Buffer.from('no image'), 'a');
    await sendForeign(topic, await testImage(), 'a');
    const { frames, skipped, consumer } = consuming({ topic });
    await frames.reached(1);
    assert.deepEqual(
      skipped.items.map(({ offset }) => offset),
      ['0'],
    );
    assert.equal(frames.items[0]?.info.offset, '1');
    assert.equal(consumer.totals.skipped, 1);
  });

  it('of other streams are passed over', async () => {
    await sendFrames(topic, 3, 0, { stream: 'a' });
    await sendFrames(topic, 3, 0, { stream: 'b' });
    const { frames, consumer } = consuming({ topic, stream: 'b' });
    await frames.reached(3);
    assert.ok(frames.items.every((each) => each.frame.stream === 'b'));
    await consumer.close();
    const [committed] = await cluster.withAdmin((admin) =>
      admin.fetchOffsets({ groupId: `group-${topic}`, topics: [topic] }),
    );
    assert.equal(committed?.partitions[0]?.offset, '6');
  });

  it('too large are rejected alone', async () => {
    const [small, large] = await Promise.all([testImage(), noiseImage()]);
    const { producer } = producing({ createTopic: {}, maxRecordBytes: 100_000 });
    const sends = [small, large, small].map((data, seq) => producer.send(topic, 'a', frame(data, seq, 'a')));
    const results = await Promise.allSettled(sends);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    await assert.rejects(sends[1] as Promise<unknown>, { code: 'RECORD_TOO_LARGE', message: /Frame 1 of "a"/ });
  });

  it('too large for the topic are rejected alone, though they were sent together', async () => {
    await createTopic(topic, 1, { 'max.message.bytes': '20000' });
    const [small, large] = await Promise.all([testImage(), noiseImage(200)]);
    assert.ok(large.length > 20_000);
    const { producer } = producing({ linger: 200 });
    const sends = [small, large, small].map((data, seq) => producer.send(topic, 'a', frame(data, seq, 'a')));
    const results = await Promise.allSettled(sends);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    await assert.rejects(sends[1] as Promise<unknown>, { code: 'RECORD_TOO_LARGE', message: /max\.message\.bytes/ });
  });

  it('too large for the topic are shrunk to what it takes, and so are those after them', async () => {
    await createTopic(topic, 1, { 'max.message.bytes': '20000' });
    const [small, large] = await Promise.all([testImage(), noiseImage(400)]);
    const shrunkTo: number[] = [];
    const { producer } = producing({
      shrink: async (_image, maxBytes) => {
        shrunkTo.push(maxBytes);
        return { data: small, width: 64, height: 36, codec: 'jpeg' };
      },
    });
    for (const seq of [0, 1]) {
      const { shrunk } = await producer.send(topic, 'a', frame(large, seq, 'a'));
      assert.equal(shrunk, true);
    }
    assert.equal(shrunkTo.length, 2);
    assert.ok(shrunkTo.every((bytes) => bytes > 19_000 && bytes < 20_000));
    assert.equal(producer.totals.retries, 0);
  });

  it('too large are shrunk in place, keeping their order', async () => {
    const [small, large] = await Promise.all([testImage(), noiseImage()]);
    const asked: number[] = [];
    const { producer } = producing({
      createTopic: {},
      maxRecordBytes: 100_000,
      shrink: async (_image, maxBytes) => {
        asked.push(maxBytes);
        return { data: small, width: 64, height: 36, codec: 'jpeg' };
      },
    });
    const sends = [small, large, small].map((data, seq) => producer.send(topic, 'a', frame(data, seq, 'a')));
    const deliveries = await Promise.all(sends);
    assert.deepEqual(
      deliveries.map(({ offset, shrunk }) => [offset, shrunk]),
      [
        ['0', undefined],
        ['1', true],
        ['2', undefined],
      ],
    );
    assert.equal(deliveries[1]?.bytes, small.length);
    assert.ok((asked[0] ?? 0) < 100_000 && (asked[0] ?? 0) > 99_000);
  });

  it('that end a session get through, though larger ones are rejected', async () => {
    await createTopic(topic, 1, { 'max.message.bytes': '20000' });
    const [small, large, larger] = await Promise.all([testImage(), noiseImage(200), noiseImage()]);
    const { producer } = producing({
      ...{ linger: 200, oversize: 'reject', maxRecordBytes: 100_000 },
      shrink: async () => ({ data: small, width: 64, height: 36, codec: 'jpeg' }),
    });
    const send = (stream: string, data: Buffer, seq: number, last?: true) => {
      const { frame: described } = frame(data, seq, stream);
      return producer.send(topic, stream, { data, frame: { ...described, ...(last && { last }) } });
    };
    for (const data of [large, larger]) {
      const stream = `of ${data.length} bytes`;
      const sends = [send(stream, small, 0), send(stream, data, 1), send(stream, data, 2, true)];
      const [, refused, end] = await Promise.allSettled(sends);
      assert.equal(refused?.status === 'rejected' && refused.reason.code, 'RECORD_TOO_LARGE');
      assert.deepEqual(end?.status === 'fulfilled' && [end.value.shrunk, end.value.frame.last], [true, true]);
    }
  });

  it('from times that the broker takes for none are sent as records of the present, and lose nothing', async () => {
    await createTopic(topic);
    const data = await testImage();
    const { producer } = producing({ linger: 200 });
    const [now, odd] = [Date.now(), Date.UTC(2100, 0, 1)];
    const times = [now, odd, now + 80, 0, odd];
    const { frame: described } = frame(data, 0, 'a');
    await Promise.all(
      times.map((time, seq) => producer.send(topic, 'a', { data, frame: { ...described, seq, time, pts: seq * 40 } })),
    );
    const { frames } = consuming({ topic });
    await frames.reached(times.length);
    const got = frames.items.map((item) => [item.frame.seq, item.frame.time]);
    assert.deepEqual(got, [...times.entries()]);
    for (const { info } of frames.items) assert.ok(info.timestamp < now + 60_000);
    assert.equal(producer.totals.retries, 0);
  });

  it('that cannot be shrunk are rejected alone', async () => {
    const [small, large] = await Promise.all([testImage(), noiseImage()]);
    const shrink = async () => {
      throw new Error('broken image');
    };
    const { producer } = producing({ createTopic: {}, maxRecordBytes: 100_000, shrink });
    const sends = [large, small].map((data, seq) => producer.send(topic, 'a', frame(data, seq, 'a')));
    await assert.rejects(sends[0] as Promise<unknown>, /broken image/);
    assert.equal((await sends[1])?.offset, '0');
  });

  it('for an impossible topic name are rejected', async () => {
    const { producer } = producing({});
    await assert.rejects(producer.send('no/topic', 'a', frame(await testImage(), 0)), { code: 'BAD_OPTION' });
  });

  it('make a topic as wished', async () => {
    const { connected } = producing({ topic, createTopic: { partitions: 3, replication: 1, retention: 3_600_000 } });
    await connected.reached(1);
    const { topics } = await cluster.withAdmin((admin) => admin.fetchTopicMetadata({ topics: [topic] }));
    assert.equal(topics[0]?.partitions.length, 3);
  });

  for (const acks of [1, 'all'] as const) {
    it(`reach a topic that is recreated with fewer partitions while they are sent, acks ${acks}`, async () => {
      await createTopic(topic, 8);
      const { producer } = producing({ acks, idempotent: acks === 'all' });
      const data = await testImage();
      const keys = Array.from({ length: 16 }, (_, index) => `camera ${index}`);
      const sendAll = (seq: number) =>
        Promise.all(keys.map((key) => producer.send(topic, key, frame(data, seq, key), { tracked: true })));
      await sendAll(0);
      await cluster.withAdmin((admin) => admin.deleteTopics({ topics: [topic] }));
      await createTopic(topic, 1);
      const deliveries = await sendAll(1);
      assert.deepEqual(new Set(deliveries.map(({ partition }) => partition)), new Set([0]));
      const { frames } = consuming({ topic });
      await frames.reached(keys.length);
      assert.deepEqual(new Set(frames.items.map((each) => each.frame.stream)), new Set(keys));
    });
  }
});
