import { performance } from 'node:perf_hooks';
import { KafkaCluster } from '../lib/kafka/cluster/cluster';
import { FrameProducer } from '../lib/kafka/produce/frame-producer';
import { imageOf } from './kafka-frames';

/** Frames sent and not acknowledged: as many as a source keeps in its flow by default. */
const underWay = 30;

/** Sends `count` frames of `bytes` through FrameProducer; tells the time from the first one to the last acknowledgement. */
async function main([brokers, topic, count, bytes, acks]: string[]): Promise<void> {
  const producer = new FrameProducer(
    new KafkaCluster({ brokers: brokers as string }),
    { topic, createTopic: { partitions: 1 }, acks: acks === 'all' ? 'all' : 1 },
    {
      onConnected: () => {},
      onOutage: ({ error }) => console.error(error.message),
      onLost: (lost) => console.error('lost', lost),
    },
  );
  const data = await imageOf(Number(bytes));
  let seq = 0;
  const send = () => {
    const frame = { stream: 'bench', session: 's', seq, pts: seq * 40, duration: 40, time: Date.now() };
    seq += 1;
    const size = { width: 1280, height: 720, codec: 'jpeg' as const };
    return producer.send(topic as string, 'bench', { data, frame: { ...frame, ...size } }, { tracked: true });
  };
  await send(); // Connected, topic made.
  const total = Number(count);
  const before = performance.eventLoopUtilization();
  const began = performance.now();
  const lane = async () => {
    while (seq <= total) await send();
  };
  await Promise.all(Array.from({ length: underWay }, lane));
  const ms = performance.now() - began;
  process.send?.({ ms, share: performance.eventLoopUtilization(before).utilization });
  await producer.close();
}

void main(process.argv.slice(2));
