import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { startBroker } from '../demo/broker';
import { freePort } from '../demo/ports';
import { stopServices } from '../demo/service';
import { root } from '../demo/user-dir';
import { findFfmpeg } from '../lib/ffmpeg/lookup';
import { readCode } from '../test/soak/capture-code';
import { openBrowser } from '../test/support/browser';
import { dashboard, display } from '../test/support/dashboard-flow';
import { recordOf, recordPainted } from '../test/support/display-page';
import { type FlowNode, node } from '../test/support/flows';
import { type NodeRed, startNodeRed } from '../test/support/node-red';
import { type Distribution, distributionOf } from '../test/support/pacing';
import { createTopic } from '../test/support/topic';
import type { CameraMessage, CameraProcessOptions } from './camera-process';
import { writeReport } from './report';

/*
 * `npm run bench -- camera-to-screen [seconds]`: how old a camera's picture is when it is painted in a browser, at 720p and
 * 30 frames a second, by a clock burnt into the pictures: camera, RTSP, video-source, kafka-frame-out, Kafka,
 * kafka-frame-in, ui-frame-display. Everything runs on this machine, so its load is told with the figures.
 */

const fps = 30;
const size = { width: 1280, height: 720 };
const topic = 'camera-to-screen';
const warmUp = 10;
const pacings = ['source', 'live'] as const;

/** The way of a picture: what happened to it, ms since the epoch, in this order. */
const stages = ['taken', 'sent', 'decoded', 'received', 'shown', 'arrived', 'ready', 'painted'] as const;
type Stage = (typeof stages)[number];
type Way = Record<Stage, number> & {
  /** When Kafka acknowledged it; beside the way. */
  acknowledged: number;
  /** When it was captured, as its frame tells. */
  time: number;
};

const hops: Record<string, (way: Way) => number> = {
  'camera: taken → sent': ({ taken, sent }) => sent - taken,
  'video-source: → frame in the flow': ({ sent, decoded }) => decoded - sent,
  '(kafka-frame-out: → acknowledged)': ({ decoded, acknowledged }) => acknowledged - decoded,
  'Kafka: → frame in the other flow': ({ decoded, received }) => received - decoded,
  'display: → its turn': ({ received, shown }) => shown - received,
  'socket: → in the page': ({ shown, arrived }) => arrived - shown,
  'page: → decoded': ({ arrived, ready }) => ready - arrived,
  'page: → painted': ({ ready, painted }) => painted - ready,
  'camera to screen': ({ taken, painted }) => painted - taken,
  '(as the display tells it)': ({ time, painted }) => painted - time,
};

interface Result {
  /** Frames a second that were painted. */
  fps: number;
  unreadable: number;
  /** Load of the machine. */
  load: number;
  hops: Record<string, Distribution>;
}

async function main(seconds: number): Promise<void> {
  const epoch = Date.now();
  const { ffmpeg } = await findFfmpeg();
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-bench-'));
  const [cacheDir, dataDir] = [join(root, '.cache', 'kafka'), join(folder, 'kafka')];
  const { brokers } = await startBroker({ cacheDir, dataDir, port: await freePort(), say: console.log });
  await createTopic(brokers, topic);
  const camera = await openCamera({ ...size, ffmpeg, fps, epoch });
  const [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  const results: Record<string, Result> = {};
  try {
    for (const pacing of pacings) {
      await red.deploy(flows(camera.url, brokers, pacing));
      results[pacing] = await measure(red, browser, camera.sent, epoch, seconds);
    }
  } finally {
    await browser.close();
    await red.stop();
    await camera.close();
    await stopServices();
    rmSync(folder, { recursive: true, force: true });
  }
  print(results);
  writeReport('camera-to-screen', { seconds, results });
}

interface CameraProcess {
  url: string;
  /** When each picture left it, by the moment painted into it. */
  sent: Map<number, number>;
  close(): Promise<void>;
}

async function openCamera(options: CameraProcessOptions): Promise<CameraProcess> {
  const child: ChildProcess = fork(join(__dirname, 'camera-process.js'), [JSON.stringify(options)]);
  const sent = new Map<number, number>();
  const url = new Promise<string>((resolve, reject) => {
    child.on('message', (message: CameraMessage) => {
      if ('url' in message) resolve(message.url);
      else sent.set(message.taken, message.sentAt);
    });
    child.once('exit', (code) => reject(new Error(`the camera ended with ${code}`)));
  });
  return {
    url: await url,
    sent,
    async close() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

function flows(url: string, brokers: string, pacing: string): FlowNode[] {
  const probe = (id: string) => node(id, 'test-probe', []);
  return [
    ...(dashboard({ groupWidth: 12 }) as FlowNode[]),
    { id: 'kafka', type: 'kafka-frame-broker', name: 'Kafka', brokers, clientId: 'bench', saslMechanism: 'none' },
    node('source', 'video-source', [['decoded', 'out'], []], 'tab', {
      ...{ source: url, sourceType: 'camera', stream: 'camera', fps: '', width: '', height: '', quality: 90 },
      ...{ start: '', end: '', loop: false, realtime: false, autostart: true, maxFrames: 30, maxMegabytes: 64 },
    }),
    node('out', 'kafka-frame-out', [['acknowledged'], []], 'tab', {
      ...{ broker: 'kafka', topic, topicType: 'str', key: '', keyType: 'str', acks: '1', idempotent: false },
      ...{ compression: 'none', maxRecordBytes: 1_000_000, oversize: 'shrink', linger: 0, createTopic: false },
    }),
    node('in', 'kafka-frame-in', [['received', 'display'], []], 'tab', {
      ...{ broker: 'kafka', topic, group: topic, from: 'end', stream: '', commitInterval: 5000 },
      ...{ maxFrames: 30, maxMegabytes: 64 },
    }),
    display({ pacing, width: '12', height: '15', wires: [[], []] }) as FlowNode,
    ...['decoded', 'acknowledged', 'received'].map(probe),
  ];
}

declare global {
  interface Window {
    /** Of each picture painted: the brightness of the fields of its capture code, and when it was drawn. */
    codes: { width: number; fields: number[]; drawnAt: number }[];
  }
}

/** Runs in the page after `recordPainted`, which reads pixels of each picture: so it has been drawn. */
function recordCodes(): void {
  window.codes = [];
  document.addEventListener('frame-painted', (event) => {
    const drawnAt = performance.now();
    const canvas = (event.target as HTMLElement).querySelector('canvas') as HTMLCanvasElement;
    const { width } = canvas;
    const field = width / 16;
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, width, 2 * field);
    const fields = Array.from({ length: 32 }, (_, bit) => {
      const x = Math.floor(((bit % 16) + 0.5) * field);
      const y = Math.floor((Math.floor(bit / 16) + 0.5) * field);
      return data[(y * width + x) * 4] as number;
    });
    window.codes.push({ width, fields, drawnAt });
  });
}

/** Watches the camera on a page of its own for so many seconds, after a warm-up. */
async function measure(
  red: NodeRed,
  browser: Browser,
  sent: Map<number, number>,
  epoch: number,
  seconds: number,
): Promise<Result> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    await page.addInitScript(recordPainted);
    await page.addInitScript(recordCodes);
    await page.goto(`${red.url}/dashboard/page`);
    await page.waitForFunction(() => window.clockAnswers >= 8 && window.painted.length > 0);
    await page.waitForTimeout((warmUp + seconds) * 1000);
    const { ways, unreadable } = await waysOf(page, red, sent, epoch);
    const begin = Math.max(...ways.map(({ painted }) => painted)) - seconds * 1000;
    const measured = ways.filter(({ painted }) => painted > begin);
    return {
      ...{ fps: measured.length / seconds, unreadable, load: loadavg()[0] as number },
      hops: Object.fromEntries(Object.entries(hops).map(([hop, of]) => [hop, distributionOf(measured.map(of))])),
    };
  } finally {
    await context.close();
  }
}

