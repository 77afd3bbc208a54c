import { createReadStream, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeReport } from '../../bench/report';
import { freePorts } from '../../demo/ports';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { openBrowser } from '../support/browser';
import { dashboard, display } from '../support/dashboard-flow';
import { type FlowNode, node } from '../support/flows';
import { startTestBroker } from '../support/kafka-brokers';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { createTopic } from '../support/topic';
import { type Camera, hlsCamera, mjpegCamera, rtspCamera } from './cameras';
import { readCode } from './capture-code';
import { type Acknowledged, checkTopic, groupBy, spreadOf } from './topic-check';
import { lookAt, rememberPainted } from './wall-page';

/*
 * `npm run test:soak -- 60`: four cameras (two MJPEG, an RTSP, an HLS) through Kafka to a wall in a real browser, for so
 * many minutes. A camera is switched off and on every five minutes, the broker is killed and started again twice. Then
 * the whole topic is read by a plain client. Figures go to bench/results/soak.json.
 */

const topic = 'cameras';
const size = { width: 640, height: 360 };
const seconds = 1000;
const minutes = 60 * seconds;

interface Age {
  stream: string;
  /** Ms since the run began. */
  at: number;
  /** How old the picture on the wall is, ms; undefined where it could not be read. */
  age: number | undefined;
  /** How long ago it was painted, ms. */
  since: number;
}

interface Memory {
  at: number;
  rss: number;
  heapUsed: number;
  arrayBuffers: number;
  external: number;
}

async function main(length: number): Promise<void> {
  const { ffmpeg } = await findFfmpeg();
  const epoch = Date.now();
  const cameras = await openCameras(ffmpeg, epoch);
  const broker = await startTestBroker();
  await createTopic(broker.brokers, topic, 2);
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-soak-'));
  const reports = join(folder, 'acknowledged');
  for (const camera of cameras) await camera.on();
  const red = await startNodeRed({ flows: flows(cameras, broker.brokers, reports) });
  const browser = await openBrowser();
  const log: string[] = [];
  const say = (text: string) => {
    const line = `${((Date.now() - epoch) / minutes).toFixed(1)} min: ${text}`;
    log.push(line);
    console.log(line);
  };
  const ages: Age[] = [];
  const memory: Memory[] = [];
  try {
    const page = await (await browser.newContext({ viewport: { width: 1400, height: 1000 } })).newPage();
    await page.addInitScript(rememberPainted);
    await page.goto(`${red.url}/dashboard/page`);

    const look = async () => {
      for (const { stream, width, height, paintedAt, askedAt, fields } of await lookAt(page)) {
        const field = width / 16;
        const taken = readCode(width, (x, y) => fields[Math.floor(y / field) * 16 + Math.floor(x / field)] as number);
        const age = taken === undefined || height < 2 * field ? undefined : askedAt - epoch - taken;
        ages.push({ stream, at: askedAt - epoch, age, since: askedAt - paintedAt });
      }
      memory.push({ at: Date.now() - epoch, ...(await red.ask<Omit<Memory, 'at'>>('memory')) });
    };
    const faults = plan(length, cameras, {
      async camera(camera) {
        say(`${camera.name} goes off`);
        await camera.off();
        await sleep(5 * seconds);
        await camera.on();
        say(`${camera.name} is on again`);
      },
      async broker() {
        say('the broker is killed');
        await broker.kill();
        await sleep(10 * seconds);
        await broker.start();
        say('the broker is back');
      },
    });
    let next = 5 * seconds;
    while (Date.now() - epoch < length) {
      const [fault] = faults;
      if (fault !== undefined && Date.now() - epoch >= fault.at) {
        faults.shift();
        await fault.happen();
      }
      await look();
      if (ages.length > 0 && Date.now() - epoch > next) {
        say(summary(cameras, ages, memory));
        next += minutes;
      }
      await sleep(5 * seconds);
    }
    await look();
    const { rss } = memory.at(-1) as Memory;
    await page.screenshot({ path: join(folder, 'wall.png') });
    await red.deploy([{ id: 'empty', type: 'tab', label: 'empty' }]);
    say(`the end; Node-RED has ${Math.round(rss / 1e6)} MB; the wall is ${join(folder, 'wall.png')}`);
    const check = await checkTopic(broker.brokers, topic, epoch, await readReports(reports));
    const figures = {
      minutes: length / minutes,
      wall: wallFigures(cameras, ages),
      memory: memoryFigures(memory),
      check,
    };
    console.log(JSON.stringify(figures, null, 2));
    writeReport('soak', { ...figures, log, ages, memorySamples: memory });
    console.log(complaintsOf(red));
  } finally {
    await browser.close();
    await red.stop();
    for (const camera of cameras) await camera.off();
    await broker.remove();
    rmSync(reports, { force: true });
  }
}

async function openCameras(ffmpeg: string, epoch: number): Promise<Camera[]> {
  const [first, second, third, fourth] = (await freePorts(4)) as [number, number, number, number];
  const common = { ffmpeg, epoch, size };
  return [
    mjpegCamera({ ...common, name: 'gate', port: first, fps: 10 }),
    mjpegCamera({ ...common, name: 'yard', port: second, fps: 5 }),
    rtspCamera({ ...common, name: 'dock', port: third, fps: 15 }),
    hlsCamera({ ...common, name: 'road', port: fourth, fps: 12 }),
  ];
}

