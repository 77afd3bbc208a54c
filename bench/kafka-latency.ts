import { type FlowNode, node } from '../test/support/flows';
import { startNodeRed } from '../test/support/node-red';
import { imageOf } from './kafka-frames';

export interface Latency {
  p50: number;
  p99: number;
  max: number;
  /** CPU of all threads of Node-RED meanwhile, in cores. */
  cpu: number;
}

const framesPerSecond = 30;

/** Ms from sending a frame to kafka-frame-out until kafka-frame-in's message is in the other flow, all in one Node-RED. */
export async function measureLatency(brokers: string, topic: string, bytes: number, count: number): Promise<Latency> {
  const image = (await imageOf(bytes)).subarray(0, 8192).toString('base64');
  const camera = `
    const data = Buffer.concat([Buffer.from('${image}', 'base64')], ${bytes});
    let seq = 0;
    context.timer = setInterval(() => {
      const frame = { stream: 'camera', session: 's', seq, pts: seq * 33, time: Date.now(), width: 1280, height: 720, codec: 'jpeg' };
      seq += 1;
      node.send({ payload: data, topic: 'camera', frame });
    }, ${1000 / framesPerSecond});`;
  const flows: FlowNode[] = [
    { id: 'tab', type: 'tab' },
    node('camera', 'function', [['out']], 'tab', {
      ...{ func: 'return msg;', outputs: 1, initialize: camera, finalize: 'clearInterval(context.timer);', libs: [] },
    }),
    node('out', 'kafka-frame-out', [[], []], 'tab', {
      ...{ broker: 'broker', topic, topicType: 'str', acks: '1', compression: 'none', maxRecordBytes: 1000000 },
      ...{ oversize: 'reject', linger: 0, createTopic: true },
    }),
    node('in', 'kafka-frame-in', [['probe'], []], 'tab', {
      ...{ broker: 'broker', topic, group: topic, from: 'end', commitInterval: 5000, maxFrames: 30, maxMegabytes: 64 },
    }),
    node('probe', 'test-probe', []),
    { id: 'broker', type: 'kafka-frame-broker', brokers, clientId: 'bench', saslMechanism: 'none' },
  ];
  const red = await startNodeRed({ flows });
  try {
    const warmUp = 5 * framesPerSecond;
    await red.until('probe', (seen) => seen.length >= warmUp, 60_000);
    await red.ask('startMeasuring');
    const began = Date.now();
    const seen = await red.until('probe', (list) => list.length >= warmUp + count, 120_000);
    const { cpu } = await red.ask<{ cpu: number }>('stopMeasuring');
    const sorted = seen
      .slice(warmUp, warmUp + count)
      .map(({ at, msg }) => at - (msg.frame as { time: number }).time)
      .sort((a, b) => a - b);
    const quantile = (share: number) =>
      sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] as number;
    return { p50: quantile(0.5), p99: quantile(0.99), max: quantile(1), cpu: cpu / (Date.now() - began) };
  } finally {
    await red.stop();
  }
}