/** The ways of all pictures painted on the page, as far as they could be read, and how many could not. */
async function waysOf(
  page: Page,
  red: NodeRed,
  sent: Map<number, number>,
  epoch: number,
): Promise<{ ways: Way[]; unreadable: number }> {
  const { painted, received } = await recordOf(page);
  const { codes, origin } = await page.evaluate(() => ({ codes: window.codes, origin: performance.timeOrigin }));
  const [decoded, acknowledged, inOtherFlow] = ['decoded', 'acknowledged', 'received'].map((id) => timesAt(red, id));
  const came = new Map(received.map((picture) => [picture.number, picture]));
  const ways = painted.flatMap(({ session, seq, number, shownAt }, index): Way[] => {
    const { width, fields, drawnAt } = codes[index] as Window['codes'][number];
    const field = width / 16;
    const code = readCode(width, (x, y) => fields[Math.floor(y / field) * 16 + Math.floor(x / field)] as number);
    const frame = `${session}/${seq}`;
    const { at: decodedAt, time } = decoded?.get(frame) ?? {};
    const { receivedAt, decodedAt: readyAt } = came.get(number) ?? {};
    const way = {
      ...{
        taken: code === undefined ? undefined : epoch + code,
        sent: code === undefined ? undefined : sent.get(code),
      },
      ...{
        decoded: decodedAt,
        time,
        acknowledged: acknowledged?.get(frame)?.at,
        received: inOtherFlow?.get(frame)?.at,
      },
      shown: shownAt === undefined ? undefined : origin + shownAt,
      arrived: receivedAt === undefined ? undefined : origin + receivedAt,
      ready: readyAt === undefined ? undefined : origin + readyAt,
      painted: origin + drawnAt,
    };
    return isComplete(way) ? [way] : [];
  });
  return { ways, unreadable: painted.length - ways.length };
}

function isComplete(way: { [key in keyof Way]: number | undefined }): way is Way {
  return Object.values(way).every((time) => time !== undefined);
}

/** When each frame came by a probe, and when it was captured by its own account. */
function timesAt(red: NodeRed, probe: string): Map<string, { at: number; time: number }> {
  return new Map(
    red.seen(probe).map(({ at, msg }) => {
      const { session, seq, time } = msg.frame as { session: string; seq: number; time: number };
      return [`${session}/${seq}`, { at, time }];
    }),
  );
}

function print(results: Record<string, Result>): void {
  for (const [pacing, { fps: painted, unreadable, load, hops: figures }] of Object.entries(results)) {
    const told = `${painted.toFixed(1)} pictures a second, ${unreadable} not read, load ${load.toFixed(1)}`;
    console.log(`\nPacing ${pacing}: ${told}; ms:`);
    const rounded = Object.entries(figures).map(([hop, spread]) => [
      hop,
      Object.fromEntries(Object.entries(spread).map(([name, ms]) => [name, Math.round(ms)])),
    ]);
    console.table(Object.fromEntries(rounded));
  }
}

void main(Number(process.argv[2] ?? 60));
