import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareUserDir } from '../../demo/user-dir';
import type { Frame } from '../../lib/frame/frame';
import { dashboard, display, probes } from '../support/dashboard-flow';
import { node } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { makeClip, packetsOf } from '../support/packets';
import { eventually } from '../support/processes';
import { brokers, committed, openProducer, sendFrames, uniqueTopic } from './kafka-support';

const frames = 400; // 16 s at 25 frames/s
const commitInterval = 1000;

describe('Node-RED killed in the middle of playing', function () {
  this.timeout(120_000);
  let userDir: string;
  let red: NodeRed;

  beforeEach(() => {
    userDir = mkdtempSync(join(tmpdir(), 'kafka-video-restart-'));
    prepareUserDir(userDir);
  });
  afterEach(async () => {
    await red?.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  it('goes on with the first frame that was not finished at the last commit', async () => {
    const topic = uniqueTopic();
    await sendFrames(topic, frames);
    const flows = [
      ...dashboard(),
      node('in', 'kafka-frame-in', [['display'], []], 'tab', {
        ...{ broker: 'broker', topic, group: topic, from: 'resume', commit: 'auto', commitInterval },
        ...{ maxFrames: 30, maxMegabytes: 64 },
      }),
      display({ passthru: true }),
      ...probes(),
      { id: 'broker', type: 'kafka-frame-broker', brokers, clientId: 'test', saslMechanism: 'none' },
    ];
    const shown = () => red.seen('shown').map(({ msg }) => (msg.frame as { seq: number }).seq);

    red = await startNodeRed({ flows, userDir });
    await red.until('shown', (seen) => seen.length > 0, 30_000);
    const commits = new Set<number>();
    await eventually(
      'it commits again and again',
      async () => commits.add(await committed(topic, topic)).size >= 4,
      30_000,
    );
    const exit = once(red.process, 'exit');
    red.process.kill('SIGKILL');
    await exit;
    const before = shown();
    assert.deepEqual(
      before,
      before.map((_, seq) => seq),
    );
    const place = await committed(topic, topic);
    assert.ok(place > 0 && place <= before.length + 1, `${place} of ${before.length}`);

    red = await startNodeRed({ flows, userDir });
    await red.until('shown', (seen) => seen.length === frames - place, 60_000);
    const after = shown();
    assert.deepEqual(
      after,
      after.map((_, index) => place + index),
    );
  });

  it('goes on with compressed video from the key frame before it, which is not to be seen again', async () => {
    const topic = uniqueTopic();
    const gop = 25;
    const packets = await packetsOf(await makeClip({ frames: 200, gop }));
    const { producer } = openProducer({ createTopic: {} });
    await Promise.all(packets.map((packet) => producer.send(topic, 'cam', packet, { tracked: true })));
    await producer.close();
    // One after the other, as on a display.
    const show = 'setTimeout(() => { node.send(msg); node.done(); }, 20);';
    const flows = [
      { id: 'tab', type: 'tab' },
      node('in', 'kafka-frame-in', [['show'], []], 'tab', {
        ...{ broker: 'broker', topic, group: topic, from: 'resume', commit: 'auto', commitInterval: 100 },
        ...{ maxFrames: 1, maxMegabytes: 64 },
      }),
      node('show', 'function', [['shown']], 'tab', { func: show, outputs: 1 }),
      node('shown', 'test-probe', []),
      { id: 'broker', type: 'kafka-frame-broker', brokers, clientId: 'test', saslMechanism: 'none' },
    ];
    const shown = () =>
      red.seen('shown').map(({ msg }) => {
        const { seq, preroll } = msg.frame as Frame;
        return `${preroll ? 'preroll ' : ''}${seq}`;
      });
    const all = [...packets.keys()];

    red = await startNodeRed({ flows, userDir });
    const isMidway = async () => {
      const place = await committed(topic, topic);
      return place > gop && place % gop > 5;
    };
    await eventually('it has committed a place in the middle of a group of pictures', isMidway, 30_000);
    const exit = once(red.process, 'exit');
    red.process.kill('SIGKILL');
    await exit;
    const before = shown();
    const place = await committed(topic, topic);
    assert.deepEqual(before, all.slice(0, before.length).map(String));
    assert.ok(place <= before.length + 1 && place < packets.length, `${place} of ${before.length}`);

    red = await startNodeRed({ flows, userDir });
    const key = place - (place % gop);
    await red.until('shown', (seen) => seen.length === packets.length - key, 60_000);
    const again = [...all.slice(key, place).map((seq) => `preroll ${seq}`), ...all.slice(place).map(String)];
    assert.deepEqual(shown(), again);
  });
});
