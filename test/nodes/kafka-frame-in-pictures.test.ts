import assert from 'node:assert/strict';
import type { EncodedFrame, Frame } from '../../lib/frame/frame';
import { readImageHeader } from '../../lib/frame/image-header';
import { cluster, createTopic, openProducer, sendFrames, uniqueTopic } from '../integration/kafka-support';
import { runningFfmpegs } from '../support/media';
import { type ClipOptions, makeClip, packetsOf } from '../support/packets';
import { eventually } from '../support/processes';
import { brokerNode, helper, type Kept, keeper, loadFlow, type Message, placed, received } from './kafka-support';

const kept: Kept[] = [];
const keeping = keeper((each) => kept.push(each));

describe('kafka-frame-in with JPEG pictures', () => {
  let topic: string;

  before(() => helper.startServer());
  after(() => helper.stopServer());
  beforeEach(async () => {
    topic = uniqueTopic();
    kept.length = 0;
    await createTopic(topic);
  });
  afterEach(async () => {
    await helper.unload();
    assert.deepEqual(await runningFfmpegs(), []);
  });

  const source = (more: object = {}) =>
    placed({
      ...{ id: 'in', type: 'kafka-frame-in', broker: 'broker', topic, group: topic, from: 'beginning' },
      ...{ pictures: 'jpeg', commitInterval: 50, maxFrames: 30, maxMegabytes: 64, wires: [['frames'], ['events']] },
      ...more,
    });
  const frames = placed({ id: 'frames', type: 'helper' });
  const keepers = placed({ id: 'frames', type: 'keeper' });
  const events = placed({ id: 'events', type: 'helper' });
  const frameOf = ({ frame }: Message) => frame as Frame;

  /** The packets of a clip, the last one marked as such. */
  async function clip(options: ClipOptions): Promise<EncodedFrame[]> {
    const packets = await packetsOf(await makeClip(options));
    const last = packets.length - 1;
    return packets.map(({ frame, data }, seq) => ({ frame: seq < last ? frame : { ...frame, last: true }, data }));
  }

  async function send(packets: EncodedFrame[]): Promise<void> {
    const { producer } = openProducer({});
    await Promise.all(packets.map((packet) => producer.send(topic, 'clip', packet, { tracked: true })));
    await producer.close();
  }

  const shown = (packets: EncodedFrame[]) => packets.map(({ frame }) => frame).sort((a, b) => a.pts - b.pts);
  const committed = async () => {
    const [offsets] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId: topic, topics: [topic] }));
    return offsets?.partitions[0]?.offset;
  };

  it('sends each picture of compressed video as a JPEG, at its own time, to the last', async () => {
    const packets = await clip({ bFrames: 2 });
    await send(packets);
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    await got.reached(20);
    assert.deepEqual(
      got.items.map((msg) => [frameOf(msg).pts, frameOf(msg).seq, frameOf(msg).codec]),
      shown(packets).map(({ pts, seq }) => [pts, seq, 'jpeg']),
    );
    assert.ok(got.items.every(({ payload }) => readImageHeader(payload as Buffer)?.width === 64));
    assert.ok(got.items.every((msg) => (msg.kafka as { offset: string }).offset === String(frameOf(msg).seq)));
    assert.deepEqual(
      got.items.map((msg) => frameOf(msg).last),
      [...new Array(19).fill(undefined), true],
    );
    await eventually('all is committed', async () => (await committed()) === '20');
  });

  it('sends no more than the flow finishes, and commits only that, with room for one frame, too', async () => {
    const packets = await clip({ bFrames: 2, frames: 8, gop: 8 });
    await send(packets);
    await loadFlow([brokerNode(), source({ maxFrames: 1 }), keepers, events], [keeping]);
    const finished = new Set<number>();
    for (const { seq } of shown(packets)) {
      await eventually('another one is there', () => kept.length === finished.size + 1);
      const { msg, done } = kept.at(-1) as (typeof kept)[number];
      assert.equal(frameOf(msg).seq, seq);
      const oldest = packets.findIndex((_, each) => !finished.has(each));
      assert.ok(Number((await committed()) ?? 0) <= oldest);
      finished.add(seq);
      done();
    }
    await eventually('all is committed', async () => (await committed()) === '8');
  });

  it('begins in the middle of a group of pictures with the pictures that were asked for', async () => {
    const packets = await clip({ bFrames: 2 });
    await send(packets);
    await loadFlow([brokerNode(), source({ from: 'offset', fromOffset: 5 }), frames, events]);
    const got = received('frames');
    await got.reached(15);
    assert.deepEqual(
      got.items.map((msg) => frameOf(msg).seq),
      shown(packets.slice(5)).map(({ seq }) => seq),
    );
  });

  it('goes on after a restart with what was not finished, from within a group of pictures', async () => {
    const packets = await clip({ gop: 20 });
    await send(packets);
    await loadFlow([brokerNode(), source({ maxFrames: 3 }), keepers, events], [keeping]);
    for (let finished = 0; finished < 7; finished += 1) {
      await eventually('another one is there', () => kept.length > finished);
      kept[finished]?.done();
    }
    await eventually('these are committed', async () => (await committed()) === '7');
    await helper.unload();
    await loadFlow([brokerNode(), source({ from: 'resume' }), frames, events]);
    const got = received('frames');
    await got.reached(13);
    assert.deepEqual(
      got.items.map((msg) => frameOf(msg).seq),
      [7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    );
  });

  it('sends images as they are', async () => {
    await sendFrames(topic, 3);
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    await got.reached(3);
    assert.deepEqual(
      got.items.map((msg) => frameOf(msg).seq),
      [0, 1, 2],
    );
    await eventually('all is committed', async () => (await committed()) === '3');
  });

  it('warns of video that cannot be decoded, once, commits it, and goes on with what follows', async () => {
    const good = await clip({ codec: 'vp9' });
    const bad = good.map(({ frame, data }) => ({
      frame: { ...frame, session: 'bad' },
      data: Buffer.concat([data.subarray(0, 12), Buffer.alloc(200, 7)]),
    }));
    await send([...bad.slice(0, 5), ...good]);
    await loadFlow([brokerNode(), source(), frames, events]);
    const got = received('frames');
    const told = received('events');
    await got.reached(20);
    const errors = told.items.filter(({ event }) => event === 'error').map(({ payload }) => payload);
    assert.deepEqual(
      errors.map((error) => [(error as { code: string }).code, (error as { stream: string }).stream]),
      [['FFMPEG_FAILED', 'clip']],
    );
    await eventually('all is committed', async () => (await committed()) === '25');
  });

  it('leaves compressed video as it is unless told otherwise', async () => {
    const packets = await clip({});
    await send(packets);
    await loadFlow([brokerNode(), source({ pictures: undefined }), frames, events]);
    const got = received('frames');
    await got.reached(20);
    assert.ok(got.items.every(({ payload }, index) => packets[index]?.data.equals(payload as Buffer)));
  });
});
