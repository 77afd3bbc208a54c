import { VideoError } from '../../errors';
import type { EncodedFrame, Frame } from '../../frame/frame';
import { type Clock, systemClock } from '../../time/clock';
import { within } from '../../time/signal';
import type { KafkaCluster } from '../cluster/cluster';
import { type OutageHandlers, Outages } from '../cluster/outages';
import type { SilenceHandler } from '../cluster/silence';
import { type NewTopic, TopicMaker } from '../cluster/topics';
import { AcknowledgedEnds, type LostRecords } from './acknowledged-ends';
import type { SendingOptions } from './batch-sender';
import { recordBytes, toFrameMessage } from './frame-message';
import type { QueuedFrame } from './lane';
import { type Oversize, RecordLimit, type Shrink } from './record-limit';
import { SendQueue } from './send-queue';
import { SenderPool } from './sender-pool';
import { SentGroups } from './sent-groups';
import { TopicLimits } from './topic-limits';

export interface FrameProducerOptions extends SendingOptions {
  /** Topic to make ready at once; others follow when a frame first goes there. */
  topic?: string;
  /** Most bytes of a record, headers and batch overhead included. Default 1000000, just below Kafka's own default. */
  maxRecordBytes?: number;
  /** Makes larger frames fit; without it they are rejected. */
  shrink?: Shrink;
  /** With `reject`, `shrink` is for the last frame of a session alone. Default shrink. */
  oversize?: Oversize;
  /**
   * Ms to wait for more frames before sending. Default 0: none at the pace of live video, a little where frames come faster
   * than anybody watches them, which are then sent several at a time.
   */
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
  /** See `SilenceHandler`. */
  onSilence?: SilenceHandler;
}

/** What was sent since the start, and what waits. */
export interface ProducerTotals {
  frames: number;
  bytes: number;
  /** Frames given and not settled. */
  queued: number;
  /** Attempts that failed and were repeated. */
  retries: number;
  /** Frames of compressed video that were not sent, as one that they hang on was not. */
  undecodable: number;
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
 * Sends frames to Kafka. Frames of one key stay in order; those waiting are sent together, in batches the broker accepts.
 * While the broker or the topic is away frames wait, and are tried again for as long as the producer is open.
 */
export class FrameProducer {
  readonly #options: FrameProducerOptions;
  readonly #clock: Clock;
  readonly #outages: Outages;
  readonly #limit: RecordLimit;
  readonly #senders: SenderPool;
  readonly #queue: SendQueue;
  readonly #sent = new SentGroups();
  readonly #totals = { frames: 0, bytes: 0, retries: 0, undecodable: 0 };
  readonly #ignoreSilence: () => void;
  #closing: Promise<void> | undefined;

  /** Connects at once. Throws BAD_OPTION when the options contradict each other. */
  constructor(
    cluster: KafkaCluster,
    options: FrameProducerOptions,
    { onOutage, onConnected, onLost, onSilence = () => {} }: FrameProducerHandlers,
  ) {
    if (options.idempotent && options.acks !== 'all') {
      throw new VideoError(
        'BAD_OPTION',
        'Idempotent sending needs the acknowledgement of all replicas: set acks to all.',
      );
    }
    const { topic, clock = systemClock } = options;
    this.#options = options;
    this.#clock = clock;
    const { maxRecordBytes = 1_000_000, shrink, oversize } = options;
    this.#limit = new RecordLimit(maxRecordBytes, new TopicLimits(cluster, clock), shrink, oversize);
    this.#outages = new Outages({ onOutage, onRecovered: onConnected });
    this.#senders = new SenderPool(options, {
      ...{ cluster, clock, outages: this.#outages, sent: this.#sent },
      topics: new TopicMaker(cluster, options.createTopic),
      ends: new AcknowledgedEnds(onLost),
      onTooLarge: (topic, queued) => this.#limit.refused(topic, queued),
      onRetry: () => {
        this.#totals.retries += 1;
      },
    });
    this.#ignoreSilence = cluster.silence.watch(onSilence);
    const ready = this.#senders.connect(topic, () => {
      const isFirst = this.#outages.current === undefined;
      this.#outages.succeeded(topic);
      if (isFirst) onConnected();
    });
    this.#queue = new SendQueue({
      maxBatchBytes: (topic) => this.#limit.of(topic),
      linger: options.linger ?? 0,
      maxUntrackedBytes: options.maxUntrackedBytes ?? 64 * 1024 * 1024,
      deliver: (lane, batch) => this.#senders.deliver(lane, batch),
      ...{ ready, clock, sent: this.#sent },
    });
  }

  get totals(): ProducerTotals {
    return { ...this.#totals, queued: this.#queue.length };
  }

  /**
   * Resolves when the broker has acknowledged the frame. Rejects with RECORD_TOO_LARGE when it cannot be made to fit,
   * KEY_FRAME_MISSING when it is a part of compressed video and hangs on a frame that was not sent, QUEUE_FULL when it was
   * dropped for later ones (untracked frames only), CLOSED when the producer was closed first, or what else the broker has
   * against this very record.
   */
  send(topic: string, key: string, encoded: EncodedFrame, { tracked = false } = {}): Promise<Delivery> {
    if (this.#closing !== undefined) return Promise.reject(this.#closedError());
    return new Promise((resolve, reject) => {
      const message = toFrameMessage(key, encoded);
      const queuedAt = this.#clock.now();
      const lane = this.#senders.laneFor(topic, key);
      const queued: QueuedFrame = {
        ...{ frame: encoded.frame, key, message, bytes: recordBytes(message), tracked },
        reject: (error) => {
          this.#sent.lose(lane, encoded.frame);
          if (error instanceof VideoError && error.code === 'KEY_FRAME_MISSING') this.#totals.undecodable += 1;
          reject(error);
        },
        resolve: (position) => {
          const { frame, shrunk, message } = queued;
          const bytes = message.value.length;
          const latency = this.#clock.now() - queuedAt;
          this.#totals.frames += 1;
          this.#totals.bytes += bytes;
          resolve({ topic, ...position, latency, bytes, frame, ...(shrunk && { shrunk }) });
        },
      };
      const fit = this.#limit.admits(topic, queued) ? undefined : () => this.#limit.fit(topic, queued);
      this.#queue.add(lane, queued, fit);
    });
  }

  /** Sends what waits for as long as `flushTimeout`, rejects what is left, and disconnects. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#ignoreSilence();
    await within(this.#clock, this.#options.flushTimeout ?? 5000, this.#queue.flush());
    this.#queue.clear(this.#closedError());
    await this.#senders.close();
  }

  #closedError(): VideoError {
    const outage = this.#outages.current;
    const why = outage === undefined ? '' : ` ${outage.error.message}`;
    return new VideoError('CLOSED', `The frame was not acknowledged before sending was stopped.${why}`);
  }
}
