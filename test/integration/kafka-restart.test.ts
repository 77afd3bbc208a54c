import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { prepareUserDir } from '../../demo/user-dir';
import { dashboard, display, probes } from '../support/dashboard-flow';
import { node } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { eventually } from '../support/processes';
import { brokers, cluster, sendFrames, uniqueTopic } from './kafka-support';

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

    const committedNow = async () => {
      const [offsets] = await cluster.withAdmin((admin) => admin.fetchOffsets({ groupId: topic, topics: [topic] }));
      return Number(offsets?.partitions[0]?.offset);
    };

    red = await startNodeRed({ flows, userDir });
    await red.until('shown', (seen) => seen.length > 0, 30_000);
    const commits = new Set<number>();
    await eventually('it commits again and again', async () => commits.add(await committedNow()).size >= 4, 30_000);
    const exit = once(red.process, 'exit');
    red.process.kill('SIGKILL');
    await exit;
    const before = shown();
    assert.deepEqual(
      before,
      before.map((_, seq) => seq),
    );
    const committed = await committedNow();
    assert.ok(committed > 0 && committed <= before.length + 1, `${committed} of ${before.length}`);

    red = await startNodeRed({ flows, userDir });
    await red.until('shown', (seen) => seen.length === frames - committed, 60_000);
    const after = shown();
    assert.deepEqual(
      after,
      after.map((_, index) => committed + index),
    );
  });
});
