import assert from 'node:assert/strict';
import { type CloudEventV1, Kafka } from 'cloudevents';
import sharp from 'sharp';
import { addProbe, exampleClip, exampleFlow, exampleFlowOn, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';
import { readRecords, type StoredRecord } from '../support/topic';

const frames = 132; // examples/bigbuckbunny.mp4, at 25 fps

describe('the example flow', () => {
  let red: NodeRed;
  let records: StoredRecord[];
  let shown: Seen[];

  // One run of the clip, looked at from several sides.
  before(async function () {
    this.timeout(90_000);
    const brokers = process.env.KAFKA_BROKERS as string;
    const topic = uniqueTopic();
    const flows = exampleFlowOn(brokers, topic);
    const display = nodeOf(flows, 'ui-frame-display');
    display.passthru = true;
    addProbe(flows, 'shown', display);
    addProbe(flows, 'reports', nodeOf(flows, 'kafka-frame-out'));
    addProbe(flows, 'errors', nodeOf(flows, 'catch'));
    red = await startNodeRed({ flows });
    await red.inject(nodeOf(flows, 'inject').id);
    shown = await red.until('shown', (seen) => seen.some(({ msg }) => (msg.frame as { last?: true }).last), 60_000);
    records = await readRecords(brokers, topic, frames);
  });
  after(() => red.stop());

  it('puts every frame into the topic once, in order, and marks the last', () => {
    assert.deepEqual(
      records.map(({ headers }) => Number(headers.ce_sequence)),
      Array.from({ length: frames }, (_, index) => index),
    );
    assert.deepEqual(
      records.filter(({ headers }) => headers.ce_last !== undefined).map(({ headers }) => headers.ce_sequence),
      [String(frames - 1)],
    );
  });

  it('stores each frame as one bare JPEG that a decoder reads', async () => {
    for (const { value } of records) {
      const { info } = await sharp(value).raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([info.width, info.height], [1280, 720]);
    }
  });

  it('keys each record with the path of the video', () => {
    assert.deepEqual([...new Set(records.map(({ key }) => key))], [exampleClip]);
  });

  it('writes headers that the cloudevents package reads', () => {
    for (const { key, value, headers } of records) {
      const event = Kafka.toEvent({ key: key as string, value, headers, body: value } as never) as CloudEventV1<Buffer>;
      assert.equal(event.type, 'video.frame');
      assert.equal(event.specversion, '1.0');
      assert.equal(event.datacontenttype, 'image/jpeg');
      assert.equal(event.source, exampleClip);
      assert.equal(Number(event.width), 1280);
      assert.equal(Number(event.height), 720);
    }
    assert.equal(new Set(records.map(({ headers }) => headers.ce_id)).size, frames);
  });

  it('reports the delivery of each frame', () => {
    const offsets = red.seen('reports').map(({ msg }) => (msg.payload as { offset: string }).offset);
    assert.deepEqual(
      offsets.map(Number),
      records.map(({ offset }) => offset),
    );
  });

  it('shows every frame once, in order', () => {
    assert.deepEqual(
      shown.map(({ msg }) => (msg.frame as { seq: number }).seq),
      Array.from({ length: frames }, (_, index) => index),
    );
  });

  it('plays no faster than it was recorded', () => {
    // From the first frame's time to the last frame's is one frame less than 132 / 25 fps. How much slower it is on a
    // busy machine says nothing (the playout's own tests say that it is not slower by itself), and the first frame may
    // have been seen late.
    const duration = (shown.at(-1)?.at ?? 0) - (shown[0]?.at ?? 0);
    assert.ok(duration >= 5240 * 0.9, `it took ${duration} ms`);
  });

  it('begins again at once when it is played again in the middle', async () => {
    const play = nodeOf(exampleFlow(), 'inject').id;
    const before = red.seen('shown').length;
    const seen = () => red.seen('shown').slice(before);
    const framesShown = () => seen().map(({ msg }) => msg.frame as { session: string; seq: number });
    await red.inject(play);
    await red.until('shown', (all) => all.length >= before + 20);
    await red.inject(play);
    const sessions = () => [...new Set(framesShown().map(({ session }) => session))];
    await red.until('shown', () => sessions().length === 2 && (framesShown().at(-1)?.seq ?? 0) >= 20);
    const [first, second] = sessions();
    const seqsOf = (name = '') => framesShown().flatMap(({ session, seq }) => (session === name ? [seq] : []));
    assert.ok(seqsOf(first).length < frames, 'the first one was shown to its end');
    assert.deepEqual(
      seqsOf(second),
      seqsOf(second).map((_, index) => index),
    );
  }).timeout(40_000);

  it('reports no error', () => {
    assert.deepEqual(red.seen('errors'), []);
  });
});
