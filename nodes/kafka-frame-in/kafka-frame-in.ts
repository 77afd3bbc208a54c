import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { VideoError } from '../../lib/errors';
import { FrameConsumer, type FrameConsumerState } from '../../lib/kafka/frame-consumer';
import { parsePosition } from '../../lib/kafka/position';
import type { RecordInfo } from '../../lib/kafka/record';
import { Throughput } from '../../lib/kafka/throughput';
import { openSourceFlow } from '../common/flow-control';
import { reportOutage } from '../common/outage-status';
import { type Condition, reportError, showStatus } from '../common/status';
import { clusterOf } from '../kafka-frame-broker/broker';
import { consumerOptions, type FrameInConfig } from './options';

type Input = NodeMessageInFlow & { action?: unknown; position?: unknown };

export = (RED: NodeAPI) => {
  function KafkaFrameIn(this: Node, config: FrameInConfig) {
    RED.nodes.createNode(this, config);
    try {
      start(RED, this, config);
    } catch (error) {
      reportError(this, error, { status: 'cannot start' });
      this.on('input', (_msg, _send, done) => done(error as Error));
    }
  }
  RED.nodes.registerType('kafka-frame-in', KafkaFrameIn);
};

const statuses: Record<FrameConsumerState, [Condition, string]> = {
  connecting: ['waiting', 'connecting'],
  waiting: ['waiting', 'waiting for topic'],
  connected: ['active', 'connected'],
  disconnected: ['failed', 'disconnected'],
  closed: ['idle', 'closed'],
};

function start(RED: NodeAPI, node: Node, config: FrameInConfig): void {
  const options = consumerOptions(config);
  const cluster = clusterOf(RED, node, config.broker);
  const flow = openSourceFlow(RED, node);
  const throughput = new Throughput();
  let paused = false;
  let wasQuiet = true;
  let lastSkipped: RecordInfo | undefined;
  showStatus(node, ...statuses.connecting);
  const consumer = new FrameConsumer(cluster, options, {
    onFrame: ({ frame, data }, kafka, onFinished) =>
      flow.send({ payload: data, topic: frame.stream, frame, kafka } as NodeMessage, onFinished),
    onSkipped: (record) => {
      if (consumer.totals.skipped === 1) {
        node.warn(
          `Record ${record.offset} of ${record.topic}/${record.partition} is no image: it is skipped, as are others like it.`,
        );
      }
      lastSkipped = record;
    },
    onState: (state) => {
      showState(state);
      if (state === 'connected' || state === 'disconnected') emit(state);
    },
    onOutage: (outage) => {
      reportOutage(node, outage);
      emit('error', { code: outage.error.code, message: outage.error.message });
    },
  });
  const ticker = setInterval(tellProgress, 1000);

  node.on('input', async (msg: Input, _send, done) => {
    try {
      await act(msg);
      done();
    } catch (error) {
      reportError(node, error, { status: 'wrong command', done });
    }
  });

  node.on('close', async (_removed: boolean, done: () => void) => {
    clearInterval(ticker);
    await consumer.close();
    flow.close();
    done();
  });

  async function act({ action, position }: Input): Promise<void> {
    switch (action) {
      case 'pause':
      case 'resume':
        paused = action === 'pause';
        if (paused) consumer.pause();
        else consumer.resume();
        showState(consumer.state);
        return emit(paused ? 'paused' : 'resumed');
      case 'seek':
        await consumer.seek(parsePosition(position));
        return emit('seeked', { position });
      default:
        throw new VideoError('BAD_OPTION', `msg.action "${action}" is unknown: use pause, resume or seek.`);
    }
  }

  function tellProgress(): void {
    const { totals } = consumer;
    const rates = throughput.sample(totals);
    if (lastSkipped !== undefined) emit('skipped', { skipped: totals.skipped, last: lastSkipped });
    lastSkipped = undefined;
    const isQuiet = rates.framesPerSecond === 0;
    if (!isQuiet) emit('stats', { ...rates, ...totals });
    if (consumer.state === 'connected' && !paused && !(isQuiet && wasQuiet)) {
      showStatus(node, 'active', isQuiet ? 'connected' : `${rates.framesPerSecond} frames/s`);
    }
    wasQuiet = isQuiet;
  }

  function showState(state: FrameConsumerState): void {
    if (state === 'connected' && paused) showStatus(node, 'held', 'paused');
    else showStatus(node, ...statuses[state]);
  }

  function emit(event: string, payload: object = {}): void {
    node.send([null, { event, payload, topic: options.topic } as NodeMessage]);
  }
}
