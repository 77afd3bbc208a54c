import type { Node, NodeAPI, NodeMessage, NodeMessageInFlow } from 'node-red';
import { VideoError } from '../../lib/errors';
import type { FrameOutcome } from '../../lib/flow/outcome';
import type { EncodedFrame } from '../../lib/frame/frame';
import type { TopicOffset } from '../../lib/kafka/cluster/topic-partition';
import { FrameConsumer, type FrameConsumerState } from '../../lib/kafka/consume/frame-consumer';
import type { PartitionOwner } from '../../lib/kafka/consume/partition-owners';
import { parsePosition } from '../../lib/kafka/consume/position';
import type { RecordInfo } from '../../lib/kafka/consume/record';
import { RecentMap } from '../../lib/recent-map';
import { Throughput } from '../../lib/time/throughput';
import { openSourceFlow } from '../common/flow-control';
import { reportOutage, showSilence } from '../common/outage-status';
import { type Condition, reportError, showStatus, warn } from '../common/status';
import { clusterOf } from '../kafka-frame-broker/broker';
import { consumerOptions, decodesPictures, type FrameInConfig } from './options';
import { openDecoders } from './pictures';

type Input = NodeMessageInFlow & { action?: unknown; position?: unknown; seek?: unknown; kafka?: unknown };

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
  unassigned: ['waiting', 'no partition'],
  disconnected: ['failed', 'disconnected'],
  closed: ['idle', 'closed'],
};

