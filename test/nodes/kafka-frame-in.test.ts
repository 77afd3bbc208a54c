import assert from 'node:assert/strict';
import type { EventEmitter } from 'node:events';
import { CompressionTypes } from 'kafkajs';
import type { Frame } from '../../lib/frame/frame';
import {
  cluster,
  createTopic,
  deleteBefore,
  openProducer,
  readBeside,
  sendForeign,
  sendFrames,
  setCommitted,
  testImage,
  uniqueTopic,
} from '../integration/kafka-support';
import { makeClip, packetsOf } from '../support/packets';
import { eventually } from '../support/processes';
import {
  brokerNode,
  helper,
  type Kept,
  keeper,
  loadFlow,
  type Message,
  messageOf,
  placed,
  received,
  statusOf,
} from './kafka-support';

const kept: Kept[] = [];
const keeping = keeper((each) => kept.push(each));

describe('kafka-frame-in', () => {
  let topic: string;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(() => {
    topic = uniqueTopic();
    kept.length = 0;
  });
  afterEach(() => helper.unload());

  const source = (more: object = {}) =>
    placed({
      id: 'in',
      type: 'kafka-frame-in',
      broker: 'broker',
      topic,
      group: topic,
      from: 'resume',
      fromTime: '',
      stream: '',
      commitInterval: 5000,
      maxFrames: 30,
      maxMegabytes: 64,
      wires: [['frames'], ['events']],
      ...more,
    });
  const frames = placed({ id: 'frames', type: 'helper' });
  const events = placed({ id: 'events', type: 'helper' });
  const command = (msg: object) => helper.getNode('in').receive(msg as never);
  const eventNames = (messages: Message[]) => messages.map(({ event }) => event).filter((event) => event !== 'stats');
  const committed = async () => {
    const [offsets] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId: topic, topics: [topic] }));
    return offsets?.partitions[0]?.offset;
  };

  it('sends frame messages', async () => {
    await sendFrames(topic, 3);
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    await got.reached(3);
    const [first] = got.items;
    assert.ok(Buffer.isBuffer(first?.payload));
    assert.equal(first?.topic, '/videos/a clip.mp4');
    assert.deepEqual(
      got.items.map(({ frame }) => (frame as { seq: number }).seq),
      [0, 1, 2],
    );
    const kafka = first?.kafka as Record<string, unknown>;
    assert.deepEqual([kafka.topic, kafka.partition, kafka.offset, kafka.key], [topic, 0, '0', '/videos/a clip.mp4']);
  });

  it('sends no more than the flow finishes', async () => {
    await sendFrames(topic, 10);
    const keepers = placed({ id: 'frames', type: 'keeper' });
    await loadFlow([brokerNode(), source({ maxFrames: 3 }), keepers, events], [keeping]);
    await eventually('three are kept', () => kept.length >= 3);
    await readBeside(topic, 10);
    assert.equal(kept.length, 3);
    for (let finished = 0; finished < 10; finished += 1) {
      await eventually('another one is kept', () => kept.length > finished);
      kept[finished]?.done();
    }
    assert.deepEqual(
      kept.map(({ msg }) => (msg.frame as { seq: number }).seq),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  it('shows which node holds it, once that has lasted for 3 s, and then that it reads again', async () => {
    await sendFrames(topic, 6);
    const keepers = placed({ id: 'frames', type: 'keeper', name: 'my keeper' });
    await loadFlow([brokerNode(), source({ maxFrames: 3 }), keepers, events], [keeping]);
    await statusOf('in', /^held by my keeper \(3 of 3 frames\)$/);
    const reading = statusOf('in', /^\d+(\.\d+)? f/);
    for (const { done } of kept.splice(0)) done();
    await reading;
  });

  it('pauses, resumes and seeks by message, and tells so', async () => {
    await sendFrames(topic, 3);
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    const told = received('events');
    await got.reached(3);
    command({ action: 'pause' });
    command({ action: 'seek', position: 1 });
    await eventually('it tells that it has sought', () => eventNames(told.items).includes('seeked'));
    assert.equal(got.items.length, 3);
    command({ action: 'resume' });
    await got.reached(5);
    assert.deepEqual(
      got.items.map(({ frame }) => (frame as { seq: number }).seq),
      [0, 1, 2, 1, 2],
    );
    assert.deepEqual(eventNames(told.items), ['connected', 'paused', 'seeked', 'resumed']);
  });

  it('commits in manual mode what the flow says, by function and by message', async () => {
    await sendFrames(topic, 4);
    await loadFlow([brokerNode(), source({ commit: 'manual' }), frames, events]);
    const got = received('frames');
    await got.reached(4);
    const commit = got.items[1]?.commit as () => Promise<boolean>;
    assert.equal(await commit(), true);
    assert.equal(await committed(), '2');
    command({ action: 'commit', kafka: got.items[2]?.kafka });
    await eventually('the third is committed', async () => (await committed()) === '3');
    const errors = received('errors');
    command({ action: 'commit' });
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), /needs msg\.kafka/);
  });

  it('refuses an unknown command and an impossible position', async () => {
    await createTopic(topic);
    await loadFlow([brokerNode(), source(), frames, events]);
    const errors = received('errors');
    command({ action: 'rewind' });
    command({ action: 'seek', position: 'middle' });
    await errors.reached(2);
    const messages = errors.items.map(messageOf);
    assert.match(messages[0] ?? '', /"rewind" is unknown/);
    assert.match(messages[1] ?? '', /"middle" is not a position/);
  });

  it('counts records that are no image and tells of them', async () => {
    await createTopic(topic);
    for (const value of [Buffer.from('a'), Buffer.from('b'), await testImage()]) await sendForeign(topic, value, 'k');
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    const told = received('events');
    await got.reached(1);
    assert.equal(got.items[0]?.topic, 'k');
    await eventually('it tells of them', () => eventNames(told.items).includes('skipped'));
    const { payload } = told.items.find(({ event }) => event === 'skipped') ?? {};
    assert.equal((payload as { skipped: number }).skipped, 2);
  });

  it('counts pictures of compressed video whose key frame is gone, and says once that it goes on with the next', async () => {
    const packets = await packetsOf(await makeClip({ frames: 20, gop: 10 }));
    const { producer } = openProducer({ createTopic: {} });
    await Promise.all(packets.map((packet) => producer.send(topic, 'cam', packet, { tracked: true })));
    await producer.close();
    await deleteBefore(topic, 4);
    await loadFlow([brokerNode(), source(), frames, events]);
    const warnings: string[] = [];
    const node = helper.getNode('in') as unknown as EventEmitter;
    node.on('call:warn', ({ args: [text] }: { args: string[] }) => warnings.push(String(text)));
    const [got, told] = [received('frames'), received('events')];
    await got.reached(10);
    assert.deepEqual(
      got.items.map(({ frame }) => (frame as Frame).seq),
      [...packets.keys()].slice(10),
    );
    await eventually('it tells of them', () => eventNames(told.items).includes('undecodable'));
    const { payload } = told.items.find(({ event }) => event === 'undecodable') ?? {};
    const { undecodable, last } = payload as { undecodable: number; last: { offset: string } };
    assert.deepEqual([undecodable, last.offset], [6, '9']);
    assert.deepEqual(warnings, [
      `Video of "clip" cannot be decoded from offset 4 of ${topic}/0 on: its key frame, or one of the frames behind it, is not in the topic, or too far back. It goes on with the next key frame.`,
    ]);
  });

  it('says with whom it shares its group when it gets no partition, whatever that one calls itself', async () => {
    await sendFrames(topic, 1);
    await loadFlow([brokerNode({ clientId: 'a\u202e\nb' }), source(), source({ id: 'in 2' }), frames, events]);
    const told = received('events');
    const texts: string[] = [];
    for (const id of ['in', 'in 2']) {
      const node = helper.getNode(id) as unknown as EventEmitter;
      node.on('call:status', ({ args: [status] }) => texts.push(status.text));
    }
    const unassigned = () => told.items.find(({ event }) => event === 'unassigned')?.payload;
    await eventually('one is left without a partition', () => unassigned() !== undefined);
    const { owners } = unassigned() as { owners: { clientId: string; host: string }[] };
    assert.equal(owners.length, 1);
    const [{ clientId, host }] = owners as [{ clientId: string; host: string }];
    assert.equal(clientId, 'a\u202e\nb');
    assert.ok(texts.includes(`no partition: group shared with a\\u{202e}\\u{a}b (${host})`), texts.join());
  });

  it('tells how many records Kafka deleted before they were read, and which', async () => {
    await sendFrames(topic, 6);
    await setCommitted(topic, topic, 1);
    await deleteBefore(topic, 5);
    await loadFlow([brokerNode(), source(), frames, events]);
    const [got, told] = [received('frames'), received('events')];
    const warnings: string[] = [];
    (helper.getNode('in') as unknown as EventEmitter).on('call:warn', ({ args: [text] }) => warnings.push(text));
    await got.reached(1);
    await eventually('the event came', () => eventNames(told.items).includes('lost'));
    const lost = told.items.filter(({ event }) => event === 'lost').map(({ payload }) => payload);
    assert.deepEqual(lost, [{ topic, partition: 0, records: 4, first: '1', end: '5' }]);
    assert.equal(warnings.length, 1);
    assert.match(warnings[0] ?? '', new RegExp(`^4 records of ${topic}/0 were deleted .*: offsets 1 to 4\\.`));
  });

  it('tells which records cannot be read, and why, and counts them', async () => {
    await createTopic(topic);
    const producer = cluster.client().producer();
    await producer.connect();
    // Smaller than most images, as long as it is compressed.
    const messages = [{ value: Buffer.alloc(65 * 1024 * 1024) }, { value: 'and another' }];
    await producer.send({ topic, compression: CompressionTypes.GZIP, messages });
    await producer.disconnect();
    await sendFrames(topic, 1);
    await loadFlow([brokerNode(), source(), frames, events]);
    const [got, told] = [received('frames'), received('events')];
    const warnings: string[] = [];
    (helper.getNode('in') as unknown as EventEmitter).on('call:warn', ({ args: [text] }) => warnings.push(text));
    await got.reached(1);
    await eventually('it was counted', () => told.items.some(({ event }) => event === 'stats'));
    const payloadsOf = (name: string) => told.items.filter(({ event }) => event === name).map(({ payload }) => payload);
    const [message] = warnings;
    const range = { topic, partition: 0, records: 2, first: '0', end: '2' };
    assert.deepEqual(payloadsOf('unreadable'), [{ ...range, cause: 'too-large', code: 'BATCH_UNREADABLE', message }]);
    assert.equal((payloadsOf('stats')[0] as { unreadable: number }).unreadable, 2);
    assert.equal(warnings.length, 1);
    assert.match(
      message ?? '',
      new RegExp(`^A batch of ${topic}/0 takes more than 64 MB .*offsets 0 to 1\\) are passed over`),
    );
  });

  it('says once that the topic is missing, and goes on when it is there', async () => {
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    const errors = received('errors');
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), new RegExp(`no topic "${topic}"`));
    await sendFrames(topic, 1);
    await got.reached(1);
    assert.equal(errors.items.length, 1);
  });

  it('without a broker says so', async () => {
    await loadFlow([source({ broker: '' }), frames, events]);
    const errors = received('errors');
    command({ action: 'pause' });
    await errors.reached(1);
    assert.match(messageOf(errors.items[0]), /No Kafka broker is set/);
  });
});
