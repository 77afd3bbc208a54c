import assert from 'node:assert/strict';
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fetchJars } from '../../demo/broker-java';
import { root } from '../../demo/user-dir';
import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { eventually } from '../support/processes';
import {
  brokers,
  Collector,
  cluster,
  createTopic,
  frame,
  openConsumer,
  openProducer,
  sendForeign,
  sendFrames,
  tappedCluster,
  testImage,
  uniqueTopic,
} from './kafka-support';

interface Got {
  member: string;
  stream: string;
  seq: number;
  at: number;
}

const streams = Array.from({ length: 12 }, (_, index) => `camera ${index}`);

describe('a group of consumers over four partitions', function () {
  this.timeout(120_000);
  let topic: string;
  const members: ChildProcess[] = [];
  const got: Got[] = [];
  const errors: string[] = [];

  beforeEach(async () => {
    got.length = 0;
    errors.length = 0;
    topic = uniqueTopic();
    await createTopic(topic, 4);
  });
  afterEach(async () => {
    for (const member of members.splice(0)) member.kill('SIGKILL');
  });

  /** Resolves once the member reads. */
  async function join_(name: string): Promise<ChildProcess> {
    const path = join(__dirname, '..', 'support', 'kafka-member.js');
    const member = fork(path, [brokers, topic, `group-${topic}`]);
    members.push(member);
    const connected = new Collector<string>();
    member.on('message', (message: Partial<Got> & { state?: string; error?: string }) => {
      if (message.state === 'connected') connected.add(message.state);
      if (message.error !== undefined) errors.push(message.error);
      if (message.seq !== undefined) got.push({ ...(message as Got), member: name });
    });
    await connected.reached(1);
    return member;
  }

  /**
   * Sends frames of all streams while `during` runs, and asserts that every one of them was read, each stream in order,
   * and that so many members are left.
   */
  async function whileSending(during: (allFlow: (...names: string[]) => Promise<void>) => Promise<void>, left: number) {
    const { producer } = openProducer({});
    const data = await testImage();
    let state: 'sending' | 'stopped' = 'sending';
    let sent = 0;
    const sending = (async () => {
      for (; state === 'sending'; sent += 1) {
        await Promise.all(streams.map((stream) => producer.send(topic, stream, frame(data, sent, stream))));
        await sleep(40);
      }
    })();
    /** Each of these members reads frames that are sent from now on, and together they read all streams. */
    const allFlow = (...names: string[]) => {
      const from = sent;
      const read = () => got.filter(({ seq }) => seq > from);
      return eventually(
        `${names} read all streams`,
        () =>
          names.every((name) => read().some(({ member }) => member === name)) &&
          streams.every((name) => read().some(({ stream, member }) => stream === name && names.includes(member))),
        20_000,
      );
    };
    try {
      await during(allFlow);
    } finally {
      state = 'stopped';
      await sending;
    }
    const isComplete = (stream: string) =>
      new Set(got.filter((each) => each.stream === stream).map(({ seq }) => seq)).size === sent;
    await eventually('every frame came', () => streams.every(isComplete), 20_000);
    await producer.close();
    for (const stream of streams) {
      const inTime = got.filter((each) => each.stream === stream).sort((a, b) => a.at - b.at);
      let newest = -1;
      for (const { seq } of inTime) {
        // What a member had not committed is read again by the next one; nothing comes before its turn.
        assert.ok(seq <= newest + 1, `${stream}: ${seq} came after ${newest}`);
        newest = Math.max(newest, seq);
      }
    }
    assert.deepEqual(errors, []);
    const { groups } = await cluster.withAdmin((admin) => admin.describeGroups([`group-${topic}`]));
    assert.equal(groups[0]?.members.length, left);
  }

  it('loses no frame and keeps each stream in order when a member joins', () =>
    whileSending(async (allFlow) => {
      await join_('first');
      await allFlow('first');
      await join_('second');
      await allFlow('first', 'second');
    }, 2));

  it('loses no frame and keeps each stream in order when a member leaves', () =>
    whileSending(async (allFlow) => {
      await join_('first');
      const second = await join_('second');
      await allFlow('first', 'second');
      const left = once(second, 'exit');
      second.kill('SIGTERM');
      await left;
      await allFlow('first');
    }, 1));

  it('loses no frame and keeps each stream in order when a member is killed', () =>
    whileSending(async (allFlow) => {
      await join_('first');
      const second = await join_('second');
      await allFlow('first', 'second');
      second.kill('SIGKILL');
      // Once the broker misses it, at the end of the session's 10 s.
      await allFlow('first');
    }, 1));

  for (const protocol of ['classic', 'consumer']) {
    it(`asks for a group of its own where a Java consumer of the ${protocol} protocol has the group`, async function () {
      if (protocol === 'consumer' && Number(await cluster.version()) < 4) this.skip();
      const group = `group-${topic}`;
      await sendForeign(topic, Buffer.from('some text'));
      const jars = fetchJars({ cacheDir: join(root, '.cache', 'kafka'), say: () => {} });
      const java = spawn('java', [
        ...['-Xmx128m', '-cp', join(jars, '*'), 'org.apache.kafka.tools.consumer.ConsoleConsumer'],
        ...['--bootstrap-server', brokers, '--topic', topic, '--group', group, '--from-beginning'],
        ...['--consumer-property', `group.protocol=${protocol}`],
      ]);
      members.push(java);
      const read = new Promise<void>((resolve) => {
        java.stdout.on('data', (text: Buffer) => text.includes('some text') && resolve());
      });
      await read;
      const { consumer, outages } = openConsumer({ topic, group });
      await outages.reached(1);
      await consumer.close();
      assert.match(outages.items[0]?.error.message ?? '', new RegExp(`^Consumer group "${group}" .* of its own\\.$`));
    });
  }

  it('says of a member that gets no partition that it has none and who has it, and when it gets one', async () => {
    const topic = uniqueTopic();
    await sendFrames(topic, 3);
    const through = new KafkaCluster({ brokers, clientId: 'living room' });
    const first = openConsumer({ topic }, { through });
    await first.frames.reached(3);
    const second = openConsumer({ topic }, { through });
    await eventually('a member is left without a partition', () =>
      [first, second].some(({ consumer }) => consumer.state === 'unassigned'),
    );
    const [reading, idle] = first.consumer.state === 'unassigned' ? [second, first] : [first, second];
    const [owner, ...others] = idle.owners;
    assert.deepEqual(others, []);
    assert.equal(owner?.clientId, 'living room');
    assert.match(owner?.host ?? '', /^[\w.:-]+$/);
    assert.deepEqual(owner?.partitions, [{ topic, partition: 0 }]);
    await reading.consumer.close();
    await eventually('it gets the partition', () => idle.consumer.state === 'connected');
    await idle.consumer.close();
  });

  it('says anew to a member without partition who has it, when that is somebody else', async () => {
    const topic = uniqueTopic();
    await sendFrames(topic, 1);
    const members = ['kitchen', 'garage', 'garden'].map((clientId) => ({
      clientId,
      ...openConsumer({ topic }, { through: new KafkaCluster({ brokers, clientId }) }),
    }));
    const stateOf = ({ consumer }: (typeof members)[number]) => consumer.state;
    const ownersTold = () => members.map(({ owners }) => owners.at(-1)?.clientId);
    await eventually('one has the partition, the others know which', () => {
      const owner = members.find((member) => stateOf(member) === 'connected')?.clientId;
      const others = members.filter((member) => stateOf(member) === 'unassigned');
      return others.length === 2 && others.every(({ owners }) => owners.at(-1)?.clientId === owner);
    });
    const first = members.find((member) => stateOf(member) === 'connected');
    await first?.consumer.close();
    await eventually('the last one knows the second', () => {
      const second = members.find((member) => stateOf(member) === 'connected')?.clientId;
      const idle = members.find((member) => stateOf(member) === 'unassigned');
      return second !== undefined && idle?.owners.at(-1)?.clientId === second;
    }).catch((error) => assert.fail(`${error.message}: ${ownersTold()}`));
    await Promise.all(members.map(({ consumer }) => consumer.close()));
  });

  it('does not have the broker keep a member that joins waiting for longer than for any other answer', async () => {
    const topic = uniqueTopic();
    await sendFrames(topic, 1);
    const timeouts: number[] = [];
    const through = tappedCluster((number, data) => {
      if (number === joinGroup) timeouts.push(rebalanceTimeoutOf(data));
    });
    const { consumer, frames } = openConsumer({ topic }, { through });
    await frames.reached(1);
    await consumer.close();
    // What kafkajs adds for the way, and the request timeout of all others.
    for (const timeout of timeouts) assert.ok(timeout + 5000 <= 15_000, `${timeout}`);
    assert.notEqual(timeouts.length, 0);
  });
});

const joinGroup = 11;

/** Of a JoinGroup request: behind the size, the header with the client id, the group and its session timeout. */
function rebalanceTimeoutOf(request: Buffer): number {
  const behindText = (at: number) => at + 2 + request.readInt16BE(at);
  return request.readInt32BE(behindText(behindText(12)) + 4);
}
