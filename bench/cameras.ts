import { fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Broker } from '../demo/broker';
import { findFfmpeg } from '../lib/ffmpeg/lookup';
import { openBrowser } from '../test/support/browser';
import { dashboard, display } from '../test/support/dashboard-flow';
import { type FlowNode, node } from '../test/support/flows';
import { temporaryPath } from '../test/support/media';
import { type NodeRed, startNodeRed } from '../test/support/node-red';
import { countRecords, createTopic } from '../test/support/topic';
import { processorSnapshot, processorTimeSince } from './processor-time';
import { writeReport } from './report';
import type { StreetMessage, StreetOptions } from './street';
import { withBroker } from './with-broker';

/*
 * `npm run bench -- cameras [number] [seconds]`: what many RTSP cameras of 720p cost whose video is sent as it is. One Node-RED
 * brings them to Kafka, another one from Kafka to a wall, which a browser shows. Everything runs on this machine.
 */

const fps = 25;
const topic = 'street';

/** Of a core, over the time that was measured. */
interface Load {
  mainThread: number;
  /** All threads of Node-RED. */
  nodeRed: number;
  /** Its ffmpegs. */
  ffmpeg: number;
  /** MB, at the end. */
  memory: number;
  /** Of all its ffmpegs. */
  ffmpegMemory: number;
  /** Event-loop delay, ms. */
  delayP99: number;
}

async function main(broker: Broker, cameras: number, seconds: number): Promise<void> {
  const { ffmpeg } = await findFfmpeg();
  const { brokers } = broker;
  await createTopic(brokers, topic, 4);
  const street = await openStreet({ ffmpeg, cameras, fps, clip: temporaryPath('street.mp4') });
  const [sender, reader, browser] = await Promise.all([startNodeRed(), startNodeRed(), openBrowser()]);
  try {
    await sender.deploy(sending(street.urls, brokers));
    await reader.deploy(watching(brokers));
    const page = await (await browser.newContext({ viewport: { width: 1600, height: 1200 } })).newPage();
    await page.addInitScript(countPainted);
    await page.goto(`${reader.url}/dashboard/page`);
    // Until all are there, and what starting left has been cleaned up.
    await page.waitForFunction((count) => Object.keys(window.paintedOf).length >= count, cameras, { timeout: 120_000 });
    await page.waitForTimeout(20_000);
    const before = await page.evaluate(() => ({ ...window.paintedOf }));
    const recordsBefore = await countRecords(brokers, topic);
    const began = Date.now();
    const kafka = processorSnapshot(broker.pid);
    const [toKafka, toWall] = await Promise.all([loadOf(sender, seconds), loadOf(reader, seconds)]);
    const passed = (Date.now() - began) / 1000;
    const records = (await countRecords(brokers, topic)) - recordsBefore;
    const painted = await page.evaluate((known) => {
      return Object.entries(window.paintedOf).map(([stream, count]) => count - (known[stream] ?? 0));
    }, before);
    const figures = {
      ...{ cameras, seconds, load: loadavg()[0] },
      framesPerSecondAndCamera: round(records / passed / cameras),
      paintedPerSecondAndCamera: round(painted.reduce((sum, count) => sum + count, 0) / passed / cameras),
      toKafka,
      toWall,
      broker: round((processorTimeSince(broker.pid, kafka)?.total ?? Number.NaN) / 1000 / passed),
    };
    const wall = join(tmpdir(), 'kafka-video-street.png');
    await page.screenshot({ path: wall });
    console.log(JSON.stringify(figures, null, 2), `\nThe wall is ${wall}`);
    writeReport('cameras', figures);
  } finally {
    await browser.close();
    await Promise.all([sender.stop(), reader.stop()]);
    await street.close();
  }
}

async function openStreet(options: StreetOptions) {
  const child = fork(join(__dirname, 'street.js'), [JSON.stringify(options)]);
  const [{ urls }] = (await once(child, 'message')) as [StreetMessage];
  return {
    urls,
    async close() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

const connection = (brokers: string) => ({
  ...{ id: 'kafka', type: 'kafka-frame-broker', name: 'Kafka', brokers, clientId: 'bench', saslMechanism: 'none' },
});

function sending(urls: string[], brokers: string): FlowNode[] {
  return [
    { id: 'tab', type: 'tab', label: 'street' },
    connection(brokers),
    ...urls.map((source, index) =>
      node(`source-${index}`, 'video-source', [['out'], []], 'tab', {
        ...{ source, sourceType: 'camera', stream: `camera ${index}`, pictures: 'source', autostart: true },
      }),
    ),
    node('out', 'kafka-frame-out', [[], []], 'tab', { broker: 'kafka', topic, topicType: 'str', acks: '1' }),
  ];
}

function watching(brokers: string): FlowNode[] {
  return [
    ...(dashboard({ groupWidth: 12 }) as FlowNode[]),
    connection(brokers),
    node('in', 'kafka-frame-in', [['display'], []], 'tab', { broker: 'kafka', topic, group: topic, from: 'end' }),
    display({ wall: true, width: '12', height: '16', wires: [[], []] }) as FlowNode,
  ];
}

declare global {
  interface Window {
    /** Pictures of each stream that were painted. */
    paintedOf: Record<string, number>;
  }
}

function countPainted(): void {
  window.paintedOf = {};
  document.addEventListener('frame-painted', (event) => {
    const { stream } = (event as CustomEvent<{ stream: string }>).detail;
    window.paintedOf[stream] = (window.paintedOf[stream] ?? 0) + 1;
  });
}

/** What a Node-RED and its ffmpegs use within so many seconds. */
async function loadOf(red: NodeRed, seconds: number): Promise<Load> {
  const pid = red.process.pid as number;
  await red.ask('startMeasuring');
  const [began, before] = [Date.now(), processorSnapshot(pid)];
  const ffmpegsBefore = childrenOf(pid);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  const spent = processorTimeSince(pid, before);
  const passed = Date.now() - began;
  const ffmpegs = childrenOf(pid);
  const ofFfmpegs = [...ffmpegs].reduce((sum, [child, { ms }]) => sum + ms - (ffmpegsBefore.get(child)?.ms ?? 0), 0);
  const { delayP99 } = await red.ask<{ delayP99: number }>('stopMeasuring');
  return {
    mainThread: round((spent?.main ?? Number.NaN) / passed),
    nodeRed: round((spent?.total ?? Number.NaN) / passed),
    ffmpeg: round(ofFfmpegs / passed),
    memory: residentMegabytes(pid),
    ffmpegMemory: [...ffmpegs.keys()].reduce((sum, child) => sum + residentMegabytes(child), 0),
    delayP99: round(delayP99),
  };
}

/** The processor time (ms) of a process's children that run. */
function childrenOf(parent: number): Map<number, { ms: number }> {
  const children = new Map<number, { ms: number }>();
  for (const pid of readdirSync('/proc').map(Number).filter(Number.isInteger)) {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (Number(fields[1]) === parent) children.set(pid, { ms: processorSnapshot(pid)?.total ?? 0 });
    } catch {
      // It has ended.
    }
  }
  return children;
}

function residentMegabytes(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1000);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}

const [cameras = 16, seconds = 30] = process.argv.slice(2).map(Number);
void withBroker((broker) => main(broker, cameras, seconds));
