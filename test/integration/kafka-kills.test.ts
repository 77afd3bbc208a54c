import assert from 'node:assert/strict';
import { type FlowNode, node, uniqueTopic } from '../support/flows';
import { startTestBroker, type TestBroker } from '../support/kafka-brokers';
import { makeRepeated } from '../support/media';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { plainKafka } from '../support/topic';

const kills = 10;
const clipFrames = 132;
const repeats = 8;
const frames = clipFrames * repeats;
/**
 * A broker that comes back is not let in by its own controller until the session of its life before is over: 9 s, unless
 * said otherwise, in which nothing happens.
 */
const session = { 'broker.session.timeout.ms': 2000, 'broker.heartbeat.interval.ms': 500 };
/** Those that send. */
const nodes = ['once', 'leader'];

describe('a broker that is killed again and again in the middle of a 720p video', function () {
  this.timeout(600_000);
  let broker: TestBroker & { remove(): Promise<void> };
  let red: NodeRed;

  after(async () => {
    await red?.stop();
    await broker?.remove();
  });

  it('leaves every frame in the topic: exactly once with idempotence, and in order in any case', async () => {
    broker = await startTestBroker(session);
    const video = await makeRepeated(repeats);
    const topics = { once: uniqueTopic(), leader: uniqueTopic() };
    const out = (id: string, topic: string, more: object) =>
      node(id, 'kafka-frame-out', [[`${id}-reports`], [`${id}-events`]], 'tab', {
        broker: 'broker',
        topic,
        topicType: 'str',
        compression: 'none',
        maxRecordBytes: 1000000,
        oversize: 'shrink',
        linger: 0,
        createTopic: true,
        ...more,
      });
    const probes = ['once-reports', 'once-events', 'leader-reports', 'leader-events', 'errors'];
    const flows: FlowNode[] = [
      { id: 'tab', type: 'tab' },
      node('play', 'inject', [['source']], 'tab', { props: [{ p: 'payload' }], payload: video, payloadType: 'str' }),
      node('source', 'video-source', [['once', 'leader'], []], 'tab', {
        source: 'payload',
        sourceType: 'msg',
        quality: 90,
        maxFrames: 30,
        maxMegabytes: 64,
      }),
      out('once', topics.once, { acks: 'all', idempotent: true }),
      out('leader', topics.leader, { acks: '1', idempotent: false }),
      node('catch', 'catch', [['errors']], 'tab', { scope: null }),
      ...probes.map((id) => node(id, 'test-probe', [])),
      { id: 'broker', type: 'kafka-frame-broker', brokers: broker.brokers, clientId: 'test', saslMechanism: 'none' },
    ];
    red = await startNodeRed({ flows });
    await red.inject('play');
    const eventsOf = (id: string, event: string) => red.seen(`${id}-events`).filter(({ msg }) => msg.event === event);
    const errorsOf = (id: string) =>
      red.seen('errors').filter(({ msg }) => (msg.error as { source: { id: string } }).source.id === id);
    for (let kill = 1; kill <= kills; kill += 1) {
      const enough = Math.floor((frames * kill) / (kills + 1));
      for (const id of nodes) await red.until(`${id}-reports`, (seen) => seen.length >= enough, 60_000);
      await broker.kill();
      // The first time it stays away until each node has said so; after that it may be back before they notice.
      if (kill === 1) for (const id of nodes) await red.until('errors', () => errorsOf(id).length >= 1);
      await broker.start();
    }
    for (const id of nodes) await red.until(`${id}-reports`, (seen) => seen.length === frames, 60_000);

    const all = Array.from({ length: frames }, (_, seq) => seq);
    assert.deepEqual(await sequenceOf(broker.brokers, topics.once), all);
    const withRepeats = await sequenceOf(broker.brokers, topics.leader);
    // A process that is killed loses nothing that it wrote: that is in the hands of the system.
    assert.deepEqual(eventsOf('leader', 'lost'), []);
    assert.deepEqual([...new Set(withRepeats)], all);
    assertNeverAhead(withRepeats);
    // Each loss of the broker is one error, and one more where its cause changes on the way back.
    for (const id of nodes) {
      const errors = errorsOf(id).map(({ at, msg }) => {
        return `${new Date(at).toISOString()} ${(msg.error as { message: string }).message}`;
      });
      assert.ok(
        errors.length >= 1 && errors.length <= 2 * kills,
        `${errors.length} errors of ${id}:\n${errors.join('\n')}`,
      );
    }
  });
});

/** Repeats go back and on again; no frame comes before the one it follows. */
function assertNeverAhead(sequence: number[]): void {
  let newest = -1;
  for (const seq of sequence) {
    assert.ok(seq <= newest + 1, `${seq} came after ${newest}`);
    newest = Math.max(newest, seq);
  }
}

/** The frames' numbers as they are in a topic of one partition. */
async function sequenceOf(brokers: string, topic: string): Promise<number[]> {
  const kafka = plainKafka(brokers);
  const admin = kafka.admin();
  await admin.connect();
  const [end] = await admin.fetchTopicOffsets(topic);
  await admin.disconnect();
  const consumer = kafka.consumer({ groupId: `sequence-${topic}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const sequence: number[] = [];
  await new Promise<void>((resolve) => {
    void consumer.run({
      eachMessage: async ({ message }) => {
        sequence.push(Number(message.headers?.ce_sequence));
        if (Number(message.offset) === Number(end?.high) - 1) resolve();
      },
    });
  });
  await consumer.disconnect();
  return sequence;
}