function flows(cameras: Camera[], brokers: string, reports: string): FlowNode[] {
  const sources = cameras.map(({ name, url }) =>
    node(`source-${name}`, 'video-source', [['out'], []], 'tab', {
      ...{ name, source: url, sourceType: 'camera', stream: name, fps: '', width: '', height: '', quality: 90 },
      ...{ start: '', end: '', loop: false, realtime: false, autostart: true, maxFrames: 30, maxMegabytes: 64 },
    }),
  );
  const report = `const { partition, offset } = msg.payload;
    msg.payload = [partition, offset, msg.frame.session + '/' + msg.frame.seq].join(' ');
    return msg;`;
  return [
    ...(dashboard({ groupWidth: 12 }) as FlowNode[]),
    { id: 'kafka', type: 'kafka-frame-broker', name: 'Kafka', brokers, clientId: 'soak', saslMechanism: 'none' },
    ...sources,
    node('out', 'kafka-frame-out', [['report'], []], 'tab', {
      ...{ broker: 'kafka', topic, topicType: 'str', key: '', keyType: 'str', acks: 'all', idempotent: true },
      ...{ compression: 'none', maxRecordBytes: 1_000_000, oversize: 'shrink', linger: 0, createTopic: false },
      ...{ partitions: 1, replication: 1, retention: '' },
    }),
    node('report', 'function', [['file']], 'tab', { func: report, outputs: 1, timeout: 0, libs: [] }),
    node('file', 'file', [[]], 'tab', {
      ...{ filename: reports, filenameType: 'str', appendNewline: true, createDir: false, overwriteFile: 'false' },
      encoding: 'none',
    }),
    node('in', 'kafka-frame-in', [['display'], []], 'tab', {
      ...{ broker: 'kafka', topic, group: 'wall', from: 'resume', fromTime: '', stream: '', commitInterval: 5000 },
      ...{ maxFrames: 30, maxMegabytes: 64 },
    }),
    display({ wall: true, overlay: true, wires: [[], []], width: '12', height: '14' }) as FlowNode,
  ];
}

interface Fault {
  at: number;
  happen(): Promise<void>;
}

/** A camera every five minutes, one after the other; the broker after a third and after two thirds. None near the end. */
function plan(
  length: number,
  cameras: Camera[],
  faults: { camera(camera: Camera): Promise<void>; broker(): Promise<void> },
): Fault[] {
  const every = Math.min(5 * minutes, length / 5);
  const offs = Array.from({ length: Math.ceil(length / every) - 1 }, (_, index) => ({
    at: (index + 1) * every,
    happen: () => faults.camera(cameras[index % cameras.length] as Camera),
  }));
  const kills = [1, 2].map((third) => ({ at: (third * length) / 3, happen: () => faults.broker() }));
  return [...offs, ...kills].filter(({ at }) => at < length - 30 * seconds).toSorted((a, b) => a.at - b.at);
}

function wallFigures(cameras: Camera[], ages: Age[]) {
  return Object.fromEntries(
    cameras.map(({ name, kind }) => {
      const mine = ages.filter(({ stream }) => stream === name);
      const read = mine.flatMap(({ age }) => (age === undefined ? [] : [age]));
      return [
        name,
        { kind, looks: mine.length, unreadable: mine.length - read.length, age: spreadOf(read), last: mine.at(-1) },
      ];
    }),
  );
}

function summary(cameras: Camera[], ages: Age[], memory: Memory[]): string {
  const last = (name: string) => ages.findLast(({ stream }) => stream === name);
  const wall = cameras.map(({ name }) => `${name} ${last(name)?.age ?? '?'}`).join(', ');
  return `ms old on the wall: ${wall}; ${Math.round((memory.at(-1) as Memory).rss / 1e6)} MB`;
}

/** Memory after the first tenth of the run: its smallest and largest, and how it grows, by least squares. */
function memoryFigures(samples: Memory[]) {
  const settled = samples.slice(Math.floor(samples.length / 10));
  const figures = (of: (sample: Memory) => number) => {
    const values = settled.map(of);
    const hours = settled.map(({ at }) => at / (60 * minutes));
    const mean = (list: number[]) => list.reduce((sum, value) => sum + value, 0) / list.length;
    const [x, y] = [mean(hours), mean(values)];
    const covariance = mean(hours.map((hour, index) => (hour - x) * ((values[index] as number) - y)));
    const slope = covariance / mean(hours.map((hour) => (hour - x) ** 2));
    const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;
    return { min: megabytes(Math.min(...values)), max: megabytes(Math.max(...values)), perHour: megabytes(slope) };
  };
  return {
    rssMB: figures(({ rss }) => rss),
    heapMB: figures(({ heapUsed }) => heapUsed),
    buffersMB: figures(({ arrayBuffers }) => arrayBuffers),
  };
}

async function readReports(path: string): Promise<Acknowledged[]> {
  const reports: Acknowledged[] = [];
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const [partition, offset, id = ''] = line.split(' ');
    reports.push({ partition: Number(partition), offset: Number(offset), id });
  }
  return reports;
}

/** What Node-RED warned of, each kind once with its count. */
function complaintsOf(red: NodeRed): string {
  const lines = red
    .logs()
    .split('\n')
    .filter((line) => /\[(warn|error)\]/.test(line));
  const kinds = groupBy(lines, (line) => line.replace(/^.*?\[(warn|error)\]/, '[$1]').replace(/\d+/g, 'N'));
  return [...kinds].map(([kind, { length }]) => `${length} x ${kind}`).join('\n');
}

void main(Number(process.argv[2] ?? 60) * minutes);
