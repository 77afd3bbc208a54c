import type { Broker } from '../demo/broker';
import { exampleFlow, type FlowNode, node, nodeOf } from '../test/support/flows';
import { makeRepeated } from '../test/support/media';
import { measure, type Run } from './measure';
import { writeReport } from './report';
import { median } from './run';
import { withBroker } from './with-broker';

/** Each figure is the median of this many runs; those that are compared take turns. */
const rounds = 3;
/** The clip is 132 frames; repeated, so that starting up does not count. */
const repeats = 24;
const frames = 132 * repeats;

type Pictures = 'jpeg' | 'source';

interface Result {
  name: string;
  fps: number;
  /** Of the pictures as they were counted, KB a frame. */
  kilobytes: number;
  /** Processor time, ms a frame; undefined where /proc does not tell. */
  nodeRed: number | undefined;
  ffmpeg: number | undefined;
  broker: number | undefined;
  delayP99: number;
}

/** The same video through Kafka as JPEGs, and as it is in the file, side by side. */
async function main({ brokers, pid }: Broker): Promise<void> {
  const video = await makeRepeated(repeats);
  const send = (pictures: Pictures) => (round: number) => sendFile(brokers, pid, video, pictures, round);
  const read = (sent: Pictures, pictures: Pictures) => (round: number) =>
    readTopic(brokers, pid, sent, pictures, round);
  const ways: [name: string, run: (round: number) => Promise<Run>][] = [
    ['file -> acknowledged, JPEG', send('jpeg')],
    ['file -> acknowledged, as in the source', send('source')],
    ['Kafka -> flow, JPEG', read('jpeg', 'source')],
    ['Kafka -> flow, as in the source', read('source', 'source')],
    ['Kafka -> flow, as in the source, decoded to JPEG', read('source', 'jpeg')],
  ];
  const runs = new Map<string, Run[]>(ways.map(([name]) => [name, []]));
  // One round first that does not count: a broker just started compiles itself while it works.
  for (let round = -1; round < rounds; round += 1) {
    for (const [name, run] of ways) {
      const done = await run(round);
      if (round >= 0) runs.get(name)?.push(done);
    }
  }
  const results = [...runs].map(([name, each]) => summarise(name, each));
  print(results);
  writeReport('pictures', { frames, rounds, results });
}

const topicOf = (sent: Pictures, round: number) => `bench-${sent}-${round}`;

/** The frames that Kafka has acknowledged are counted, by kafka-frame-out's own message. */
function sendFile(
  brokers: string,
  pid: number | undefined,
  video: string,
  pictures: Pictures,
  round: number,
): Promise<Run> {
  const flows = partOf(['tab', 'inject', 'video-source', 'kafka-frame-out', 'kafka-frame-broker'], brokers);
  Object.assign(nodeOf(flows, 'video-source'), { source: video, pictures });
  const out = nodeOf(flows, 'kafka-frame-out');
  Object.assign(out, { topic: topicOf(pictures, round), wires: [['counter']] });
  flows.push(node('counter', 'test-count', [], out.z as string, { count: frames }));
  return measure(flows, (red) => red.inject(nodeOf(flows, 'inject').id), 'start', pid);
}

function readTopic(
  brokers: string,
  pid: number | undefined,
  sent: Pictures,
  pictures: Pictures,
  round: number,
): Promise<Run> {
  const flows = partOf(['tab', 'kafka-frame-in', 'kafka-frame-broker'], brokers);
  const input = nodeOf(flows, 'kafka-frame-in');
  const group = `${sent}-${pictures}-${round}`;
  Object.assign(input, { topic: topicOf(sent, round), group, pictures, wires: [['counter'], []] });
  flows.push(node('counter', 'test-count', [], input.z as string, { count: frames }));
  const empty: FlowNode[] = [{ id: 'empty', type: 'tab' }];
  return measure(empty, (red) => red.deploy(flows), 'first frame', pid);
}

function partOf(types: string[], brokers: string): FlowNode[] {
  const flows = exampleFlow().filter(({ type }) => types.includes(type));
  nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
  return flows;
}

function summarise(name: string, runs: Run[]): Result {
  const of = (pick: (run: Run) => number) => median(runs.map(pick));
  const perFrame = (pick: (run: Run) => number | undefined) =>
    runs.some((run) => pick(run) === undefined) ? undefined : of((run) => (pick(run) as number) / frames);
  return {
    name,
    fps: (frames * 1000) / of(({ ms }) => ms),
    kilobytes: of(({ bytes }) => bytes / frames / 1000),
    nodeRed: perFrame(({ nodeRed }) => nodeRed?.total),
    ffmpeg: perFrame(({ nodeRed }) => nodeRed?.children),
    broker: perFrame(({ broker }) => broker?.total),
    delayP99: of(({ delayP99 }) => delayP99),
  };
}

function print(results: Result[]): void {
  const ms = (value: number | undefined) => value?.toFixed(2) ?? '';
  console.table(
    Object.fromEntries(
      results.map(({ name, fps, kilobytes, nodeRed, ffmpeg, broker, delayP99 }) => [
        name,
        {
          'frames/s': fps.toFixed(0),
          'KB a frame': kilobytes.toFixed(1),
          'Node-RED, ms a frame': ms(nodeRed),
          'ffmpeg, ms a frame': ms(ffmpeg),
          'broker, ms a frame': ms(broker),
          'loop delay p99 ms': delayP99.toFixed(1),
        },
      ]),
    ),
  );
}

void withBroker(main);
