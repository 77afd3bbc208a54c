import assert from 'node:assert/strict';
import type { Message } from 'kafkajs';
import type { EncodedFrame } from '../../lib/frame/frame';
import { toFrameMessage } from '../../lib/kafka/produce/frame-message';
import type { Delivery } from '../../lib/kafka/produce/frame-producer';
import { makeClip, packetsOf } from '../support/packets';
import { eventually } from '../support/processes';
import {
  closedAfterEach,
  cluster,
  committed,
  createTopic,
  deleteBefore,
  Forwarder,
  frame,
  type Received,
  setCommitted,
  tappedCluster,
  testImage,
  uniqueTopic,
} from './kafka-support';

/** Each frame's fate: its number where it was sent, else why not. */
async function fatesOf(sends: Promise<Delivery>[]): Promise<(number | string)[]> {
  const settled = await Promise.allSettled(sends);
  return settled.map((each) => (each.status === 'fulfilled' ? each.value.frame.seq : each.reason.code));
}

const missing = (count: number) => Array(count).fill('KEY_FRAME_MISSING');

describe('FrameProducer and compressed video', function () {
  this.timeout(60_000);
  let topic: string;
  /** Two groups of ten pictures; key frames are by far the largest. */
  let packets: EncodedFrame[];
  const { open, producing } = closedAfterEach();

  before(async () => {
    packets = await packetsOf(await makeClip({ frames: 20, gop: 10, bFrames: 2 }));
  });
  beforeEach(() => {
    topic = uniqueTopic();
  });

  it('sends nothing of a group whose key frame is too large, and goes on with the next one', async () => {
    const { producer } = producing({ createTopic: {}, maxRecordBytes: 1500, shrink: () => assert.fail() });
    const sends = packets.map((packet) => producer.send(topic, 'a', packet, { tracked: true }));
    const fates = await fatesOf(sends);
    assert.deepEqual(fates, ['RECORD_TOO_LARGE', ...missing(9), 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    assert.equal(producer.totals.undecodable, 9);
  });

  it('sends nothing of a group whose key frame the topic refuses, though they were sent together', async () => {
    await createTopic(topic, 1, { 'max.message.bytes': '1500' });
    const { producer } = producing({ linger: 100, shrink: () => assert.fail() });
    const fates = await fatesOf(packets.map((packet) => producer.send(topic, 'a', packet, { tracked: true })));
    assert.deepEqual(fates, ['RECORD_TOO_LARGE', ...missing(9), 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
  });

  it('drops what hangs on a frame that was lost on its way here, of that stream alone', async () => {
    const { producer } = producing({ createTopic: {} });
    const other = packets.map(({ frame, data }) => ({ data, frame: { ...frame, stream: 'other' } }));
    const sends = [...packets.filter((_, index) => index !== 4), ...other].map((packet) =>
      producer.send(topic, 'one key', packet, { tracked: true }),
    );
    const all = [...other.keys()];
    assert.deepEqual(await fatesOf(sends), [0, 1, 2, 3, ...missing(5), ...all.slice(10), ...all]);
  });

  it('drops what hangs on frames that found no room while Kafka was away', async () => {
    const forwarder = new Forwarder();
    await forwarder.reserve();
    open.push({ close: () => forwarder.cut() });
    const { producer } = producing({ createTopic: {}, maxUntrackedBytes: 6000 }, forwarder.cluster);
    const sends = packets.map((packet) => producer.send(topic, 'a', packet));
    const fates = fatesOf(sends);
    await forwarder.open();
    const [dropped = 0] = [(await fates).filter((fate) => fate === 'QUEUE_FULL').length];
    assert.ok(dropped > 0 && dropped < 10, `${dropped}`);
    const rest = [10, 11, 12, 13, 14, 15, 16, 17, 18, 19];
    assert.deepEqual(await fates, [...Array(dropped).fill('QUEUE_FULL'), ...missing(10 - dropped), ...rest]);
  });

  it('sends what comes first in the middle of a group: its key frame may be in the topic', async () => {
    const { producer } = producing({ createTopic: {} });
    const sends = packets.slice(5, 8).map((packet) => producer.send(topic, 'a', packet));
    assert.deepEqual(await fatesOf(sends), [5, 6, 7]);
  });
});

/** What is handed out, in short: the number, with a `p` where it is only to be decoded. */
const numbers = (frames: Received[]) => frames.map(({ frame }) => `${frame.preroll ? 'p' : ''}${frame.seq}`);
const range = (from: number, to: number, prefix = '') =>
  Array.from({ length: to - from }, (_, index) => `${prefix}${from + index}`);

describe('FrameConsumer and compressed video', function () {
  this.timeout(60_000);
  let topic: string;
  /** Two groups of ten pictures. */
  let packets: EncodedFrame[];
  const { producing, consuming } = closedAfterEach();

  /** Sends packets in one partition, in the order given. */
  async function send(...frames: EncodedFrame[]): Promise<void> {
    const { producer } = producing({ createTopic: {} });
    await Promise.all(frames.map((each) => producer.send(topic, 'one key', each, { tracked: true })));
  }

  /** Sends records as a producer would that looks at nothing. */
  async function sendRecords(...messages: Message[]): Promise<void> {
    const producer = cluster.client().producer();
    await producer.connect();
    await producer.send({ topic, messages });
    await producer.disconnect();
  }

  /** Counts the requests for records beside those that are read. */
  function watchLooks() {
    const look = {
      count: 0,
      cluster: tappedCluster((number, request) => {
        // Of a fetch, how long the broker may wait for records.
        const wait = number === 1 ? request.readInt32BE(18 + request.readInt16BE(12)) : undefined;
        if (wait === 1) look.count += 1;
      }),
    };
    return look;
  }

  const as = (more: Partial<EncodedFrame['frame']>, frames = packets) =>
    frames.map(({ frame, data }) => ({ data, frame: { ...frame, ...more } }));

  before(async () => {
    packets = await packetsOf(await makeClip({ frames: 20, gop: 10, bFrames: 2 }));
  });
  beforeEach(() => {
    topic = uniqueTopic();
  });

  it('is read as it was sent', async () => {
    await send(...packets);
    const { frames } = consuming({ topic });
    await frames.reached(20);
    assert.deepEqual(
      frames.items.map(({ frame: { profile, ...frame }, data }) => ({ frame, data })),
      packets,
    );
  });

  for (const [where, from] of [
    ['an offset', { offset: 15n }],
    ['a time', { time: 1_000_000 + 13 * 40 }],
  ] as const) {
    it(`begins with the key frame before ${where}, and says what is not to be seen`, async () => {
      await send(...packets);
      const { frames } = consuming({ topic, from });
      await frames.reached(10);
      assert.deepEqual(numbers(frames.items), [...range(10, 15, 'p'), ...range(15, 20)]);
    });
  }

  it('begins with the newest key frame at the end', async () => {
    await send(...packets.slice(0, 15));
    const { frames, states } = consuming({ topic, from: 'end' });
    await states.reached(1);
    await send(...packets.slice(15));
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(10, 15, 'p'), ...range(15, 20)]);
  });

  it('resumes with the key frame before what was committed, and commits nothing twice', async () => {
    await send(...packets);
    await setCommitted(topic, `group-${topic}`, 15);
    const { consumer, frames } = consuming({ topic, commitInterval: 50 }, { finishing: false });
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(10, 15, 'p'), ...range(15, 20)]);
    // Of those that are not to be seen it does not matter.
    for (const { finish, frame } of frames.items) if (![12, 16].includes(frame.seq)) finish();
    await eventually('what is finished is committed', async () => (await committed(topic)) === 16);
    await consumer.close();
    assert.equal(await committed(topic), 16);
  });

  it('finds each stream of a partition a key frame of its own, however far away', async () => {
    const [first, second] = [as({ stream: 'a' }), as({ stream: 'b' })];
    const rare = await packetsOf(await makeClip({ frames: 120, gop: 120 }), 'c');
    // c0 c1 ... c99 a0 b0 a1 b1 ... a9 b9, a10 ... a19 and the rest of c.
    const both = first.slice(0, 10).flatMap((each, index) => [each, second[index] as EncodedFrame]);
    await send(...rare.slice(0, 100), ...both, ...second.slice(10), ...rare.slice(100), ...first.slice(10));
    const { frames } = consuming({ topic, from: { offset: 105n } });
    await frames.reached(100 + 20 + 20 + 20);
    const of = (name: string) => numbers(frames.items.filter(({ frame }) => frame.stream === name));
    assert.deepEqual(of('a'), [...range(0, 3, 'p'), ...range(3, 20)]);
    assert.deepEqual(of('b'), [...range(0, 2, 'p'), ...range(2, 20)]);
    assert.deepEqual(of('c'), [...range(0, 100, 'p'), ...range(100, 120)]);
  });

  it('reads what came before once for all streams of a partition', async () => {
    const clip = await packetsOf(await makeClip({ frames: 40, gop: 30 }));
    const streams = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    await send(...clip.flatMap((packet) => streams.flatMap((stream) => as({ stream }, [packet]))));
    const look = watchLooks();
    const { frames } = consuming({ topic, from: { offset: 8n * 28n } }, { through: look.cluster });
    await frames.reached(streams.length * 40);
    for (const stream of streams) {
      const own = frames.items.filter(({ frame }) => frame.stream === stream);
      assert.deepEqual(numbers(own), [...range(0, 28, 'p'), ...range(28, 40)]);
    }
    // 32, 64 and 128 records.
    assert.equal(look.count, 3);
  });

  it('begins with the next key frame where the one before was deleted, and counts what it leaves out', async () => {
    await send(...packets);
    await deleteBefore(topic, 4);
    const { consumer, frames, undecodable } = consuming({ topic });
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), range(10, 20));
    assert.deepEqual(
      undecodable.items.map(({ offset }) => offset),
      range(4, 10),
    );
    assert.equal(consumer.totals.undecodable, 6);
  });

  it('leaves out what hangs on a frame that is missing, and what comes twice', async () => {
    const [head, tail] = [packets.slice(0, 4), packets.slice(5, 15)];
    await send(...head, ...head.slice(2), packets[4] as EncodedFrame, ...tail);
    await sendRecords(toFrameMessage('one key', packets[16] as EncodedFrame));
    await send(...as({ session: 'second' }));
    const { frames, undecodable } = consuming({ topic });
    await frames.reached(15 + 20);
    assert.deepEqual(numbers(frames.items), [...range(0, 15), ...range(0, 20)]);
    assert.deepEqual(
      undecodable.items.map(({ offset }) => offset),
      ['17'],
    );
    // What came twice is not decoded twice on the way there either.
    const later = consuming({ topic, from: { offset: 8n }, group: `later-${topic}` });
    await later.frames.reached(8);
    assert.deepEqual(numbers(later.frames.items).slice(0, 8), [...range(0, 6, 'p'), '6', '7']);
  });

  it('is read beside images of the same stream, and changes to them and back', async () => {
    const image = await testImage();
    const jpegs = (session: string) =>
      [0, 1, 2]
        .map((seq) => frame(image, seq, 'clip'))
        .map(({ frame }) => {
          return { data: image, frame: { ...frame, session } };
        });
    const other = await packetsOf(await makeClip({ codec: 'vp8', frames: 6, gop: 3 }));
    await send(...jpegs('a'), ...as({ session: 'b' }, packets.slice(0, 5)), ...jpegs('c'));
    await send(...as({ session: 'd' }, other));
    // Of a session that changes its codec, in the middle of a group of pictures.
    await send(...as({ session: 'd', seq: 6 }, packets.slice(12, 14)));
    await send(...as({ session: 'd', seq: 7 }, packets.slice(10, 11)));
    const { frames, undecodable } = consuming({ topic, from: { offset: 6n } });
    await frames.reached(15);
    assert.deepEqual(
      frames.items.map(({ frame }) => `${frame.codec} ${frame.session}${frame.preroll ? 'p' : ''}${frame.seq}`),
      [
        ...[...range(0, 3, 'h264 bp'), ...range(3, 5, 'h264 b'), ...range(0, 3, 'jpeg c')],
        ...[...range(0, 6, 'vp8 d'), 'h264 d7'],
      ],
    );
    assert.equal(undecodable.items.length, 2);
  });

  it('comes again from its key frame on where a frame was abandoned', async () => {
    await send(...packets);
    const { frames } = consuming({ topic, from: { offset: 5n } }, { finishing: false });
    await frames.reached(20);
    for (const { frame, finish } of frames.items.splice(0)) finish(frame.seq === 14 ? 'abandoned' : 'done');
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(10, 14, 'p'), ...range(14, 20)]);
    // One that came only for the sake of 14, and is no place to go on.
    for (const { frame, finish } of frames.items.splice(0)) finish(frame.seq === 12 ? 'abandoned' : 'done');
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(10, 14, 'p'), ...range(14, 20)]);
  });

  it('that was deleted while it was held goes on with its next key frame, also where nobody numbers it', async () => {
    await createTopic(topic);
    const records = packets.map(({ data: value }) => ({ key: 'a', value, headers: { 'content-type': 'video/h264' } }));
    await sendRecords(...records.slice(0, 5));
    const { consumer, frames, undecodable, deleted } = consuming({ topic });
    await frames.reached(5);
    consumer.pause();
    await sendRecords(...records.slice(5, 6));
    await eventually('the next one is fetched', () => consumer.totals.lag === 1);
    await sendRecords(...records.slice(6));
    await deleteBefore(topic, 7);
    consumer.resume();
    await frames.reached(16);
    assert.deepEqual(numbers(frames.items), [...range(0, 6), ...range(10, 20)]);
    assert.deepEqual(deleted.items, [{ topic, partition: 0, first: 6n, end: 7n }]);
    assert.deepEqual(
      undecodable.items.map(({ offset }) => offset),
      ['7', '8', '9'],
    );
  });

  it('comes from its key frame on to a member of the group that takes over, and goes on where it was otherwise', async () => {
    await createTopic(topic, 2);
    // Numbered 0 to 19 in both.
    const records = (from: number, to: number) =>
      [0, 1].flatMap((partition) =>
        packets.slice(from, to).map((packet) => ({ ...toFrameMessage(`${partition}`, packet), partition })),
      );
    await sendRecords(...records(0, 15));
    const first = consuming({ topic, commitInterval: 50 });
    await first.frames.reached(30);
    const second = consuming({ topic });
    await second.states.reached(1);
    await sendRecords(...records(15, 20));
    await first.frames.reached(35);
    await second.frames.reached(10);
    assert.deepEqual(numbers(first.frames.items.slice(30)), range(15, 20));
    assert.deepEqual(numbers(second.frames.items), [...range(10, 15, 'p'), ...range(15, 20)]);
  });

  it('begins anew where its group is rebalanced while it begins', async () => {
    await send(...packets);
    const from = { offset: 15n };
    const first = consuming({ topic, from, maxFrames: 1 }, { finishing: false });
    await first.frames.reached(1);
    const second = consuming({ topic, from });
    await second.states.reached(1);
    const frames = first.frames.items;
    for (let count = 2; numbers(frames).at(-1) !== '19'; count += 1) {
      frames.at(-1)?.finish();
      await first.frames.reached(count);
    }
    assert.deepEqual(numbers(frames).slice(-10), [...range(10, 15, 'p'), ...range(15, 20)]);
    assert.equal(first.undecodable.items.length, 0);
    assert.ok(frames.length > 10);
  });

  /** Of a camera, a minute ago by its clock. */
  const old = () => as({ live: true, time: Date.now() - 60_000 });

  it('is caught up with at its newest key frame, and seen from the newest frame on', async () => {
    await send(...old().slice(0, 18));
    const look = watchLooks();
    const { frames, jumps } = consuming({ topic, maxDelay: 5000 }, { through: look.cluster });
    await frames.reached(8);
    assert.deepEqual(numbers(frames.items), [...range(10, 17, 'p'), '17']);
    assert.deepEqual(
      jumps.items.map(({ passed }) => passed),
      [10],
    );
    // For the newest record, and for the key frame.
    assert.equal(look.count, 2);
    await send(...old().slice(18));
    await frames.reached(10);
    // They came just now, whatever the camera's clock says.
    assert.deepEqual(numbers(frames.items).slice(8), ['18', '19']);
  });

  it('is caught up with by decoding what is too old to be seen, where there is no newer key frame', async () => {
    await send(...old().slice(0, 10));
    const { frames, jumps } = consuming({ topic, maxDelay: 5000 });
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(0, 9, 'p'), '9']);
    assert.deepEqual(jumps.items, []);
  });

  it('of a producer that says nothing but its content type begins with a key frame, too', async () => {
    await createTopic(topic);
    const headers = { 'content-type': 'video/h264' };
    await sendRecords(...packets.map(({ data: value }) => ({ key: 'door', value, headers })));
    const { frames } = consuming({ topic, from: { offset: 15n } });
    await frames.reached(10);
    assert.deepEqual(numbers(frames.items), [...range(10, 15, 'p'), ...range(15, 20)]);
    assert.ok(frames.items.every(({ frame }) => frame.width === 64 && frame.height === 36));
    const times = frames.items.map(({ frame }) => frame.pts);
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
    assert.equal(frames.items[5]?.frame.pts, 0);
  });
});
