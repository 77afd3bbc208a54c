import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { VideoError } from '../../lib/errors';
import type { Frame } from '../../lib/frame/frame';
import { MessageFrameReader } from '../../lib/frame/message-frame-reader';
import { shrink } from '../../lib/image/shrink';
import type { LostRecords } from '../../lib/kafka/produce/acknowledged-ends';
import { type Delivery, FrameProducer } from '../../lib/kafka/produce/frame-producer';
import { Throughput } from '../../lib/time/throughput';
import { openSinkFlow } from '../common/flow-control';
import { reportOutage, showSilence } from '../common/outage-status';
import { retainPool } from '../common/pool';
import { evaluateProperty, inOrder } from '../common/property';
import { reportError, showStatus, warn } from '../common/status';
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
      refuseInput(this, error);
    }
  }
  RED.nodes.registerType('kafka-frame-out', KafkaFrameOut);
};

/** A node that cannot start says so to the first frame; the others, of which there may be many a second, are counted. */
function refuseInput(node: Node, error: unknown): void {
  let refused = 0;
  node.on('input', (_msg, _send, done) => {
    refused += 1;
    showStatus(node, 'failed', `${refused} not sent`);
    done(refused === 1 ? (error as Error) : undefined);
  });
}

function start(RED: NodeAPI, node: Node, config: FrameOutConfig): void {
  const cluster = clusterOf(RED, node, config.broker);
  showStatus(node, 'waiting', 'connecting');
  const workers = retainPool(RED);
  const producer = new FrameProducer(
    cluster,
    {
      ...producerOptions(config),
      oversize: config.oversize === 'shrink' ? 'shrink' : 'reject',
      shrink: (image, maxBytes) => shrink(workers.pool, image, maxBytes),
    },
    {
      onConnected: () => {
        condition = 'connected';
        showCondition();
        emit('connected');
        if (dropped > 0) warn(node, `${dropped} frames were dropped while Kafka was away.`);
        dropped = 0;
      },
      onOutage: (outage) => {
        condition = 'failed';
        reportOutage(node, outage);
        emit('error', { code: outage.error.code, message: outage.error.message, since: outage.since });
      },
      onSilence: (since) => {
        silentSince = since;
        if (condition !== 'failed') showCondition();
      },
      onLost: (lost) => {
        node.error(lostError(lost));
        emit('lost', { ...lost, first: String(lost.first), end: String(lost.end) });
      },
    },
  );
  const flow = openSinkFlow(RED, node);
  const reader = new MessageFrameReader();
  const throughput = new Throughput();
  let condition: 'connecting' | 'connected' | 'failed' = 'connecting';
  let silentSince: number | undefined;
  let dropped = 0;
  /** The last one of compressed video that was not sent for want of another. */
  let lastUndecodable: Pick<Frame, 'stream' | 'session' | 'seq'> | undefined;
  let wasQuiet = true;
  const evaluateInOrder = inOrder();
  const ticker = setInterval(reportProgress, 1000);

  node.on('input', async (msg: Input, send, done) => {
    let frame: Frame | undefined;
    try {
      const encoded = reader.read(msg.payload, msg.frame, String(msg.topic || node.name || node.id));
      frame = encoded.frame;
      const [topic, key] = await evaluateInOrder(() =>
        Promise.all([evaluate(config.topic, config.topicType, msg), evaluate(config.key, config.keyType, msg)]),
      );
      if (topic === '') {
        throw new VideoError('BAD_OPTION', `No topic: ${config.topicType} "${config.topic}" is empty.`);
      }
      const tracked = flow.isTracked(msg);
      const delivery = await producer.send(topic, key || frame.stream, encoded, { tracked });
      condition = 'connected';
      send(reportOf(delivery, msg));
      done();
    } catch (error) {
      if (frame === undefined || !isUndecodable(error)) return fail(error, done);
      lastUndecodable = { stream: frame.stream, session: frame.session, seq: frame.seq };
      done();
    }
  });

  node.on('close', async (_removed: boolean, done: () => void) => {
    clearInterval(ticker);
    await producer.close();
    flow.close();
    await workers.release();
    done();
  });

  function reportProgress(): void {
    const { totals } = producer;
    const rates = throughput.sample(totals);
    if (lastUndecodable !== undefined) emit('undecodable', { undecodable: totals.undecodable, last: lastUndecodable });
    lastUndecodable = undefined;
    const isQuiet = rates.framesPerSecond === 0 && totals.queued === 0;
    if (!isQuiet) emit('stats', { ...rates, ...totals });
    if (condition === 'connected' && silentSince === undefined && !(isQuiet && wasQuiet)) {
      showStatus(node, 'active', rates.framesPerSecond > 0 ? `${rates.framesPerSecond} frames/s` : 'connected');
    }
    wasQuiet = isQuiet;
  }

  /** Unless it failed: then the status says why. */
  function showCondition(): void {
    if (silentSince !== undefined) showSilence(node, silentSince);
    else if (condition === 'connected') showStatus(node, 'active', 'connected');
    else showStatus(node, 'waiting', 'connecting');
  }

  function emit(event: string, payload: object = {}): void {
    node.send([null, { event, payload, topic: config.topic } as NodeMessage]);
  }

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

  async function evaluate(value: string, type: string, msg: Input): Promise<string> {
    return String((await evaluateProperty(RED, node, value, type, msg)) ?? '');
  }
}

/** Not sent for want of another frame, of which there was an error: these are counted. */
function isUndecodable(error: unknown): boolean {
  return error instanceof VideoError && error.code === 'KEY_FRAME_MISSING';
}

function lostError({ topic, partition, first, end }: LostRecords): VideoError {
  return new VideoError(
    'FRAMES_LOST',
    `Kafka lost ${end - first} records of topic "${topic}" it had acknowledged (partition ${partition}, from offset ${first}): a broker without them became its leader, or the topic was recreated. To keep them, set acks to all, and min.insync.replicas of the topic to 2.`,
  );
}

/** Goes on as the same message, without the image: what handles it still counts for the frame. */
function reportOf({ frame, ...delivery }: Delivery, { _msgid }: Input): NodeMessage {
  return { _msgid, payload: delivery, topic: frame.stream, frame } as NodeMessage;
}
