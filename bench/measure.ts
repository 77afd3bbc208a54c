import type { FlowNode } from '../test/support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../test/support/node-red';
import { type ProcessorTime, processorSnapshot, processorTimeSince } from './processor-time';

/** What a run in a real Node-RED came to. */
export interface Run {
  /** Ms the work took. */
  ms: number;
  frames: number;
  bytes: number;
  /** Event-loop delay of the main thread meanwhile, ms. */
  delayP99: number;
  delayMax: number;
  /** CPU ms of all threads of Node-RED. */
  cpu: number;
  /** The same by thread, with that of ffmpeg, and the broker's; undefined where /proc does not tell. */
  nodeRed: ProcessorTime | undefined;
  broker: ProcessorTime | undefined;
  /** Memory (rss) in bytes: before the work, and the most during it. */
  idle: number;
  peak: number;
}

interface Counted {
  ms: number;
  count: number;
  bytes: number;
}

/**
 * Starts Node-RED with these flows, lets `work` begin, and waits until the node `counter` (test-count) has its frames.
 * Timed from the beginning of the work, or from its first frame. `brokerPid`: whose processor time to tell as well.
 */
export async function measure(
  flows: FlowNode[],
  work: (red: NodeRed) => Promise<unknown>,
  from: 'start' | 'first frame',
  brokerPid?: number,
): Promise<Run> {
  const red = await startNodeRed({ flows });
  try {
    const { rss } = await red.ask<{ rss: number }>('startMeasuring');
    const { pid } = red.process;
    const before = { nodeRed: processorSnapshot(pid), broker: processorSnapshot(brokerPid) };
    const started = Date.now();
    await work(red);
    const [seen] = (await red.until('counter', (list) => list.length > 0, 300_000)) as [Seen];
    const nodeRed = processorTimeSince(pid, before.nodeRed);
    const broker = processorTimeSince(brokerPid, before.broker);
    const measured = await red.ask<Pick<Run, 'delayP99' | 'delayMax' | 'cpu' | 'peak'>>('stopMeasuring');
    const { ms, count, bytes } = seen.msg as unknown as Counted;
    const total = seen.at - started;
    return { ...measured, nodeRed, broker, ms: from === 'start' ? total : ms, frames: count, bytes, idle: rss };
  } finally {
    await red.stop();
  }
}
