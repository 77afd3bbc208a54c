import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { addProbe, exampleFlowOn, type FlowNode, node, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';

const brokers = () => process.env.KAFKA_BROKERS as string;
const action = (id: string, name: string, to: string): FlowNode =>
  node(id, 'inject', [[to]], 'tab', { props: [{ p: 'action', v: name, vt: 'str' }] });
const sequence = (seen: Seen[]) => seen.map(({ msg }) => (msg.frame as { seq: number }).seq);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** A display without a page is a display all the same: its clock runs on the server. */
const display = (more: object) =>
  node('display', 'ui-frame-display', [['shown'], []], 'tab', {
    group: '',
    pacing: 'source',
    interval: 16,
    speed: 1,
    timeout: 20,
    passthru: true,
    ...more,
  });

describe('a paused display', () => {
  let red: NodeRed;
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kafka-video-hour-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  afterEach(() => red.stop());

  it('holds the decoder of an hour-long file in the same flow, and loses no frame', async function () {
    this.timeout(60_000);
    const hour = join(folder, 'hour.avi');
    const { ffmpeg } = await findFfmpeg();
    execFileSync(ffmpeg, [
      ...['-loglevel', 'error', '-f', 'lavfi', '-i', 'color=size=64x64:rate=25:duration=3600'],
      ...['-c:v', 'mpeg4', hour],
    ]);
    red = await startNodeRed({
      flows: [
        { id: 'tab', type: 'tab' },
        action('start', 'start', 'source'),
        action('pause', 'pause', 'display'),
        action('step', 'step', 'display'),
        node('source', 'video-source', [['sent', 'display'], []], 'tab', {
          source: hour,
          sourceType: 'str',
          quality: 90,
          maxFrames: 5,
          maxMegabytes: 64,
        }),
        node('sent', 'test-probe', []),
        display({}),
        node('shown', 'test-probe', []),
      ],
    });
    await red.inject('pause');
    const before = await red.ask<NodeJS.MemoryUsage>('memory');
    await red.inject('start');
    await red.until('sent', (seen) => seen.length >= 5);
    for (const step of upTo(10)) {
      await red.inject('step');
      await red.until('shown', (seen) => seen.length >= step + 1);
      await red.until('sent', (seen) => seen.length >= step + 6);
    }
    const after = await red.ask<NodeJS.MemoryUsage>('memory');
    assert.deepEqual(sequence(red.seen('shown')), upTo(10));
    assert.deepEqual(sequence(red.seen('sent')), upTo(15));
    assert.ok(after.arrayBuffers - before.arrayBuffers < 8e6, `${after.arrayBuffers - before.arrayBuffers} bytes more`);
  });

  it('holds the consumer at its window, and goes on with the very next frame', async function () {
    this.timeout(60_000);
    // The example shows a session that begins, also where the display is paused.
    const flows = exampleFlowOn(brokers(), uniqueTopic()).filter(({ name }) => name !== 'show this session');
    const consumer = nodeOf(flows, 'kafka-frame-in');
    consumer.maxFrames = 3;
    const shownBy = nodeOf(flows, 'ui-frame-display');
    shownBy.passthru = true;
    addProbe(flows, 'read', consumer);
    addProbe(flows, 'shown', shownBy);
    addProbe(flows, 'reports', nodeOf(flows, 'kafka-frame-out'));
    const tab = consumer.z as string;
    for (const name of ['pause', 'step', 'play']) flows.push({ ...action(name, name, shownBy.id), z: tab });
    red = await startNodeRed({ flows });
    await red.inject('pause');
    await red.inject(
      nodeOf(
        flows.filter(({ id }) => !['pause', 'step', 'play'].includes(id)),
        'inject',
      ).id,
    );
    await red.until('reports', (seen) => seen.length === 132);
    await red.until('read', (seen) => seen.length >= 3);
    await red.inject('step');
    await red.until('read', (seen) => seen.length >= 4);
    assert.deepEqual(sequence(red.seen('shown')), [0]);
    assert.deepEqual(sequence(red.seen('read')), upTo(4));
    await red.inject('play');
    await red.until('shown', (seen) => seen.length >= 132);
    assert.deepEqual(sequence(red.seen('shown')), upTo(132));
    assert.deepEqual(sequence(red.seen('read')), upTo(132));
  });
});
