import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import { type Clock, systemClock } from '../clock';
import { VideoError } from '../errors';
import type { EncodedFrame, Frame } from '../frame/frame';
import { Backoff } from './backoff';
import type { KafkaCluster } from './cluster';
import { batchOverhead, recordBytes, toFrameMessage } from './frame-message';
import { protocolErrorType } from './kafka-error';
import { Lane, type QueuedFrame } from './lane';
import { concernsTopic, type OutageHandlers, Outages } from './outages';
import { Signal, within } from './signal';
import { ensureTopic, type NewTopic } from './topics';

/** Makes an image fit into `maxBytes`. */
export type Shrink = (
  image: Buffer,
  maxBytes: number,
) => Promise<Pick<Frame, 'width' | 'height' | 'codec'> & { data: Buffer }>;

export interface FrameProducerOptions {
  /** Topic to make ready at once; others follow when a frame first goes there. */
  topic?: string;
  /** Whose acknowledgement makes a frame delivered: nobody's, the partition leader's, or all in-sync replicas'. Default 1. */
  acks?: 0 | 1 | 'all';
  /** Whether the broker sorts out what was sent twice; needs acks 'all'. */
  idempotent?: boolean;
  compression?: 'none' | 'gzip';
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

/** Refusals that concern single records: those are rejected, the others of their batch go on. */
const recordErrors = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE', 'INVALID_TIMESTAMP', 'INVALID_RECORD'];

/**
 * Sends frames to Kafka. Frames of one key stay in order; those waiting are sent together, in batches the broker accepts.
 * While the broker or the topic is away frames wait, and are tried again for as long as the producer is open.
 */
export class FrameProducer {
  readonly #cluster: KafkaCluster;
  readonly #options: FrameProducerOptions;
  readonly #handlers: FrameProducerHandlers;
  readonly #clock: Clock;
  readonly #producer: Producer;
  readonly #maxRecordBytes: number;
  readonly #outages: Outages;
  readonly #lanes = new Map<string, { lane: Lane; pump: Promise<void> }>();
  readonly #underWay = new Set<QueuedFrame>();
  /** Frames no source waits for, oldest first. */
  readonly #untracked = new Map<QueuedFrame, Lane>();
  #untrackedBytes = 0;
  readonly #topicsReady = new Map<string, Promise<void>>();
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
    this.#producer = cluster.client().producer({
      allowAutoTopicCreation: false,
      idempotent: options.idempotent ?? false,
      createPartitioner: Partitioners.DefaultPartitioner,
      metadataMaxAge: 60_000,
    });
    this.#connected = this.#connect();
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
    await this.#disconnect();
  }

  /** Tries until it is connected or closed. */
  async #connect(): Promise<void> {
    const { topic } = this.#options;
    const backoff = new Backoff({ first: 250, most: 2000 });
    while (this.#state !== 'closed') {
      try {
        await this.#producer.connect();
        if (this.#isClosed()) return await this.#disconnect();
        if (topic) await this.#ensureTopic(topic);
        if (this.#outages.current === undefined) this.#handlers.onConnected();
        else this.#outages.succeeded(topic);
        return;
      } catch (error) {
        if (this.#isClosed()) return;
        this.#noteOutage(error, topic);
        await this.#closed.wait(backoff.next());
      }
    }
  }

  #enqueue(topic: string, queued: QueuedFrame): Lane {
    // An idempotent producer numbers the records of a partition, so keys that share one must not be under way at once.
    const id = JSON.stringify(this.#options.idempotent ? [topic] : [topic, queued.key]);
    const existing = this.#lanes.get(id);
    const lane = existing?.lane ?? new Lane(topic, this.#maxRecordBytes, this.#clock);
    lane.push(queued);
    if (!queued.tracked) this.#admitUntracked(queued, lane);
    if (existing === undefined) {
      this.#lanes.set(id, { lane, pump: this.#pump(id, lane) });
    }
    return lane;
  }

  #admitUntracked(queued: QueuedFrame, lane: Lane): void {
    this.#untracked.set(queued, lane);
    this.#untrackedBytes += queued.bytes;
    const most = this.#options.maxUntrackedBytes ?? 64 * 1024 * 1024;
    for (const [oldest, itsLane] of this.#untracked) {
      if (this.#untrackedBytes <= most || oldest === queued) return;
      itsLane.remove(oldest);
      this.#forgetUntracked(oldest);
      oldest.reject(
        new VideoError(
          'QUEUE_FULL',
          `${nameOf(oldest.frame)} was dropped: more frames wait for Kafka than the queue holds, and no source waits for them. Send slower, or let the messages keep their _msgid.`,
        ),
      );
    }
  }

  #forgetUntracked(queued: QueuedFrame): void {
    if (this.#untracked.delete(queued)) this.#untrackedBytes -= queued.bytes;
  }

  /** Sends what is in a lane, batch after batch, until it is empty; then the lane is gone. */
  async #pump(id: string, lane: Lane): Promise<void> {
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
        this.#forgetUntracked(queued);
        this.#underWay.add(queued);
      }
      await this.#deliver(lane.topic, batch);
      for (const queued of batch) this.#underWay.delete(queued);
    }
    this.#lanes.delete(id);
  }

  /** Settles every frame of the batch, however long that takes. */
  async #deliver(topic: string, batch: QueuedFrame[]): Promise<void> {
    const backoff = new Backoff({ first: 100, most: 2000 });
    while (!this.#isClosed()) {
      try {
        await this.#transmit(topic, batch);
        if (this.#isClosed()) await this.#disconnect();
        else this.#outages.succeeded(topic);
        return;
      } catch (error) {
        // kafkajs reconnects for a request that is still tried again: what it opened after `close` is closed here.
        if (this.#isClosed()) return await this.#disconnect();
        const type = protocolErrorType(error) ?? '';
        if (recordErrors.includes(type) && batch.length > 1) {
          for (const queued of batch) await this.#deliver(topic, [queued]);
          return;
        }
        if (recordErrors.includes(type) || type === 'INVALID_TOPIC_EXCEPTION') {
          for (const queued of batch) queued.reject(this.#refusal(error, topic, queued));
          return;
        }
        this.#noteOutage(error, topic);
        await this.#closed.wait(backoff.next());
      }
    }
  }

  async #transmit(topic: string, batch: QueuedFrame[]): Promise<void> {
    const { acks = 1, compression = 'none' } = this.#options;
    await this.#ensureTopic(topic);
    const [written] = await this.#producer.send({
      topic,
      messages: batch.map(({ message }) => message),
      acks: acks === 'all' ? -1 : acks,
      compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
    });
    // All of one key, so all in one partition. With acks 0 the broker says nothing.
    batch.forEach(({ resolve }, index) => {
      if (written?.baseOffset === undefined) resolve({});
      else resolve({ partition: written.partition, offset: String(BigInt(written.baseOffset) + BigInt(index)) });
    });
  }

  #ensureTopic(topic: string): Promise<void> {
    const { createTopic } = this.#options;
    if (createTopic === undefined) return Promise.resolve();
    let ready = this.#topicsReady.get(topic);
    if (ready === undefined) {
      ready = this.#cluster.withAdmin((admin) => ensureTopic(admin, topic, createTopic));
      this.#topicsReady.set(topic, ready);
    }
    return ready;
  }

  #noteOutage(thrown: unknown, topic: string | undefined): void {
    if (topic !== undefined) this.#topicsReady.delete(topic);
    const error = this.#cluster.errorOf(thrown, { topic, otherwise: 'SEND_FAILED' });
    this.#outages.failed(error, concernsTopic(error) ? topic : undefined);
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
      if (this.#untracked.has(queued)) this.#untrackedBytes += queued.bytes - bytes;
      if (this.#isTooLarge(queued)) throw this.#tooLargeError(queued);
    } catch (error) {
      lane.remove(queued);
      this.#forgetUntracked(queued);
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

  async #disconnect(): Promise<void> {
    await within(this.#clock, 2000, this.#producer.disconnect());
  }

  #refusal(thrown: unknown, topic: string, { frame }: QueuedFrame): VideoError {
    const { code, message } = this.#cluster.errorOf(thrown, { topic, otherwise: 'SEND_FAILED' });
    return new VideoError(code, `${nameOf(frame)} was not sent. ${message}`, { cause: thrown });
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

function nameOf({ stream, seq }: Frame): string {
  return `Frame ${seq} of "${stream}"`;
}
