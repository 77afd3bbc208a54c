import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Broker } from '../demo/broker';
import { fetchJars } from '../demo/broker-java';
import { root } from '../demo/user-dir';
import { createTopic } from '../test/support/topic';
import { type Latency, measureLatency } from './kafka-latency';
import { writeReport } from './report';
import { median, runModule } from './run';
import { withBroker } from './with-broker';

/** Each figure is the median of this many runs, its floor measured in between them. */
const rounds = 3;
/** Bytes sent in a run, whatever the size of a frame. */
const volume = 330e6;
const cacheDir = join(root, '.cache', 'kafka');

export interface KafkaResult {
  name: string;
  megabytesPerSecond: number;
  floorMegabytesPerSecond: number;
  /** Of the floor's speed, the median of the rounds. */
  ratio: number;
  /** Share of the main thread that was busy. */
  mainThread: number;
}

interface Timed {
  ms: number;
  share: number;
}

/** Sending against Kafka's own performance tool, reading against a bare kafkajs loop, and the latency of both together. */
async function benchKafka(brokers: string): Promise<{ results: KafkaResult[]; latency: Latency }> {
  const results: KafkaResult[] = [];
  for (const kilobytes of [165, 500]) {
    const bytes = kilobytes * 1000;
    for (const acks of ['1', 'all']) results.push(await benchProducer(brokers, bytes, acks));
    results.push(await benchConsumer(brokers, bytes));
  }
  return { results, latency: await measureLatency(brokers, topicOf('latency'), 165_000, 900) };
}

const started = Date.now();
const topicOf = (...parts: (string | number)[]) => ['bench', started, ...parts].join('-');

async function benchProducer(brokers: string, bytes: number, acks: string): Promise<KafkaResult> {
  const count = Math.round(volume / bytes);
  const module = join(__dirname, 'kafka-producer-run.js');
  const runs: Timed[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const topic = topicOf(bytes, acks, round);
    runs.push(await runModule<Timed>(module, [brokers, topic, String(count), String(bytes), acks]));
    await createTopic(brokers, `${topic}-tool`);
    floors.push(perfTool(brokers, `${topic}-tool`, count, bytes, acks));
  }
  return summarise(
    `producer, ${bytes / 1000} KB, acks ${acks} / kafka-producer-perf-test`,
    runs,
    floors,
    count * bytes,
  );
}

/** Over what the producer runs left in their topics. */
async function benchConsumer(brokers: string, bytes: number): Promise<KafkaResult> {
  const count = Math.round(volume / bytes);
  const runs: Timed[] = [];
  const floors: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const args = [brokers, topicOf(bytes, '1', round), String(count)];
    runs.push(await runModule<Timed>(join(__dirname, 'kafka-consumer-run.js'), args));
    const floor = await runModule<{ ms: number; bytes: number }>(join(__dirname, 'kafkajs-floor.js'), args);
    floors.push(floor.bytes / 1000 / floor.ms);
  }
  return summarise(`consumer, ${bytes / 1000} KB / bare kafkajs eachBatch`, runs, floors, count * bytes);
}

/** MB/s of Kafka's own tool, to a topic of its own with the same acknowledgement. */
function perfTool(brokers: string, topic: string, count: number, bytes: number, acks: string): number {
  const jars = join(fetchJars({ cacheDir, say: console.log }), '*');
  // biome-ignore format: a command line
  const args = ['-Xmx512m', '-cp', jars, 'org.apache.kafka.tools.ProducerPerformance', '--topic', topic,
    '--num-records', String(count), '--record-size', String(bytes), '--throughput', '-1',
    '--producer-props', `bootstrap.servers=${brokers}`, `acks=${acks}`, 'enable.idempotence=false'];
  const output = execFileSync('java', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  // "2000 records sent, 812.3 records/sec (127.82 MB/sec), ..." with MB of 1024 * 1024; the last line is the total.
  const [, rate] = /, ([\d.]+) records\/sec/.exec(output.trim().split('\n').at(-1) ?? '') ?? [];
  if (rate === undefined) throw new Error(`kafka-producer-perf-test printed no rate:\n${output}`);
  return (Number(rate) * bytes) / 1e6;
}

function summarise(name: string, runs: Timed[], floors: number[], bytes: number): KafkaResult {
  const speeds = runs.map(({ ms }) => bytes / 1000 / ms);
  return {
    name,
    megabytesPerSecond: median(speeds),
    floorMegabytesPerSecond: median(floors),
    ratio: median(speeds.map((speed, round) => speed / (floors[round] as number))),
    mainThread: median(runs.map(({ share }) => share)),
  };
}

function printKafka({ results, latency }: Awaited<ReturnType<typeof benchKafka>>): void {
  console.table(
    Object.fromEntries(
      results.map(({ name, ...figures }) => [
        name,
        {
          'MB/s': figures.megabytesPerSecond.toFixed(0),
          'floor MB/s': figures.floorMegabytesPerSecond.toFixed(0),
          'of the floor': `${(figures.ratio * 100).toFixed(0)} %`,
          'main thread busy': `${(figures.mainThread * 100).toFixed(0)} %`,
        },
      ]),
    ),
  );
  const { p50, p99, max, cpu } = latency;
  console.log(
    `latency at 30 frames/s, 165 KB: p50 ${p50} ms, p99 ${p99} ms, max ${max} ms; Node-RED used ${cpu.toFixed(2)} cores`,
  );
}

async function main({ brokers }: Broker): Promise<void> {
  const figures = await benchKafka(brokers);
  printKafka(figures);
  writeReport('kafka', figures);
}

void withBroker(main);
