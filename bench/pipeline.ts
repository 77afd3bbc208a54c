import { join } from 'node:path';
import type { Broker } from '../demo/broker';
import { exampleFlow, type FlowNode, node, nodeOf } from '../test/support/flows';
import { makeRepeated } from '../test/support/media';
import { ffmpegFloor } from './ffmpeg-floor';
import { measure, type Run } from './measure';
import { processorSnapshot, processorTimeSince } from './processor-time';
import { writeReport } from './report';
import { median, runModule, timeProgram } from './run';
import { withBroker } from './with-broker';

/** Each figure is the median of this many runs, its floor measured in between them. */
const rounds = 3;
/** The clip is 132 frames; repeated, so that starting up does not count. */
const repeats = 48;
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
  /** Processor time, ms per frame; undefined where /proc does not tell. */
  processors: Processors | undefined;
}

interface Processors {
  /** All of Node-RED, and of that its main thread, the threads that decode, and V8's and libuv's. */
  nodeRed: number;
  main: number;
  decoding: number;
  helpers: number;
  /** ffmpeg, and ffprobe before it. */
  ffmpeg: number;
  broker: number;
  /** What the floor used. */
  floor: number;
}

/** A floor's time, and the processor time it took, in ms. */
interface Floor {
  ms: number;
  cpu: number | undefined;
}

async function main({ brokers, pid }: Broker): Promise<void> {
  const video = await makeRepeated(repeats);
  const results = [...(await benchProducer(brokers, pid, video)), await benchConsumer(brokers, pid)];
  print(results);
  writeReport('pipeline', { frames, rounds, results });
}

const topicOf = (round: number) => `bench-${round}`;

/** File -> acknowledged in Kafka, against ffmpeg writing the same MJPEG to nowhere. */
async function benchProducer(brokers: string, pid: number | undefined, video: string): Promise<Result[]> {
  const plain = await ffmpegFloor(video, 'plain');
  const best = await ffmpegFloor(video, 'best');
  const runs: Run[] = [];
  const plainFloors: Floor[] = [];
  const bestFloors: Floor[] = [];
  // One run first that does not count: a broker just started compiles itself while it works.
  for (let round = -1; round < rounds; round += 1) {
    const flows = exampleFlow().filter(({ type }) => isPartOf('producer', type));
    nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
    nodeOf(flows, 'video-source').source = video;
    const out = nodeOf(flows, 'kafka-frame-out');
    Object.assign(out, { topic: topicOf(round), wires: [['counter']] });
    flows.push(node('counter', 'test-count', [], out.z as string, { count: frames }));
    const run = await measure(flows, (red) => red.inject(nodeOf(flows, 'inject').id), 'start', pid);
    if (round < 0) continue;
    runs.push(run);
    plainFloors.push(await floorOf(() => timeProgram(plain.command, plain.args)));
    bestFloors.push(await floorOf(() => timeProgram(best.command, best.args)));
  }
  return [
    summarise('producer: file -> acknowledged in Kafka / ffmpeg -c:v mjpeg -f null', runs, plainFloors),
    summarise('producer, the same runs / ffmpeg with our filters, too', runs, bestFloors),
  ];
}

/** Kafka -> frames in the flow, against a bare kafkajs eachBatch loop over the same topic. */
async function benchConsumer(brokers: string, pid: number | undefined): Promise<Result> {
  const runs: Run[] = [];
  const floors: Floor[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const flows = exampleFlow().filter(({ type }) => isPartOf('consumer', type));
    nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
    const input = nodeOf(flows, 'kafka-frame-in');
    Object.assign(input, { topic: topicOf(round), group: `bench-${round}`, wires: [['counter'], []] });
    flows.push(node('counter', 'test-count', [], input.z as string, { count: frames }));
    const empty: FlowNode[] = [{ id: 'empty', type: 'tab' }];
    runs.push(await measure(empty, (red) => red.deploy(flows), 'first frame', pid));
    const args = [brokers, topicOf(round), String(frames)];
    const floor = () => runModule<{ ms: number }>(join(__dirname, 'kafkajs-floor.js'), args);
    floors.push(await floorOf(async () => (await floor()).ms));
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

/** `run` runs a program, which is all that this process waits for meanwhile, and tells how many ms it took. */
async function floorOf(run: () => Promise<number>): Promise<Floor> {
  const before = processorSnapshot(process.pid);
  const ms = await run();
  return { ms, cpu: processorTimeSince(process.pid, before)?.children };
}

function summarise(name: string, runs: Run[], floors: Floor[]): Result {
  const of = (pick: (run: Run) => number) => median(runs.map(pick));
  return {
    name,
    fps: (frames * 1000) / of(({ ms }) => ms),
    floorFps: (frames * 1000) / median(floors.map(({ ms }) => ms)),
    ratio: median(runs.map(({ ms }, round) => ms / (floors[round] as Floor).ms)),
    delayP99: of(({ delayP99 }) => delayP99),
    delayMax: of(({ delayMax }) => delayMax),
    cpuShare: of(({ cpu, ms }) => cpu / ms),
    memory: of(({ peak, idle }) => (peak - idle) / 1e6),
    processors: processorsOf(runs, floors),
  };
}

function processorsOf(runs: Run[], floors: Floor[]): Processors | undefined {
  const perFrame = (values: (number | undefined)[]) => median(values.map((value) => (value ?? Number.NaN) / frames));
  if (runs.some(({ nodeRed }) => nodeRed === undefined)) return undefined;
  return {
    nodeRed: perFrame(runs.map(({ nodeRed }) => nodeRed?.total)),
    main: perFrame(runs.map(({ nodeRed }) => nodeRed?.main)),
    decoding: perFrame(runs.map(({ nodeRed }) => nodeRed?.started)),
    helpers: perFrame(runs.map(({ nodeRed }) => nodeRed?.helpers)),
    ffmpeg: perFrame(runs.map(({ nodeRed }) => nodeRed?.children)),
    broker: perFrame(runs.map(({ broker }) => broker?.total)),
    floor: perFrame(floors.map(({ cpu }) => cpu)),
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
  console.log('Processor time, ms a frame:');
  console.table(
    Object.fromEntries(
      results.map(({ name, processors = {} }) => [
        name,
        Object.fromEntries(Object.entries(processors).map(([process, ms]) => [process, ms.toFixed(2)])),
      ]),
    ),
  );
}

void withBroker(main);
