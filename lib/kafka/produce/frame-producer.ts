import { VideoError } from '../../errors';
import type { EncodedFrame, Frame } from '../../frame/frame';
import { Backoff } from '../../time/backoff';
import { type Clock, systemClock } from '../../time/clock';
import { Signal, within } from '../../time/signal';
import type { KafkaCluster } from '../cluster/cluster';
import { type OutageHandlers, Outages } from '../cluster/outages';
import { type NewTopic, TopicMaker } from '../cluster/topics';
import { AcknowledgedEnds, type LostRecords } from './acknowledged-ends';
import { BatchSender, type SendingOptions } from './batch-sender';
import { batchOverhead, recordBytes, toFrameMessage } from './frame-message';
import { Lane, nameOf, type QueuedFrame } from './lane';
import { UntrackedQueue } from './untracked-queue';

/** Makes an image fit into `maxBytes`. */
export type Shrink = (
  image: Buffer,
  maxBytes: number,
) => Promise<Pick<Frame, 'width' | 'height' | 'codec'> & { data: Buffer }>;

export interface FrameProducerOptions extends SendingOptions {
  /** Topic to make ready at once; others follow when a frame first goes there. */
  topic?: string;
  /** Most bytes of a record, headers and batch overhead included. Default 1000000, just below Kafka's own default. */
  maxRecordBytes?: number;
  /** Makes larger frames fit; without it they are rejected. */
  shrink?: Shrink;
  /** Ms to wait for more frames before sending. Default 0. */
  linger?: number;
  /** How to create missing topics; without it they are waited for. */
  createTopic?: NewTopic;
  /** Most bytes of frames waiting that no source waits for; then the oldest is dropped. Default 64 MB. */
  maxUntrackedBytes?: number;
  /** Ms to go on sending after `close`. Default 5000. */
  flushTimeout?: number;
  clock?: Clock;
}

export interface FrameProducerHandlers extends Pick<OutageHandlers, 'onOutage'> {
  /** Called when the broker is reached first, and when all is well again after an outage. */
  onConnected: () => void;
  /** Called when the broker turns out to have lost records it had acknowledged. */
  onLost: (lost: LostRecords) => void;
}

/** What was sent since the start, and what waits. */
export interface ProducerTotals {
  frames: number;
  bytes: number;
  /** Frames given and not settled. */
  queued: number;
  /** Tries that failed and were repeated. */
  retries: number;
}

/** What became of a frame. */
export interface Delivery {
  topic: string;
  /** Unknown with acks 0. */
  partition?: number;
  /** Unknown with acks 0. */
  offset?: string;
  /** Ms from `send` to the acknowledgement. */
  latency: number;
  /** Bytes of the image as sent. */
  bytes: number;
  /** The frame as sent: its size and codec differ from what was given where it was shrunk. */
  frame: Frame;
  shrunk?: true;
}

/**
 * Idempotent sending is one request at a time for each numbering, so streams are spread over several: those of different
 * ones are under way at once. Each is a kafkajs producer with connections of its own, opened when first needed.
 */
const idempotentSenders = 4;

/**
 * Sends frames to Kafka. Frames of one key stay in order; those waiting are sent together, in batches the broker accepts.
 * While the broker or the topic is away frames wait, and are tried again for as long as the producer is open.
 */
export class FrameProducer {
  readonly #cluster: KafkaCluster;
  readonly #options: FrameProducerOptions;
  readonly #handlers: FrameProducerHandlers;
  readonly #clock: Clock;
  readonly #maxRecordBytes: number;
  readonly #outages: Outages;
  readonly #topics: TopicMaker;
  readonly #ends: AcknowledgedEnds;
  readonly #senders: BatchSender[] = [];
  readonly #lanes = new Map<string, { lane: Lane; pump: Promise<void> }>();
  readonly #underWay = new Set<QueuedFrame>();
  readonly #untracked: UntrackedQueue;
  readonly #totals = { frames: 0, bytes: 0, retries: 0 };
  readonly #closed: Signal;
  readonly #connected: Promise<void>;
  #state: 'open' | 'closing' | 'closed' = 'open';
  #closing: Promise<void> | undefined;

