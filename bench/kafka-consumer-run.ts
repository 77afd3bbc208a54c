import { performance } from 'node:perf_hooks';
import { KafkaCluster } from '../lib/kafka/cluster/cluster';
import { FrameConsumer } from '../lib/kafka/consume/frame-consumer';

/** Reads the first `count` records of a topic through FrameConsumer, finishing each frame at once. */
async function main([brokers, topic, count]: string[]): Promise<void> {
  let first: number | undefined;
  let before = performance.eventLoopUtilization();
  let frames = 0;
  const consumer = new FrameConsumer(
    new KafkaCluster({ brokers: brokers as string }),
    {
      topics: { names: [topic as string] },
      group: `bench-${Date.now()}`,
      from: 'beginning',
      maxFrames: 30,
      maxBytes: 64 * 1024 * 1024,
    },
    {
      onFrame: (_encoded, _info, onFinished) => {
        if (first === undefined) {
          first = performance.now();
          before = performance.eventLoopUtilization();
        }
        frames += 1;
        if (frames === Number(count)) {
          const ms = performance.now() - first;
          process.send?.({ ms, share: performance.eventLoopUtilization(before).utilization });
          void consumer.close();
        }
        onFinished();
      },
      onSkipped: (info) => console.error('skipped', info.offset),
      onUndecodable: () => {},
      onJumped: () => {},
      onDeleted: () => {},
      onUnreadable: () => {},
      onState: () => {},
      onOutage: ({ error }) => console.error(error.message),
    },
  );
}

void main(process.argv.slice(2));
