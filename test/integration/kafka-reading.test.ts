import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { parseTopics } from '../../lib/kafka/consume/topic-selection';
import { eventually } from '../support/processes';
import {
  closedAfterEach,
  committed,
  createTopic,
  Forwarder,
  frame,
  noiseImage,
  type Received,
  sendFrames,
  testImage,
  uniqueTopic,
} from './kafka-support';

const seqsOf = (frames: Received[]) => frames.map((each) => each.frame.seq);

describe('FrameConsumer and what it reads', () => {
  let topic: string;
  const { open, producing, consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
  });
  it('reads several topics, and those that come later', async () => {
    const others = [uniqueTopic(), uniqueTopic()] as const;
    await sendFrames(topic, 3);
    await sendFrames(others[0], 3);
    const topics = parseTopics([topic, ...others].join());
    const { frames, outages } = consuming({ topic, topics, topicInterval: 300 });
    await frames.reached(6);
    assert.deepEqual(new Set(frames.items.map(({ info }) => info.topic)), new Set([topic, others[0]]));
    assert.equal(outages.items.length, 1);
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(`no topic "${others[1]}"`));
    await sendFrames(others[1], 3);
    await frames.reached(9);
    assert.equal(outages.items.length, 1);
  });

  it('reads what matches a pattern, new topics too, repeating nothing', async () => {
    const matching = [`${topic}-cam-1`, `${topic}-cam-2`] as const;
    await sendFrames(matching[0], 3);
    await sendFrames(`${topic}-other`, 3);
    const { frames } = consuming({ topic, topics: parseTopics(`/^${topic}-cam-\\d$/`), topicInterval: 300 });
    await frames.reached(3);
    await sendFrames(matching[1], 3);
    await frames.reached(6);
    await sendFrames(matching[0], 1, 3);
    await frames.reached(7);
    assert.deepEqual(seqsOf(frames.items), [0, 1, 2, 0, 1, 2, 3]);
  });

  it('begins at an offset', async () => {
    await sendFrames(topic, 5);
    const { frames } = consuming({ topic, from: { offset: 3n } });
    await frames.reached(2);
    assert.deepEqual(seqsOf(frames.items), [3, 4]);
  });

  it('fetches nothing of what there was before, where it begins at the end', async () => {
    const { producer } = producing({ createTopic: {} });
    const data = await noiseImage();
    for (let seq = 0; seq < 4; seq += 1) await producer.send(topic, 'a', frame(data, seq));
    let bytes = 0;
    const count = () => new PassThrough().on('data', (piece: Buffer) => (bytes += piece.length));
    const forwarder = new Forwarder({}, count);
    await forwarder.open();
    open.push({ close: () => forwarder.cut() });
    const { frames, states } = consuming({ topic, from: 'end' }, { through: forwarder.cluster });
    await states.reached(1);
    assert.deepEqual(states.items, ['connected']);
    await sendFrames(topic, 1, 4);
    await frames.reached(1);
    assert.deepEqual(seqsOf(frames.items), [4]);
    assert.ok(bytes < data.length, `${bytes} bytes came from the broker`);
  });

  it('commits in manual mode what it is told to, at once, and nothing else', async () => {
    await sendFrames(topic, 5);
    const { consumer, frames } = consuming({ topic, commit: 'manual', commitInterval: 50 });
    await frames.reached(5);
    // One that is in no such mode commits meanwhile.
    const group = `auto-${topic}`;
    consuming({ topic, group, commitInterval: 50 });
    await eventually('the other has committed', async () => (await committed(topic, group)) === 5);
    assert.equal(await committed(topic), -1);
    assert.equal(await consumer.commit({ topic, partition: 0, offset: 2n }), true);
    assert.equal(await committed(topic), 3);
    assert.equal(await consumer.commit({ topic, partition: 0, offset: 99n }), false);
    await consumer.close();
    const again = consuming({ topic, commit: 'manual' });
    await again.frames.reached(2);
    assert.deepEqual(seqsOf(again.frames.items), [3, 4]);
  });

  it('says of a commit that it failed while the broker is away, and of none that it succeeded that Kafka lacks', async () => {
    await sendFrames(topic, 5);
    const forwarder = new Forwarder();
    await forwarder.open();
    open.push({ close: () => forwarder.cut() });
    const { consumer, frames } = consuming({ topic, commit: 'manual' }, { through: forwarder.cluster });
    await frames.reached(5);
    const commit = (offset: bigint) => consumer.commit({ topic, partition: 0, offset });
    assert.equal(await commit(1n), true);
    await forwarder.cut();
    // On the way, kafkajs stops its consumer, and then commits nothing without a word.
    const told: boolean[] = [];
    do told.push(await commit(3n));
    while (consumer.state === 'connected');
    assert.deepEqual(new Set(told), new Set([false]));
    assert.equal(await committed(topic), 2);
  });

  it('reads abandoned frames again, and commits none of them before they are done', async () => {
    await sendFrames(topic, 6);
    const { consumer, frames } = consuming({ topic, commitInterval: 3_600_000 }, { finishing: false });
    await frames.reached(6);
    const [first, second, third, fourth] = frames.items;
    first?.finish();
    fourth?.finish();
    third?.finish('abandoned');
    second?.finish('abandoned');
    await frames.reached(11);
    assert.deepEqual(seqsOf(frames.items.slice(6)), [1, 2, 3, 4, 5]);
    for (const each of frames.items.slice(4, 6)) each.finish();
    frames.items[6]?.finish();
    await consumer.close();
    assert.equal(await committed(topic), 2);
  });

  it('does not go where a seek that failed would have led', async () => {
    await sendFrames(topic, 3);
    const forwarder = new Forwarder();
    await forwarder.open();
    open.push({ close: () => forwarder.cut() });
    const { consumer, frames } = consuming({ topic }, { through: forwarder.cluster });
    await frames.reached(3);
    await forwarder.cut();
    await assert.rejects(consumer.seek('beginning'), { code: 'BROKER_UNREACHABLE' });
    await forwarder.open();
    await sendFrames(topic, 1, 3);
    await frames.reached(4);
    assert.deepEqual(seqsOf(frames.items), [0, 1, 2, 3]);
  });

  it('jumps to the newest frame when it is further behind than it may be', async () => {
    const { producer } = producing({ createTopic: {} });
    const data = await testImage();
    const sendAt = (seq: number, time: number) => {
      const { frame: described } = frame(data, seq);
      return producer.send(topic, 'a', { data, frame: { ...described, time } });
    };
    for (let seq = 0; seq < 10; seq += 1) await sendAt(seq, Date.now() - 60_000);
    for (let seq = 10; seq < 13; seq += 1) await sendAt(seq, Date.now());
    const { frames, jumps } = consuming({ topic, keepUp: 5000 });
    await frames.reached(1);
    assert.deepEqual(seqsOf(frames.items), [12]);
    assert.equal(jumps.items[0]?.passed, 12);
    await sendAt(13, Date.now());
    await frames.reached(2);
    assert.deepEqual(seqsOf(frames.items), [12, 13]);
  });

  it('jumps to the newest frame of a live stream, and reads all of it where it is sent to the past', async () => {
    const { producer } = producing({ createTopic: {} });
    const data = await testImage();
    const send = (seq: number, more: { time: number; live?: true }) =>
      producer.send(topic, 'a', { data, frame: { ...frame(data, seq).frame, ...more } });
    for (let seq = 0; seq < 3; seq += 1) await send(seq, { time: Date.now() - 60_000 });
    for (let seq = 3; seq < 8; seq += 1) await send(seq, { time: Date.now() - 60_000, live: true });
    const { consumer, frames } = consuming({ topic, maxDelay: 2000 });
    await frames.reached(4);
    assert.deepEqual(seqsOf(frames.items), [0, 1, 2, 7]);
    await consumer.seek('beginning');
    await frames.reached(12);
    assert.deepEqual(seqsOf(frames.items).slice(4), [0, 1, 2, 3, 4, 5, 6, 7]);
    assert.deepEqual(
      frames.items.map(({ info }) => info.past === true),
      [false, false, false, false, true, true, true, true, true, true, true, true],
    );
    await send(8, { time: Date.now(), live: true });
    await frames.reached(13);
    assert.equal(frames.items[12]?.info.past, undefined);
  });

  it('tells how far it is behind, also while it is held', async function () {
    this.timeout(40_000);
    await sendFrames(topic, 10);
    const { consumer, frames } = consuming({ topic, maxFrames: 2 }, { finishing: false });
    await frames.reached(2);
    assert.equal(consumer.totals.lag, 8);
    await sendFrames(topic, 5, 10);
    await eventually('the lag is 13', () => consumer.totals.lag === 13, 20_000);
  });

  it('seeks to a time among 10,000 frames in under 500 ms, to the first frame at or after it', async function () {
    this.timeout(60_000);
    await createTopic(topic, 4);
    const { producer } = producing({ linger: 5 });
    const data = await testImage();
    const begin = Date.now() - 10_000_000;
    const described = (seq: number) => {
      const each = frame(data, seq, 'a');
      return { data, frame: { ...each.frame, time: begin + seq * 40 } };
    };
    const all = Array.from({ length: 10_000 }, (_, seq) => seq);
    await Promise.all(all.map((seq) => producer.send(topic, 'a', described(seq), { tracked: true })));
    const { consumer, frames } = consuming({ topic, maxFrames: 1 }, { finishing: false });
    await frames.reached(1);
    const took: number[] = [];
    for (const [index, seq] of [7000, 123, 9999, 5000].entries()) {
      const held = frames.items.at(-1);
      const began = performance.now();
      await consumer.seek({ time: begin + seq * 40 - 20 });
      held?.finish();
      await frames.reached(index + 2);
      took.push(performance.now() - began);
      assert.equal(frames.items.at(-1)?.frame.seq, seq);
    }
    // A busy machine may delay some; it is slow where all of them are.
    assert.ok(Math.min(...took) < 500, `they took ${took} ms`);
  });
});