  /** Connects at once. Throws BAD_OPTION when the options contradict each other. */
  constructor(cluster: KafkaCluster, options: FrameProducerOptions, handlers: FrameProducerHandlers) {
    if (options.idempotent && options.acks !== 'all') {
      throw new VideoError(
        'BAD_OPTION',
        'Idempotent sending needs the acknowledgement of all replicas: set acks to all.',
      );
    }
    this.#cluster = cluster;
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#closed = new Signal(this.#clock);
    this.#maxRecordBytes = options.maxRecordBytes ?? 1_000_000;
    this.#outages = new Outages({ onOutage: handlers.onOutage, onRecovered: () => handlers.onConnected() });
    this.#topics = new TopicMaker(cluster, options.createTopic);
    this.#ends = new AcknowledgedEnds((lost) => handlers.onLost(lost));
    this.#untracked = new UntrackedQueue(options.maxUntrackedBytes ?? 64 * 1024 * 1024, dropped);
    this.#connected = this.#connect();
  }

  get totals(): ProducerTotals {
    let queued = this.#underWay.size;
    for (const { lane } of this.#lanes.values()) queued += lane.length;
    return { ...this.#totals, queued };
  }

  /**
   * Resolves when the broker has acknowledged the frame. Rejects with RECORD_TOO_LARGE when it cannot be made to fit,
   * QUEUE_FULL when it was dropped for later ones (untracked frames only), CLOSED when the producer was closed first,
   * or what else the broker has against this very record.
   */
  send(topic: string, key: string, encoded: EncodedFrame, { tracked = false } = {}): Promise<Delivery> {
    if (this.#state !== 'open') return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      const message = toFrameMessage(key, encoded);
      const queuedAt = this.#clock.now();
      const queued: QueuedFrame = {
        frame: encoded.frame,
        key,
        message,
        bytes: recordBytes(message),
        tracked,
        queuedAt,
        reject,
        resolve: (position) => {
          const { frame, shrunk } = queued;
          const latency = this.#clock.now() - queuedAt;
          this.#totals.frames += 1;
          this.#totals.bytes += queued.message.value.length;
          resolve({
            topic,
            ...position,
            latency,
            bytes: queued.message.value.length,
            frame,
            ...(shrunk && { shrunk }),
          });
        },
      };
      const { shrink } = this.#options;
      const tooLarge = this.#isTooLarge(queued);
      if (tooLarge && shrink === undefined) return reject(this.#tooLargeError(queued));
      const lane = this.#enqueue(topic, queued);
      if (tooLarge && shrink !== undefined) queued.preparing = this.#shrink(lane, queued, shrink);
    });
  }

  /** Sends what waits for as long as `flushTimeout`, rejects what is left, and disconnects. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#state = 'closing';
    for (const { lane } of this.#lanes.values()) lane.full.notify();
    const pumps = [...this.#lanes.values()].map(({ pump }) => pump);
    await within(this.#clock, this.#options.flushTimeout ?? 5000, Promise.all(pumps));
    this.#state = 'closed';
    const waiting = [...this.#lanes.values()].flatMap(({ lane }) => lane.drain());
    for (const queued of [...this.#underWay, ...waiting]) queued.reject(this.#closedError());
    this.#untracked.clear();
    this.#closed.notify();
    await Promise.all(this.#senders.map((sender) => sender.close()));
  }

  /** Tries until it is connected or closed. */
  async #connect(): Promise<void> {
    const { topic } = this.#options;
    const backoff = new Backoff({ first: 250, most: 2000 });
    const sender = this.#sender(0);
    while (this.#state !== 'closed') {
      try {
        await sender.connect();
        if (this.#isClosed()) return await sender.close();
        if (topic) await this.#topics.ensure(topic);
        if (this.#outages.current === undefined) this.#handlers.onConnected();
        else this.#outages.succeeded(topic);
        return;
      } catch (error) {
        if (this.#isClosed()) return;
        this.#totals.retries += 1;
        sender.noteOutage(error, topic);
        await this.#closed.wait(backoff.next());
      }
    }
  }

  #sender(index: number): BatchSender {
    this.#senders[index] ??= new BatchSender(this.#options, {
      cluster: this.#cluster,
      topics: this.#topics,
      outages: this.#outages,
      ends: this.#ends,
      clock: this.#clock,
      onRetry: () => {
        this.#totals.retries += 1;
      },
    });
    return this.#senders[index];
  }

  #enqueue(topic: string, queued: QueuedFrame): Lane {
    // An idempotent sender must not have two batches for one partition under way, and its keys may share one.
    const index = this.#options.idempotent ? hashOf(queued.key) % idempotentSenders : 0;
    const id = JSON.stringify(this.#options.idempotent ? [topic, index] : [topic, queued.key]);
    const existing = this.#lanes.get(id);
    const lane = existing?.lane ?? new Lane(topic, this.#maxRecordBytes, this.#clock);
    lane.push(queued);
    if (!queued.tracked) this.#untracked.add(queued, lane);
    if (existing === undefined) {
      this.#lanes.set(id, { lane, pump: this.#pump(id, lane, index) });
    }
    return lane;
  }

  /** Sends what is in a lane, batch after batch, until it is empty; then the lane is gone. */
  async #pump(id: string, lane: Lane, senderIndex: number): Promise<void> {
    const { linger = 0 } = this.#options;
    await this.#connected;
    while (lane.head !== undefined) {
      if (lane.head.preparing !== undefined) {
        await lane.head.preparing;
        continue;
      }
      if (linger > 0 && !lane.isFull && this.#state === 'open') await lane.full.wait(linger);
      const batch = lane.takeBatch();
      for (const queued of batch) {
        this.#untracked.remove(queued);
        this.#underWay.add(queued);
      }
      await this.#sender(senderIndex).deliver(lane.topic, batch);
      for (const queued of batch) this.#underWay.delete(queued);
    }
    this.#lanes.delete(id);
  }

  /** Makes the image fit; takes the frame out and rejects it where that fails. */
  async #shrink(lane: Lane, queued: QueuedFrame, shrink: Shrink): Promise<void> {
    const { frame, key, message, bytes } = queued;
    try {
      const { data, width, height, codec } = await shrink(
        message.value,
        this.#maxRecordBytes - batchOverhead - (bytes - message.value.length),
      );
      queued.frame = { ...frame, width, height, codec };
      queued.message = toFrameMessage(key, { frame: queued.frame, data });
      queued.bytes = recordBytes(queued.message);
      queued.shrunk = true;
      this.#untracked.resized(queued, bytes);
      if (this.#isTooLarge(queued)) throw this.#tooLargeError(queued);
    } catch (error) {
      lane.remove(queued);
      this.#untracked.remove(queued);
      queued.reject(error as Error);
    } finally {
      queued.preparing = undefined;
    }
  }

  #isTooLarge({ bytes }: QueuedFrame): boolean {
    return bytes + batchOverhead > this.#maxRecordBytes;
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #tooLargeError({ frame, bytes }: QueuedFrame): VideoError {
    return new VideoError(
      'RECORD_TOO_LARGE',
      `${nameOf(frame)} makes a record of ${bytes} bytes, more than the ${this.#maxRecordBytes} allowed. Let it be shrunk, lower quality or size at the source, or raise the limit here and max.message.bytes of the topic.`,
    );
  }

  #closedError(): VideoError {
    const outage = this.#outages.current;
    const why = outage === undefined ? '' : ` ${outage.error.message}`;
    return new VideoError('CLOSED', `The frame was not acknowledged before sending was stopped.${why}`);
  }
}

function dropped(queued: QueuedFrame): void {
  queued.reject(
    new VideoError(
      'QUEUE_FULL',
      `${nameOf(queued.frame)} was dropped: more frames wait for Kafka than the queue holds, and no source waits for them. Send slower, or let the messages keep their _msgid.`,
    ),
  );
}

/** A small number for a key, always the same. */
function hashOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0;
  return hash;
}
