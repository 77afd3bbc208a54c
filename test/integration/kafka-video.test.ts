import assert from 'node:assert/strict';
import type { EncodedFrame } from '../../lib/frame/frame';
import type { Delivery } from '../../lib/kafka/produce/frame-producer';
import { makeClip, packetsOf } from '../support/packets';
import { closedAfterEach, createTopic, Forwarder, uniqueTopic } from './kafka-support';

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
