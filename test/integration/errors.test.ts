import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../../demo/broker';
import { freePort } from '../../demo/ports';
import { root } from '../../demo/user-dir';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { type FlowNode, mediaDir, node, uniqueTopic } from '../support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';
import { createTopic } from '../support/topic';

const clip = join(mediaDir, 'vp8.webm'); // 24 frames
const messageOf = ({ msg }: Seen) => (msg.error as { message: string }).message;
const sourceOf = ({ msg }: Seen) => (msg.error as { source: { id: string } }).source.id;

/** inject -> video-source -> kafka-frame-out, and kafka-frame-in, with everything caught. */
function pipeline(brokers: string, topic: string): FlowNode[] {
  return [
    { id: 'tab', type: 'tab' },
    node('play', 'inject', [['source']], 'tab', { props: [{ p: 'payload' }], payload: clip, payloadType: 'str' }),
    node('source', 'video-source', [['out'], []], 'tab', {
      source: 'payload',
      sourceType: 'msg',
      quality: 90,
      maxFrames: 30,
      maxMegabytes: 64,
    }),
    node('out', 'kafka-frame-out', [['reports']], 'tab', {
      broker: 'broker',
      topic,
      topicType: 'str',
      acks: '1',
      compression: 'none',
      maxRecordBytes: 1000000,
      oversize: 'shrink',
      linger: 0,
      createTopic: false,
      partitions: 1,
      replication: 1,
    }),
    node('in', 'kafka-frame-in', [['frames'], []], 'tab', {
      broker: 'broker',
      topic,
      group: topic,
      from: 'resume',
      commitInterval: 5000,
      maxFrames: 30,
      maxMegabytes: 64,
    }),
    node('reports', 'test-probe', []),
    node('frames', 'test-probe', []),
    node('catch', 'catch', [['errors']], 'tab', { scope: null }),
    node('errors', 'test-probe', []),
    { id: 'broker', type: 'kafka-frame-broker', brokers, clientId: 'test', saslMechanism: 'none' },
  ];
}

describe('a source that cannot be played', () => {
  let red: NodeRed;
  let folder: string;
  const bad: Record<string, { path: () => string; message: RegExp }> = {
    'a missing file': { path: () => join(folder, 'missing.mp4'), message: /missing\.mp4/ },
    'a directory': { path: () => join(folder, 'directory'), message: /directory/ },
    'a text file': { path: () => join(folder, 'notes.txt'), message: /notes\.txt/ },
    'a sound file': { path: () => join(folder, 'sound.wav'), message: /sound\.wav/ },
    'no source at all': { path: () => '', message: /source/i },
  };

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kafka-video-bad-'));
    mkdirSync(join(folder, 'directory'));
    writeFileSync(join(folder, 'notes.txt'), 'This is no video.\n');
    const { ffmpeg } = await findFfmpeg();
    execFileSync(ffmpeg, ['-loglevel', 'error', '-f', 'lavfi', '-i', 'sine=duration=1', join(folder, 'sound.wav')]);
    const inject = (id: string, payload: string) =>
      node(id, 'inject', [['source']], 'tab', { props: [{ p: 'payload' }], payload, payloadType: 'str' });
    red = await startNodeRed({
      flows: [
        { id: 'tab', type: 'tab' },
        ...Object.entries(bad).map(([name, { path }]) => inject(name, path())),
        inject('clip', clip),
        node('source', 'video-source', [['frames'], []], 'tab', {
          source: 'payload',
          sourceType: 'msg',
          quality: 90,
          maxFrames: 30,
          maxMegabytes: 64,
        }),
        node('frames', 'test-probe', []),
        node('catch', 'catch', [['errors']], 'tab', { scope: null }),
        node('errors', 'test-probe', []),
      ],
    });
  });
  after(async () => {
    await red.stop();
    rmSync(folder, { recursive: true });
  });

  for (const [name, { message }] of Object.entries(bad)) {
    it(`is reported once when it is ${name}, and the next one plays`, async () => {
      const errors = red.seen('errors').length;
      const frames = red.seen('frames').length;
      await red.inject(name);
      const seen = await red.until('errors', (all) => all.length > errors);
      assert.match(messageOf(seen.at(-1) as Seen), message);
      assert.equal(sourceOf(seen.at(-1) as Seen), 'source');
      await red.inject('clip');
      await red.until('frames', (all) => all.length === frames + 24);
      assert.equal(red.seen('errors').length, errors + 1);
    });
  }
});

describe('a broker that cannot be reached', () => {
  it('is one error on each node, and frames flow when it comes up', async function () {
    this.timeout(120_000);
    const port = await freePort();
    const topic = uniqueTopic();
    const dataDir = mkdtempSync(join(tmpdir(), 'kafka-video-late-'));
    const flows = pipeline(`localhost:${port}`, topic);
    Object.assign(flows.find(({ id }) => id === 'out') as FlowNode, { createTopic: true });
    const red = await startNodeRed({ flows });
    let broker: Broker | undefined;
    try {
      await red.inject('play');
      await red.until('errors', (seen) => new Set(seen.map(sourceOf)).size === 2, 60_000);
      broker = await startBroker({ cacheDir: join(root, '.cache', 'kafka'), dataDir, port, say: () => {} });
      await red.until('frames', (seen) => seen.length >= 24, 60_000);
      assert.deepEqual(red.seen('errors').map(sourceOf).sort(), ['in', 'out']);
      for (const error of red.seen('errors')) assert.match(messageOf(error), new RegExp(`localhost:${port}`));
      assert.equal(red.seen('frames').length, 24);
    } finally {
      await red.stop();
      await broker?.stop();
      rmSync(dataDir, { recursive: true, force: true });
    }
  });
});

describe('a topic that does not exist, where nobody creates it', () => {
  it('is one error on each node, and frames flow when it exists', async function () {
    this.timeout(60_000);
    const brokers = process.env.KAFKA_BROKERS as string;
    const topic = uniqueTopic();
    const red = await startNodeRed({ flows: pipeline(brokers, topic) });
    try {
      await red.inject('play');
      await red.until('errors', (seen) => new Set(seen.map(sourceOf)).size === 2, 30_000);
      await createTopic(brokers, topic);
      await red.until('frames', (seen) => seen.length >= 24, 30_000);
      assert.deepEqual(red.seen('errors').map(sourceOf).sort(), ['in', 'out']);
      for (const error of red.seen('errors')) assert.match(messageOf(error), new RegExp(topic));
      assert.equal(red.seen('frames').length, 24);
    } finally {
      await red.stop();
    }
  });
});