function start(RED: NodeAPI, node: Node, config: FrameInConfig): void {
  const options = consumerOptions(config);
  const decodes = decodesPictures(config);
  const cluster = clusterOf(RED, node, config.broker);
  const flow = openSourceFlow(RED, node, options);
  const throughput = new Throughput();
  const maxDelay = options.maxDelay ?? options.keepUp;
  let paused = false;
  let wasQuiet = true;
  /** Who has the partitions, where this node has none. */
  let owners: readonly PartitionOwner[] = [];
  let silentSince: number | undefined;
  let lastSkipped: RecordInfo | undefined;
  let lastUndecodable: RecordInfo | undefined;
  /** Streams of which it was told that some of their frames cannot be decoded. */
  const undecodable = new RecentMap<string, true>(1000);
  /** What the last seek was called by whoever asked for it. */
  let lastSeek: string | undefined;
  showStatus(node, ...statuses.connecting);
  const pictures = decodes ? openDecoders(RED, { limits: options, onError: tellUndecodable }) : undefined;
  const consumer = new FrameConsumer(cluster, options, {
    onFrame: (encoded, info, onFinished, onHeld) => {
      const range = consumer.timesOf(info.topic);
      const kafka = {
        ...info,
        ...(range !== undefined && { range }),
        ...(maxDelay !== undefined && { maxDelay }),
        ...(lastSeek !== undefined && { seek: lastSeek }),
      };
      if (pictures === undefined) return send(encoded, kafka, onFinished);
      pictures.decoders.push(`${info.topic}/${info.partition}/${encoded.frame.stream}`, encoded, {
        onTaken: onHeld,
        onPassed: onFinished,
        onPicture: (picture, onPictureFinished) =>
          send(picture, kafka, (outcome) => {
            onPictureFinished();
            onFinished(outcome);
          }),
      });
    },
    onSkipped: (record) => {
      if (consumer.totals.skipped === 1) {
        warn(
          node,
          `Record ${record.offset} of ${record.topic}/${record.partition} is neither an image nor the video that its content type says: it is skipped, as are others like it.`,
        );
      }
      lastSkipped = record;
    },
    onUndecodable: (record, { stream }) => {
      lastUndecodable = record;
      if (undecodable.get(stream)) return;
      undecodable.set(stream, true);
      warn(
        node,
        `Video of "${stream}" cannot be decoded from offset ${record.offset} of ${record.topic}/${record.partition} on: its key frame, or one of the frames behind it, is not in the topic, or too far back. It goes on with the next key frame.`,
      );
    },
    onJumped: (jump) => emit('jumped', jump),
    onDeleted: ({ topic, partition, first, end }) => {
      const records = Number(end - first);
      const [what, were] = records === 1 ? ['record', 'was'] : ['records', 'were'];
      warn(
        node,
        `${records} ${what} of ${topic}/${partition} ${were} deleted by Kafka before being read: offsets ${first} to ${end - 1n}. Raise the topic's retention (retention.ms, retention.bytes), or read faster.`,
      );
      emit('lost', { topic, partition, records, first: String(first), end: String(end) });
    },
    onUnreadable: ({ topic, partition, first, end, cause, error }) => {
      warn(node, error.message);
      const records = Number(end - first);
      const { code, message } = error;
      emit('unreadable', { topic, partition, records, first: String(first), end: String(end), cause, code, message });
    },
    onState: (state, members = []) => {
      owners = members;
      showState(state);
      if (state === 'unassigned') {
        const reason = 'other members of the group have all partitions';
        emit(state, { group: options.group, reason, owners });
      } else if (state === 'connected' || state === 'disconnected') emit(state);
    },
    onSilence: (since) => {
      silentSince = since;
      // An outage says more.
      if (consumer.state !== 'disconnected') showState(consumer.state);
    },
    onOutage: (outage) => {
      reportOutage(node, outage);
      emit('error', { code: outage.error.code, message: outage.error.message, since: outage.since });
    },
  });
  const ticker = setInterval(reportProgress, 1000);

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
    await pictures?.close();
    flow.close();
    done();
  });

  function send({ frame, data }: EncodedFrame, kafka: RecordInfo, onFinished: (outcome: FrameOutcome) => void): void {
    flow.send(
      {
        payload: data,
        topic: frame.stream,
        frame,
        kafka,
        ...(options.commit === 'manual' && { commit: () => consumer.commit(offsetOf(kafka)) }),
      } as NodeMessage,
      onFinished,
    );
  }

  function tellUndecodable({ code, message }: VideoError, stream: string): void {
    warn(node, message);
    emit('error', { code, message, stream });
  }

  async function act({ action, position, seek, kafka }: Input): Promise<void> {
    switch (action) {
      case 'pause':
      case 'resume':
        paused = action === 'pause';
        consumer[action]();
        pictures?.decoders[action]();
        showState(consumer.state);
        return emit(paused ? 'paused' : 'resumed');
      case 'seek':
        try {
          await consumer.seek(parsePosition(position));
        } finally {
          // Also when it failed: the frames that go on are no longer what the display has to wait for.
          lastSeek = typeof seek === 'string' ? seek.slice(0, 64) : undefined;
        }
        return emit('seeked', { position });
      case 'commit':
        await consumer.commit(offsetOf(kafka));
        return;
      default:
        throw new VideoError('BAD_OPTION', `msg.action "${action}" is unknown: use pause, resume, seek or commit.`);
    }
  }

  function reportProgress(): void {
    const { totals } = consumer;
    const rates = throughput.sample(totals);
    if (lastSkipped !== undefined) emit('skipped', { skipped: totals.skipped, last: lastSkipped });
    lastSkipped = undefined;
    if (lastUndecodable !== undefined) emit('undecodable', { undecodable: totals.undecodable, last: lastUndecodable });
    lastUndecodable = undefined;
    const isQuiet = rates.framesPerSecond === 0 && totals.unfinished === 0;
    if (!isQuiet) emit('stats', { ...rates, ...totals });
    if (consumer.state === 'connected' && !paused && silentSince === undefined && !(isQuiet && wasQuiet)) {
      if (flow.heldBy !== undefined) showStatus(node, 'held', flow.heldBy);
      else showStatus(node, 'active', isQuiet ? 'connected' : progressOf(rates.framesPerSecond, totals.lag));
    }
    wasQuiet = isQuiet;
  }

  function showState(state: FrameConsumerState): void {
    if (silentSince !== undefined && state !== 'disconnected' && state !== 'closed') showSilence(node, silentSince);
    else if (state === 'connected' && paused) showStatus(node, 'held', 'paused');
    else if (state === 'unassigned' && owners.length > 0) {
      showStatus(node, 'waiting', `no partition: group shared with ${textOf(owners)}`);
    } else showStatus(node, ...statuses[state]);
  }

  function emit(event: string, payload: object = {}): void {
    node.send([null, { event, payload, topic: config.topic } as NodeMessage]);
  }
}

/** Under 20 characters, as long as less than a million records wait. */
function progressOf(framesPerSecond: number, lag: number): string {
  return lag > 0 ? `${Math.round(framesPerSecond)} fps, lag ${lag}` : `${framesPerSecond} frames/s`;
}

/** Each of the members once, by name and host. */
function textOf(owners: readonly PartitionOwner[]): string {
  return [...new Set(owners.map(({ clientId, host }) => `${clientId} (${host})`))].join(', ');
}

/** Where a frame was in Kafka, of a message as this node sent it. */
function offsetOf(kafka: unknown): TopicOffset {
  const { topic, partition, offset } = (kafka ?? {}) as Partial<RecordInfo>;
  if (typeof topic !== 'string' || typeof partition !== 'number' || !/^\d+$/.test(String(offset))) {
    throw new VideoError('BAD_OPTION', 'A commit needs msg.kafka as this node sent it: topic, partition and offset.');
  }
  return { topic, partition, offset: BigInt(offset as string) };
}
