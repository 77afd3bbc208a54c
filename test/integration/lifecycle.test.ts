import assert from 'node:assert/strict';
import { addProbe, exampleFlowOn, type FlowNode, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { descendants, eventually } from '../support/processes';

/** What a runtime has open that could be left behind. */
interface Open {
  workers: number;
  /** Ports of the peers its TCP sockets are connected to. */
  peers: number[];
}

const brokers = () => process.env.KAFKA_BROKERS as string;
const kafkaPort = () => Number(brokers().split(':')[1]);
const ffmpegs = (red: NodeRed) =>
  descendants(red.process.pid as number).filter(({ command }) => command.includes('ffmpeg'));

describe('whatever the nodes open', () => {
  let red: NodeRed;
  let flows: FlowNode[];

  /** The example flow in the middle of a looping clip, the display showing it. */
  beforeEach(async () => {
    flows = exampleFlowOn(brokers(), uniqueTopic());
    nodeOf(flows, 'video-source').loop = true;
    const display = nodeOf(flows, 'ui-frame-display');
    display.passthru = true;
    addProbe(flows, 'shown', display);
    red = await startNodeRed({ flows });
    await red.inject(nodeOf(flows, 'inject').id);
    await red.until('shown', (seen) => seen.length > 10);
    assert.equal(ffmpegs(red).length, 1);
  });
  afterEach(() => red.stop());

  it('is closed when its flow is removed', async () => {
    await red.deploy([{ id: 'empty', type: 'tab', label: 'empty' }]);
    await eventually('no ffmpeg', () => ffmpegs(red).length === 0);
    await eventually('no worker, no connection to Kafka', async () => {
      const { workers, peers } = await red.ask<Open>('open');
      return workers === 0 && !peers.includes(kafkaPort());
    });
  });

  it('is opened once, not twice, after a deployment of everything', async () => {
    const before = await red.ask<Open>('open');
    await red.deploy(flows);
    await eventually('no ffmpeg', () => ffmpegs(red).length === 0);
    const shown = red.seen('shown').length;
    await red.inject(nodeOf(flows, 'inject').id);
    await red.until('shown', (seen) => seen.length > shown + 10);
    assert.equal(ffmpegs(red).length, 1);
    await eventually('as many workers and connections as before', async () => {
      const { workers, peers } = await red.ask<Open>('open');
      const connections = (all: number[]) => all.filter((port) => port === kafkaPort()).length;
      return workers <= before.workers && connections(peers) <= connections(before.peers);
    });
  });

  it('ends with Node-RED', async () => {
    const pids = descendants(red.process.pid as number).map(({ pid }) => pid);
    assert.ok(pids.length > 0);
    await red.stop();
    await eventually('every child process gone', () => pids.every((pid) => !isAlive(pid)));
  });

  it('ends with Node-RED even when that is killed', async () => {
    const pids = descendants(red.process.pid as number).map(({ pid }) => pid);
    red.process.kill('SIGKILL');
    await eventually('every child process gone', () => pids.every((pid) => !isAlive(pid)));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // No such process.
  }
}
