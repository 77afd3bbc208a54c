import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Broker } from '../demo/broker';
import { type FlowNode, node } from '../test/support/flows';
import { type NodeRed, startNodeRed } from '../test/support/node-red';
import { createTopic } from '../test/support/topic';
import { writeReport } from './report';
import { median } from './run';
import { withBroker } from './with-broker';

/** Each figure is the median of this many runs, its floor measured beside them: both leave the machine to each other. */
const rounds = 3;
/** Of each kind: kafka-frame-out and kafka-frame-in. */
const pairs = 3;
/** Ms before measuring, once all are connected: V8 cleans up what starting left for as long. */
const settling = 30_000;
/** Ms measured. */
const length = 20_000;

interface Idle {
  /** Processor time of all threads, as a share of one core. */
  cpuShare: number;
  /** How often a second the main thread woke up (its voluntary context switches). */
  wakeups: number;
}

/** What nodes with nothing to do cost, beside the same Node-RED without them. Reads /proc, so on Linux only. */
async function main({ brokers }: Broker): Promise<void> {
  for (let index = 0; index < pairs; index += 1) await createTopic(brokers, topicOf(index));
  const floors: Idle[] = [];
  const runs: Idle[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [floor, run] = await Promise.all([
      measureIdle([{ id: 'tab', type: 'tab' }], async () => {}),
      measureIdle(idleFlow(brokers), untilConnected),
    ]);
    floors.push(floor);
    runs.push(run);
  }
  const floor = middle(floors);
  const nodes = middle(runs);
  const results = { floor, nodes, aboveFloor: nodes.cpuShare - floor.cpuShare };
  print(results);
  writeReport('idle', { pairs, rounds, seconds: length / 1000, ...results });
}

const topicOf = (index: number) => `idle-${index}`;

function idleFlow(brokers: string): FlowNode[] {
  const flows: FlowNode[] = [
    { id: 'tab', type: 'tab' },
    { id: 'broker', type: 'kafka-frame-broker', brokers, clientId: 'bench', saslMechanism: 'none' },
    node('probe', 'test-probe', []),
  ];
  for (let index = 0; index < pairs; index += 1) {
    const topic = topicOf(index);
    flows.push(
      node(`out-${index}`, 'kafka-frame-out', [[], ['probe']], 'tab', {
        ...{ broker: 'broker', topic, topicType: 'str', acks: '1', compression: 'none', maxRecordBytes: 1000000 },
        ...{ oversize: 'reject', linger: 0, createTopic: false },
      }),
      node(`in-${index}`, 'kafka-frame-in', [[], ['probe']], 'tab', {
        ...{ broker: 'broker', topic, group: topic, from: 'resume', commitInterval: 5000 },
        ...{ maxFrames: 30, maxMegabytes: 64 },
      }),
    );
  }
  return flows;
}

async function untilConnected(red: NodeRed): Promise<void> {
  const isConnected = ({ msg }: { msg: Record<string, unknown> }) => msg.event === 'connected';
  await red.until('probe', (seen) => seen.filter(isConnected).length === 2 * pairs, 60_000);
}

async function measureIdle(flows: FlowNode[], untilReady: (red: NodeRed) => Promise<void>): Promise<Idle> {
  const red = await startNodeRed({ flows });
  try {
    await untilReady(red);
    await sleep(settling);
    const pid = red.process.pid as number;
    const began = performance.now();
    const before = usageOf(pid);
    await sleep(length);
    const after = usageOf(pid);
    const ms = performance.now() - began;
    return { cpuShare: (after.cpu - before.cpu) / ms, wakeups: ((after.wakeups - before.wakeups) * 1000) / ms };
  } finally {
    await red.stop();
  }
}

/** Ms of processor time of all threads that run, and how often the main thread has slept, since the process began. */
function usageOf(pid: number): { cpu: number; wakeups: number } {
  const tasks = `/proc/${pid}/task`;
  let cpu = 0;
  for (const task of readdirSync(tasks)) {
    // In ns, where the ticks of `stat` are 10 ms.
    cpu += Number(readFileSync(join(tasks, task, 'schedstat'), 'utf8').split(' ')[0]) / 1e6;
  }
  const status = readFileSync(join(tasks, String(pid), 'status'), 'utf8');
  return { cpu, wakeups: Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]) };
}

function middle(runs: Idle[]): Idle {
  return {
    cpuShare: median(runs.map(({ cpuShare }) => cpuShare)),
    wakeups: median(runs.map(({ wakeups }) => wakeups)),
  };
}

function print({ floor, nodes, aboveFloor }: { floor: Idle; nodes: Idle; aboveFloor: number }): void {
  const row = ({ cpuShare, wakeups }: Idle) => ({
    'CPU, % of a core': (cpuShare * 100).toFixed(2),
    'wakeups/s': wakeups.toFixed(0),
  });
  console.table({ 'Node-RED alone': row(floor), [`with ${2 * pairs} idle Kafka nodes`]: row(nodes) });
  console.log(`the nodes: ${(aboveFloor * 100).toFixed(2)} % of a core`);
}

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

void withBroker(main);
