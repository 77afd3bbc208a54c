import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../demo/broker';
import { freePort } from '../demo/ports';
import { stopServices } from '../demo/service';
import { root } from '../demo/user-dir';
import { findFfmpeg } from '../lib/ffmpeg/lookup';
import { exampleFlow, type FlowNode, node, nodeOf } from '../test/support/flows';
import { ffmpegFloor } from './ffmpeg-floor';
import { measure, type Run } from './measure';
import { writeReport } from './report';
import { median, runModule, timeProgram } from './run';

/** Each figure is the median of this many runs, its floor measured in between them. */
const rounds = 3;
/** The clip is 132 frames; repeated, so that starting up does not count. */
const repeats = 16;
const frames = 132 * repeats;

interface Result {
  name: string;
  /** Frames per second of the nodes, and of the floor. */
  fps: number;
  floorFps: number;
  /** Time of the nodes / time of the floor. */
  ratio: number;
  delayP99: number;
  delayMax: number;
  /** Share of one core that Node-RED used, all threads. */
  cpuShare: number;
  /** Peak memory above idle, MB. */
  memory: number;
}

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-bench-'));
  try {
    const port = await freePort();
    const cacheDir = join(root, '.cache', 'kafka');
    const { brokers } = await startBroker({ cacheDir, dataDir: join(folder, 'kafka'), port, say: console.log });
    const video = join(folder, 'clip.mp4');
    const { ffmpeg } = await findFfmpeg();
    const clip = join(root, 'examples', 'bigbuckbunny.mp4');
    const copy = ['-loglevel', 'error', '-stream_loop', String(repeats - 1), '-i', clip, '-an', '-c', 'copy', video];
    execFileSync(ffmpeg, copy);

    const results = [...(await benchProducer(brokers, video)), await benchConsumer(brokers)];
    print(results);
    writeReport('pipeline', { frames, rounds, results });
  } finally {
    await stopServices();
    rmSync(folder, { recursive: true, force: true });
  }
}

const topicOf = (round: number) => `bench-${round}`;

/** File -> acknowledged in Kafka, against ffmpeg writing the same MJPEG to nowhere. */
async function benchProducer(brokers: string, video: string): Promise<Result[]> {
  const plain = await ffmpegFloor(video, 'plain');
  const best = await ffmpegFloor(video, 'best');
  const runs: Run[] = [];
  const plainTimes: number[] = [];
  const bestTimes: number[] = [];
  // One run first that does not count: a broker just started compiles itself while it works.
  for (let round = -1; round < rounds; round += 1) {
    const flows = exampleFlow().filter(({ type }) => isPartOf('producer', type));
    nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
    nodeOf(flows, 'video-source').source = video;
    const out = nodeOf(flows, 'kafka-frame-out');
    Object.assign(out, { topic: topicOf(round), wires: [['counter']] });
    flows.push(node('counter', 'test-count', [], out.z as string, { count: frames }));
    const run = await measure(flows, (red) => red.inject(nodeOf(flows, 'inject').id), 'start');
    if (round < 0) continue;
    runs.push(run);
    plainTimes.push(await timeProgram(plain.command, plain.args));
    bestTimes.push(await timeProgram(best.command, best.args));
  }
  return [
    summarise('producer: file -> acknowledged in Kafka / ffmpeg -c:v mjpeg -f null', runs, plainTimes),
    summarise('producer, the same runs / ffmpeg with our filters, too', runs, bestTimes),
  ];
}

/** Kafka -> frames in the flow, against a bare kafkajs eachBatch loop over the same topic. */
async function benchConsumer(brokers: string): Promise<Result> {
  const runs: Run[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const flows = exampleFlow().filter(({ type }) => isPartOf('consumer', type));
    nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
    const input = nodeOf(flows, 'kafka-frame-in');
    Object.assign(input, { topic: topicOf(round), group: `bench-${round}`, wires: [['counter'], []] });
    flows.push(node('counter', 'test-count', [], input.z as string, { count: frames }));
    const empty: FlowNode[] = [{ id: 'empty', type: 'tab' }];
    runs.push(await measure(empty, (red) => red.deploy(flows), 'first frame'));
    const args = [brokers, topicOf(round), String(frames)];
    floors.push((await runModule<{ ms: number }>(join(__dirname, 'kafkajs-floor.js'), args)).ms);
  }
  return summarise('consumer: Kafka -> frames in the flow / bare kafkajs eachBatch', runs, floors);
}

function isPartOf(row: 'producer' | 'consumer', type: string): boolean {
  const nodes = {
    producer: ['tab', 'inject', 'video-source', 'kafka-frame-out', 'kafka-frame-broker'],
    consumer: ['tab', 'kafka-frame-in', 'kafka-frame-broker'],
  };
  return nodes[row].includes(type);
}

function summarise(name: string, runs: Run[], floors: number[]): Result {
  const of = (pick: (run: Run) => number) => median(runs.map(pick));
  return {
    name,
    fps: (frames * 1000) / of(({ ms }) => ms),
    floorFps: (frames * 1000) / median(floors),
    ratio: median(runs.map(({ ms }, round) => ms / (floors[round] as number))),
    delayP99: of(({ delayP99 }) => delayP99),
    delayMax: of(({ delayMax }) => delayMax),
    cpuShare: of(({ cpu, ms }) => cpu / ms),
    memory: of(({ peak, idle }) => (peak - idle) / 1e6),
  };
}

function print(results: Result[]): void {
  console.table(
    Object.fromEntries(
      results.map(({ name, ...figures }) => [
        name,
        {
          'time / floor': figures.ratio.toFixed(2),
          'frames/s': figures.fps.toFixed(0),
          'floor frames/s': figures.floorFps.toFixed(0),
          'loop delay p99 ms': figures.delayP99.toFixed(1),
          'max ms': figures.delayMax.toFixed(1),
          'CPU, cores': figures.cpuShare.toFixed(2),
          'MB above idle': figures.memory.toFixed(0),
        },
      ]),
    ),
  );
}

void main();
