import assert from 'node:assert/strict';
import { frame, noiseImage, openConsumer, testImage, uniqueTopic } from '../integration/kafka-support';
import { makeClip, packetsOf } from '../support/packets';
import { eventually } from '../support/processes';
import { brokerNode, helper, loadFlow, type Message, messageOf, placed, received, statusOf } from './kafka-support';

describe('kafka-frame-out', () => {
  let topic: string;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(() => {
    topic = uniqueTopic();
  });
  afterEach(() => helper.unload());

  const out = (more: object = {}) =>
    placed({
      id: 'out',
      type: 'kafka-frame-out',
      broker: 'broker',
      topic,
      topicType: 'str',
      key: '',
      keyType: 'str',
      acks: '1',
      idempotent: false,
      compression: 'none',
      maxRecordBytes: 1000000,
      oversize: 'shrink',
      linger: 0,
      createTopic: true,
      partitions: '',
      replication: '',
      retention: '',
      wires: [['reports'], ['events']],
      ...more,
    });
  const reports = placed({ id: 'reports', type: 'helper' });
  const events = placed({ id: 'events', type: 'helper' });
  const open = (more: object = {}) => loadFlow([brokerNode(), out(more), reports, events]);
  const input = (msg: object) => helper.getNode('out').receive(msg as never);

  it('sends frames and reports each delivery without its image', async () => {
    await open();
    const delivered = received('reports');
    const data = await testImage();
    const sent = [0, 1, 2].map((seq) => frame(data, seq, '/a b.mp4'));
    for (const { frame } of sent) input({ _msgid: `m${frame.seq}`, payload: data, topic: '/a b.mp4', frame });
    await delivered.reached(3);
    const [report] = delivered.items;
    const payload = report?.payload as Record<string, unknown>;
    assert.deepEqual({ ...payload, latency: 0 }, { topic, partition: 0, offset: '0', latency: 0, bytes: data.length });
    assert.equal(report?.topic, '/a b.mp4');
    assert.equal(report?._msgid, 'm0');
    assert.deepEqual(report?.frame, sent[0]?.frame);
    const { consumer, frames } = openConsumer({ topic });
    await frames.reached(3);
    assert.deepEqual(
      frames.items.map((each) => [each.info.key, each.frame.seq]),
      [0, 1, 2].map((seq) => ['/a b.mp4', seq]),
    );
    await consumer.close();
  });

  it('takes topic and key from the message', async () => {
    await open({ topic: 'where', topicType: 'msg', key: 'camera', keyType: 'msg' });
    const delivered = received('reports');
    input({ payload: await testImage(), topic: 's', where: topic, camera: 'door' });
    await delivered.reached(1);
    const { consumer, frames } = openConsumer({ topic });
    await frames.reached(1);
    assert.equal(frames.items[0]?.info.key, 'door');
    assert.equal(frames.items[0]?.frame.stream, 's');
    await consumer.close();
  });

  it('makes frames of plain images, named after the node', async () => {
    await open({ name: 'lobby' });
    const delivered = received('reports');
    input({ payload: await testImage() });
    input({ payload: await testImage() });
    await delivered.reached(2);
    const frames = delivered.items.map((report) => report.frame as { stream: string; seq: number; width: number });
    assert.deepEqual(
      frames.map(({ stream, seq, width }) => [stream, seq, width]),
      [
        ['lobby', 0, 64],
        ['lobby', 1, 64],
      ],
    );
  });

  it('keeps the order of frames, though a context store takes longer to tell the topic of the first', async () => {
    await open({ topic: 'where', topicType: 'flow' });
    const delivered = received('reports');
    const { util } = require('@node-red/util') as { util: Record<string, unknown> };
    const { evaluateNodeProperty } = util;
    const answers: (() => void)[] = [];
    util.evaluateNodeProperty = (value: string, ...args: unknown[]) => {
      answers.push(() => (args.at(-1) as (error: null, value: string) => void)(null, value === 'where' ? topic : ''));
    };
    try {
      const data = await testImage();
      for (const seq of [0, 1]) input({ payload: data, frame: frame(data, seq, 's').frame });
      while (delivered.items.length < 2) {
        await new Promise(setImmediate);
        for (const answer of answers.splice(0).reverse()) {
          answer();
          await new Promise(setImmediate);
        }
      }
    } finally {
      util.evaluateNodeProperty = evaluateNodeProperty;
    }
    const sent = delivered.items.map(({ payload, frame }) => [
      (frame as { seq: number }).seq,
      (payload as { offset: string }).offset,
    ]);
    assert.deepEqual(sent, [
      [0, '0'],
      [1, '1'],
    ]);
  });

  it('refuses what is no image, and goes on', async () => {
    await open();
    const errors = received('errors');
    const delivered = received('reports');
    input({ payload: 'no image' });
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), /not an image/);
    input({ payload: await testImage() });
    await delivered.reached(1);
  });

  it('shrinks a frame above the limit and says so', async () => {
    await open({ maxRecordBytes: 100_000 });
    const delivered = received('reports');
    input({ payload: await noiseImage(), topic: 's' });
    await delivered.reached(1);
    const { bytes, shrunk } = (delivered.items[0] as Message).payload as { bytes: number; shrunk: boolean };
    assert.ok(shrunk && bytes < 100_000);
  });

  it('rejects a frame above the limit where it may not be shrunk', async () => {
    await open({ maxRecordBytes: 100_000, oversize: 'reject' });
    const errors = received('errors');
    input({ payload: await noiseImage(), topic: 's' });
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), /100000 allowed/);
  });

  it('shrinks the frame that ends a session also where others may not be', async () => {
    await open({ maxRecordBytes: 100_000, oversize: 'reject' });
    const delivered = received('reports');
    input({ payload: await noiseImage(), topic: 's', frame: { last: true } });
    await delivered.reached(1);
    const { payload, frame } = delivered.items[0] as Message & { frame: { last?: true } };
    assert.deepEqual([(payload as { shrunk?: true }).shrunk, frame.last], [true, true]);
  });

  it('tells once that a key frame is too large, and counts the pictures that hang on it', async () => {
    await open({ maxRecordBytes: 1500 });
    const [delivered, told, errors] = [received('reports'), received('events'), received('errors')];
    const packets = await packetsOf(await makeClip({ frames: 20, gop: 10, bFrames: 2 }));
    for (const { frame, data } of packets) input({ payload: data, frame });
    await delivered.reached(10);
    const undecodable = () =>
      told.items.map(({ payload }) => payload as object).filter((each) => 'undecodable' in each);
    await eventually('they are counted', () => undecodable().some((each) => 'last' in each));
    const last = { stream: 'clip', session: 'first', seq: 9 };
    assert.deepEqual(
      undecodable().find((each) => 'last' in each),
      { undecodable: 9, last },
    );
    assert.deepEqual(errors.items.map(messageOf).length, 1);
    assert.match(messageOf(errors.items[0]), /Frame 0 of "clip" makes a record of/);
  });

  it('shows that it is connected', async () => {
    await open();
    await statusOf('out', /^connected$/);
  });

  it('tells that it is connected, and rates while frames come', async () => {
    await open();
    const told = received('events');
    const stats = new Promise<Message>((resolve) => {
      helper.getNode('events').on('input', (msg: Message) => msg.event === 'stats' && resolve(msg));
    });
    input({ payload: await testImage() });
    const { framesPerSecond, megabytesPerSecond, queued, retries, frames } = (await stats).payload as Record<
      string,
      number
    >;
    assert.ok((framesPerSecond ?? 0) > 0 && megabytesPerSecond !== undefined);
    assert.deepEqual([queued, retries, frames], [0, 0, 1]);
    assert.equal(told.items[0]?.event, 'connected');
  });

  it('without a broker says so, for each message too', async () => {
    await loadFlow([out({ broker: 'gone' }), reports]);
    const errors = received('errors');
    input({ payload: await testImage() });
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), /No Kafka broker is set/);
  });
});
