import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { VideoError } from '../../lib/errors';
import { FrameIntake } from '../../lib/frame/frame-intake';
import { shrink } from '../../lib/image/shrink';
import { type Delivery, FrameProducer } from '../../lib/kafka/frame-producer';
import { Throughput } from '../../lib/kafka/throughput';
import { openSinkFlow } from '../common/flow-control';
import { reportOutage } from '../common/outage-status';
import { retainPool } from '../common/pool';
import { reportError, showStatus } from '../common/status';
import { clusterOf } from '../kafka-frame-broker/broker';
import { type FrameOutConfig, producerOptions } from './options';

type Input = NodeMessageInFlow & { frame?: unknown };

export = (RED: NodeAPI) => {
  function KafkaFrameOut(this: Node, config: FrameOutConfig) {
    RED.nodes.createNode(this, config);
    try {
      start(RED, this, config);
    } catch (error) {
      reportError(this, error, { status: 'cannot start' });
      this.on('input', (_msg, _send, done) => done(error as Error));
    }
  }
  RED.nodes.registerType('kafka-frame-out', KafkaFrameOut);
};

function start(RED: NodeAPI, node: Node, config: FrameOutConfig): void {
  const cluster = clusterOf(RED, node, config.broker);
  showStatus(node, 'waiting', 'connecting');
  const workers = retainPool(RED);
  const producer = new FrameProducer(
    cluster,
    {
      ...producerOptions(config),
      ...(config.oversize === 'shrink' && { shrink: (image, maxBytes) => shrink(workers.pool, image, maxBytes) }),
    },
    {
      onConnected: () => {
        condition = 'connected';
        showStatus(node, 'active', 'connected');
        if (dropped > 0) node.warn(`${dropped} frames were dropped while Kafka was away.`);
        dropped = 0;
      },
      onOutage: (outage) => {
        condition = 'failed';
        reportOutage(node, outage);
      },
    },
  );
  const flow = openSinkFlow(RED, node);
  const intake = new FrameIntake();
  const sent = { frames: 0, bytes: 0 };
  const throughput = new Throughput();
  let condition: 'connecting' | 'connected' | 'failed' = 'connecting';
  let dropped = 0;
  /** Settled when topic and key of the message before are known: a context store may take its time, and order is kept. */
  let previous: Promise<unknown> = Promise.resolve();
  const ticker = setInterval(() => {
    const { framesPerSecond } = throughput.sample(sent);
    if (condition === 'connected')
      showStatus(node, 'active', framesPerSecond > 0 ? `${framesPerSecond} frames/s` : 'connected');
  }, 1000);

  node.on('input', async (msg: Input, send, done) => {
    try {
      const encoded = intake.read(msg.payload, msg.frame, String(msg.topic || node.name || node.id));
      const destination = previous.then(() =>
        Promise.all([evaluate(config.topic, config.topicType, msg), evaluate(config.key, config.keyType, msg)]),
      );
      previous = destination.catch(() => {}); // Reported for its own message, below.
      const [topic, key] = await destination;
      if (topic === '') {
        throw new VideoError('BAD_OPTION', `No topic: ${config.topicType} "${config.topic}" is empty.`);
      }
      const tracked = flow.isTracked(msg);
      const delivery = await producer.send(topic, key || encoded.frame.stream, encoded, { tracked });
      sent.frames += 1;
      sent.bytes += delivery.bytes;
      condition = 'connected';
      send(reportOf(delivery, msg));
      done();
    } catch (error) {
      fail(error, done);
    }
  });

  node.on('close', async (_removed: boolean, done: () => void) => {
    clearInterval(ticker);
    await producer.close();
    flow.close();
    await workers.release();
    done();
  });

  /** A frame dropped from a full queue is one of many: the first is an error, the others are counted. */
  function fail(error: unknown, done: (error?: Error) => void): void {
    const isDropped = error instanceof VideoError && error.code === 'QUEUE_FULL';
    if (isDropped) dropped += 1;
    condition = 'failed';
    if (isDropped && dropped > 1) {
      showStatus(node, 'failed', `${dropped} dropped`);
      done();
    } else {
      reportError(node, error, { status: isDropped ? '1 dropped' : 'frame not sent', done });
    }
  }

  function evaluate(value: string, type: string, msg: Input): Promise<string> {
    return new Promise((resolve, reject) => {
      RED.util.evaluateNodeProperty(value, type, node, msg, (error, result) =>
        error ? reject(error) : resolve(String(result ?? '')),
      );
    });
  }
}

/** Goes on as the same message, without the image: what handles it still counts for the frame. */
function reportOf({ frame, ...delivery }: Delivery, { _msgid }: Input): NodeMessage {
  return { _msgid, payload: delivery, topic: frame.stream, frame } as NodeMessage;
}
