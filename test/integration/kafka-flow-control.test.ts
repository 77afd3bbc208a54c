import assert from 'node:assert/strict';
import { eventually } from '../support/processes';
import {
  closedAfterEach,
  cluster,
  committed,
  createTopic,
  heartbeat,
  type Received,
  readBeside,
  sendForeign,
  sendFrames,
  tappedCluster,
  testImage,
  uniqueTopic,
} from './kafka-support';

const seqsOf = (frames: Received[]) => frames.map((each) => each.frame.seq);
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

describe('FrameConsumer and its window', () => {
  let topic: string;
  const { consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
  });

  it('hands out no more than it may, and every frame once', async () => {
    await sendFrames(topic, 50);
    const { consumer, frames } = consuming({ topic, maxFrames: 3 }, { finishing: false });
    await frames.reached(3);
    await readBeside(topic, 50);
    assert.equal(frames.items.length, 3);
    for (let finished = 0; finished < 50; finished += 1) {
      await frames.reached(finished + 1);
      assert.ok(consumer.totals.unfinished <= 3);
      frames.items[finished]?.finish();
    }
    assert.deepEqual(seqsOf(frames.items), range(0, 50));
  });

  it('holds bytes as well as frames', async () => {
    await sendFrames(topic, 5);
    const { length } = await testImage();
    const { frames } = consuming({ topic, maxBytes: length * 2 }, { finishing: false });
    await frames.reached(2);
    await readBeside(topic, 5);
    assert.equal(frames.items.length, 2);
  });

  it('stays a member of its group while it is held, however long', async function () {
    this.timeout(40_000);
    await sendFrames(topic, 5);
    let heartbeats = 0;
    const through = tappedCluster((request) => {
      if (request === heartbeat) heartbeats += 1;
    });
    const { frames, outages } = consuming({ topic, maxFrames: 1 }, { finishing: false, through });
    await frames.reached(1);
    // The broker takes each as a reason to keep it for another session, however long it has been held.
    const before = heartbeats;
    await eventually('heartbeats go on', () => heartbeats >= before + 3, 15_000);
    const { members } = (await cluster.withAdmin((admin) => admin.describeGroups([`group-${topic}`]))).groups[0] ?? {};
    assert.equal(members?.length, 1);
    for (let index = 0; index < 5; index += 1) {
      await frames.reached(index + 1);
      frames.items[index]?.finish();
    }
    assert.deepEqual(seqsOf(frames.items), range(0, 5));
    assert.equal(outages.items.length, 0);
  });

  it('commits finished frames only, so that a restart goes on with the first unfinished one', async () => {
    await sendFrames(topic, 10);
    const first = consuming({ topic }, { finishing: false });
    await first.frames.reached(10);
    for (const seq of [0, 1, 2, 4, 5]) first.frames.items[seq]?.finish();
    await first.consumer.close();
    assert.equal(await committed(topic), 3);

    const second = consuming({ topic });
    await second.frames.reached(7);
    assert.deepEqual(seqsOf(second.frames.items), range(3, 10));
  });

  it('commits in intervals', async () => {
    await sendFrames(topic, 10);
    const { frames } = consuming({ topic, commitInterval: 100 });
    await frames.reached(10);
    await eventually('all is committed', async () => (await committed(topic)) === 10);
  });

  it('begins at the end', async () => {
    await sendFrames(topic, 3);
    const { frames, states } = consuming({ topic, from: 'end' });
    await states.reached(1);
    assert.deepEqual(states.items, ['connected']);
    await sendFrames(topic, 2, 3);
    await frames.reached(2);
    assert.deepEqual(seqsOf(frames.items), [3, 4]);
  });

  it('begins at the beginning whatever is committed', async () => {
    await sendFrames(topic, 3);
    const first = consuming({ topic });
    await first.frames.reached(3);
    await first.consumer.close();
    const second = consuming({ topic, from: 'beginning' });
    await second.frames.reached(3);
    assert.deepEqual(seqsOf(second.frames.items), [0, 1, 2]);
  });

  it('begins at a time', async () => {
    const time = Date.now();
    await sendFrames(topic, 3, 0, { time: time - 1 });
    await sendFrames(topic, 2, 3, { time });
    const { frames } = consuming({ topic, from: { time } });
    await frames.reached(2);
    assert.deepEqual(seqsOf(frames.items), [3, 4]);
  });

  it('pauses and resumes with the very next frame', async () => {
    await sendFrames(topic, 5);
    const { consumer, frames } = consuming({ topic });
    await frames.reached(5);
    consumer.pause();
    await sendFrames(topic, 5, 5);
    await readBeside(topic, 10);
    assert.equal(frames.items.length, 5);
    consumer.resume();
    await frames.reached(10);
    assert.deepEqual(seqsOf(frames.items), range(0, 10));
  });

  it('seeks to an offset, the beginning, the end and a time', async () => {
    const time = Date.now();
    await sendFrames(topic, 5, 0, { time: time - 1 });
    await sendFrames(topic, 5, 5, { time });
    const { consumer, frames } = consuming({ topic });
    await frames.reached(10);
    await consumer.seek({ offset: 8n });
    await frames.reached(12);
    await consumer.seek('beginning');
    await frames.reached(22);
    await consumer.seek({ time });
    await frames.reached(27);
    await consumer.seek('end');
    await sendFrames(topic, 1, 10);
    await frames.reached(28);
    assert.deepEqual(seqsOf(frames.items), [...range(0, 10), 8, 9, ...range(0, 10), ...range(5, 10), 10]);
  });

  it('seeks while it is held', async () => {
    await sendFrames(topic, 10);
    const { consumer, frames } = consuming({ topic, maxFrames: 2 }, { finishing: false });
    await frames.reached(2);
    await consumer.seek({ offset: 7n });
    frames.items[0]?.finish();
    await frames.reached(3);
    assert.deepEqual(seqsOf(frames.items), [0, 1, 7]);
  });

  it('does not let frames handed out before a seek count for commits after it', async () => {
    await sendFrames(topic, 10);
    const { consumer, frames } = consuming({ topic, maxFrames: 5 }, { finishing: false });
    await frames.reached(5);
    await consumer.seek({ offset: 2n });
    for (const each of frames.items.slice(0, 5)) each.finish();
    await frames.reached(6);
    await consumer.close();
    assert.equal(await committed(topic), 2);
  });

  it('keeps a frame without keeping the fetch it came with', async () => {
    await sendFrames(topic, 20);
    const { frames } = consuming({ topic });
    await frames.reached(20);
    const { data } = frames.items[0] as Received;
    assert.ok(data.buffer.byteLength <= Math.max(data.length, 8192));
  });

  it('reads several partitions, all of them and each in order', async () => {
    await createTopic(topic, 4);
    const streams = ['a', 'b', 'c', 'd', 'e', 'f'];
    for (const stream of streams) await sendFrames(topic, 10, 0, { stream });
    const { frames } = consuming({ topic, maxFrames: 4 });
    await frames.reached(60);
    for (const stream of streams) {
      assert.deepEqual(seqsOf(frames.items.filter((each) => each.frame.stream === stream)), range(0, 10));
    }
  });

  it('shares partitions with another member, repeating nothing that is in the flow', async function () {
    this.timeout(40_000);
    await createTopic(topic, 2);
    const first = consuming({ topic }, { finishing: false });
    await first.states.reached(1);
    const streams = ['a', 'b', 'c', 'd'];
    for (const stream of streams) await sendFrames(topic, 3, 0, { stream });
    await first.frames.reached(12);
    for (const each of first.frames.items) each.finish();
    const second = consuming({ topic });
    await second.states.reached(1);
    for (const stream of streams) await sendFrames(topic, 1, 3, { stream });
    const read = () =>
      [...first.frames.items, ...second.frames.items].map(({ frame }) => `${frame.stream}/${frame.seq}`);
    // The last of each stream: whatever is repeated comes before it.
    await eventually('both have read', () => streams.every((stream) => read().includes(`${stream}/3`)), 20_000);
    assert.deepEqual(
      read().sort(),
      streams.flatMap((stream) => range(0, 4).map((seq) => `${stream}/${seq}`)),
    );
    assert.ok(first.frames.items.length > 12 && second.frames.items.length > 0, 'each has a partition');
  });

  it('skips what is no image without letting it be read again', async () => {
    await createTopic(topic);
    await sendForeign(topic, Buffer.from('no image'));
    const first = consuming({ topic });
    await first.skipped.reached(1);
    await first.consumer.close();
    assert.equal(await committed(topic), 1);
  });
});
