import { KafkaCluster } from '../../lib/kafka/cluster/cluster';
import { FrameConsumer } from '../../lib/kafka/consume/frame-consumer';

/** A member of a consumer group in a process of its own, to be killed. Tells each frame, and when it is connected. */
const [brokers, topic, group] = process.argv.slice(2) as [string, string, string];
const consumer = new FrameConsumer(
  new KafkaCluster({ brokers }),
  { topics: { names: [topic] }, group, from: 'resume', commitInterval: 1000, maxFrames: 30, maxBytes: 64e6 },
  {
    onFrame: ({ frame: { stream, seq } }, _info, onFinished) => {
      process.send?.({ stream, seq, at: Date.now() });
      onFinished();
    },
    onSkipped: () => {},
    onUndecodable: () => {},
    onJumped: () => {},
    onDeleted: () => {},
    onUnreadable: () => {},
    onState: (state) => process.send?.({ state }),
    onOutage: ({ error }) => process.send?.({ error: error.message }),
  },
);
process.once('SIGTERM', () => void consumer.close().then(() => process.exit()));
process.once('disconnect', () => process.exit());
