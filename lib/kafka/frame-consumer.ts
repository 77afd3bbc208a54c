import type { Consumer, EachBatchPayload } from 'kafkajs';
import { type Clock, systemClock } from '../clock';
import type { VideoError } from '../errors';
import { Window, type WindowLimits } from '../flow/window';
import type { EncodedFrame, Frame } from '../frame/frame';
import { FrameReader, type FrameRecord } from '../frame/frame-reader';
import { Assignment } from './assignment';
import { Backoff } from './backoff';
import type { KafkaCluster } from './cluster';
import { protocolErrorType } from './kafka-error';
import type { OffsetTracker } from './offset-tracker';
import { concernsTopic, type OutageHandlers, Outages } from './outages';
import { type Position, resolvePosition } from './position';
import { infoOf, type RecordInfo, toFrameRecord } from './record';
import { Signal, within } from './signal';

export interface FrameConsumerOptions extends WindowLimits {
  topic: string;
  /** Consumer group: remembers how far it has read, and shares the partitions among its members. */
  group: string;
  /** Where to begin; 'resume' is where the group stopped, or the beginning where it never read. */
  from: 'resume' | Position;
  /** Hand out this stream's frames only. */
  stream?: string;
  /** Ms between commits. Default 5000. */
  commitInterval?: number;
  /** Ms a missing topic is waited for before that is an error; it is waited for afterwards, too. Default 5000. */
  topicPatience?: number;
  clock?: Clock;
}

/** `connected` once it is a member of its group; `waiting` for a topic that is missing. */
export type FrameConsumerState = 'connecting' | 'waiting' | 'connected' | 'disconnected' | 'closed';

export interface FrameConsumerHandlers extends Pick<OutageHandlers, 'onOutage'> {
  /** Called in the order of the topic; `onFinished` is to be called once when nobody works on the frame any more. */
  onFrame: (encoded: EncodedFrame, info: RecordInfo, onFinished: () => void) => void;
  /** Called for a record that is no image. */
  onSkipped: (info: RecordInfo) => void;
  onState: (state: FrameConsumerState) => void;
}

/** What was read since the start. */
export interface ConsumerTotals {
  frames: number;
  bytes: number;
  skipped: number;
  /** Frames handed out and not finished. */
  unfinished: number;
  /** Records in the topic that are not read yet. */
  lag: number;
}

/** Ms between heartbeats. A consumer that is held sends them itself, so that it stays a member for as long as it takes. */
const heartbeatInterval = 1500;

/**
 * Reads frames from a topic, no faster than they are finished, and commits only what is finished.
 * While the broker or the topic is away it tries again for as long as it is open.
 */
export class FrameConsumer {
  readonly #cluster: KafkaCluster;
  readonly #options: FrameConsumerOptions;
  readonly #handlers: FrameConsumerHandlers;
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #outages: Outages;
  readonly #reader = new FrameReader();
  readonly #assignment = new Assignment();
  /** Notified when there may be room, or a reason to stop waiting for it. */
  readonly #changed: Signal;
  readonly #lags = new Map<number, number>();
  readonly #totals = { frames: 0, bytes: 0, skipped: 0 };
  #state: FrameConsumerState = 'connecting';
  #flow: 'flowing' | 'paused' = 'flowing';
  /** Where to go when the group is joined next. */
  #nextPosition: Position | undefined;
  #member: Consumer | undefined;
  /** Settled when reading may go on after the group was joined. */
  #positioned: Promise<void> = Promise.resolve();
  #committing: Promise<void> | undefined;
  #running: Promise<void>;
  #closing: Promise<void> | undefined;

  /** Connects at once. */
  constructor(cluster: KafkaCluster, options: FrameConsumerOptions, handlers: FrameConsumerHandlers) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#window = new Window(options);
    this.#changed = new Signal(this.#clock);
    this.#outages = new Outages({ onOutage: handlers.onOutage, onRecovered: () => {} });
    this.#nextPosition = options.from === 'resume' ? undefined : options.from;
    this.#running = this.#run();
  }

  get state(): FrameConsumerState {
    return this.#state;
  }

  get totals(): ConsumerTotals {
    const lag = [...this.#lags.values()].reduce((sum, each) => sum + each, 0);
    return { ...this.#totals, unfinished: this.#window.frames, lag };
  }

  /** Hands out nothing more, staying a member of the group. */
  pause(): void {
    this.#flow = 'paused';
  }

  resume(): void {
    this.#flow = 'flowing';
    this.#changed.notify();
  }

  /**
   * Goes on reading elsewhere: at once, or once connected. Frames handed out before stay out, but count for no commit.
   * Rejects when the broker cannot say where the position is.
   */
  async seek(position: Position): Promise<void> {
    this.#nextPosition = position;
    if (this.#member !== undefined) await this.#goToNextPosition(this.#member);
  }

  /** Commits what is finished and leaves the group, within seconds whatever the broker does. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#setState('closed');
    if (this.#member !== undefined) await within(this.#clock, 2000, this.#commit(this.#member));
    this.#window.close();
    this.#changed.notify();
    await within(this.#clock, 5000, this.#running);
  }

  /** One kafkajs consumer after the other, until closed: its own restarting gives up in some cases (tulios/kafkajs#1513, #852). */
  async #run(): Promise<void> {
    const backoff = new Backoff({ first: 500, most: 3000 });
    while (!this.#isClosed()) {
      const consumer = this.#newConsumer();
      try {
        await consumer.connect();
        await this.#subscribe(consumer);
        if (!this.#isClosed()) await this.#consume(consumer, () => backoff.reset());
      } catch (thrown) {
        if (!this.#isClosed()) this.#noteOutage(thrown);
      } finally {
        this.#member = undefined;
        await within(this.#clock, 3000, consumer.disconnect());
      }
      if (!this.#isClosed()) await this.#changed.wait(backoff.next());
    }
  }

  #newConsumer(): Consumer {
    return this.#cluster.client().consumer({
      groupId: this.#options.group,
      allowAutoTopicCreation: false,
      // The broker answers as soon as there is a record; this bounds how long a seek or a stop waits for an empty answer.
      maxWaitTimeInMs: 100,
      maxBytesPerPartition: 4 * 1024 * 1024,
      // How soon the group goes on without a member that was killed.
      sessionTimeout: 10_000,
      heartbeatInterval,
      metadataMaxAge: 30_000,
      retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 2000, restartOnFailure: async () => false },
    });
  }

  /** Waits for the topic to be there, too. */
  async #subscribe(consumer: Consumer): Promise<void> {
    const { topic, topicPatience = 5000 } = this.#options;
    const since = this.#clock.now();
    while (!this.#isClosed()) {
      try {
        return await consumer.subscribe({ topics: [topic], fromBeginning: true });
      } catch (thrown) {
        if (protocolErrorType(thrown) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw thrown;
        this.#setState('waiting');
        if (this.#clock.now() - since >= topicPatience) {
          this.#outages.failed(this.#errorOf(thrown), topic);
        }
        await this.#changed.wait(1000);
      }
    }
  }

  /** Resolves when closed; rejects when kafkajs or the positioning gave up. */
  async #consume(consumer: Consumer, onJoined: () => void): Promise<void> {
    const { topic, commitInterval = 5000 } = this.#options;
    let crash: (error: unknown) => void = () => {};
    const crashed = new Promise<never>((_, reject) => {
      crash = reject;
    });
    crashed.catch(() => {}); // It may come before anybody waits for it, and is handled when somebody does.
    consumer.on(consumer.events.REBALANCING, () => this.#commit(consumer));
    consumer.on(consumer.events.CRASH, ({ payload }) => crash(payload.error));
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      if (this.#isClosed()) return;
      this.#positioned = this.#takeOver(consumer, payload.memberAssignment[topic] ?? []);
      this.#positioned.then(() => {
        this.#member = consumer;
        onJoined();
        this.#outages.succeeded(topic);
        this.#setState('connected');
      }, crash);
    });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: (payload) => this.#onBatch(payload),
    });
    while (!this.#isClosed()) {
      await Promise.race([this.#sleep(commitInterval), crashed]);
      if (this.#member !== undefined) await Promise.race([this.#commit(consumer), crashed]);
    }
  }

  /** Sleeps its time, or until closed. */
  async #sleep(ms: number): Promise<void> {
    const until = this.#clock.now() + ms;
    while (!this.#isClosed() && this.#clock.now() < until) await this.#changed.wait(until - this.#clock.now());
  }

  /** Finds out where to go on in the partitions the group gave to this member. */
  async #takeOver(consumer: Consumer, partitions: number[]): Promise<void> {
    const { topic, group } = this.#options;
    const committed = await this.#cluster.withAdmin(async (admin) => {
      const [offsets] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
      const known = (offsets?.partitions ?? []).filter(({ offset }) => BigInt(offset) >= 0n);
      return new Map(known.map(({ partition, offset }) => [partition, BigInt(offset)]));
    });
    this.#lags.clear();
    for (const { partition, offset } of this.#assignment.update(partitions, committed)) {
      consumer.seek({ topic, partition, offset: String(offset) });
    }
    await this.#goToNextPosition(consumer);
  }

  async #goToNextPosition(consumer: Consumer): Promise<void> {
    const { topic } = this.#options;
    const position = this.#nextPosition;
    if (position === undefined) return;
    const found = await this.#cluster
      .withAdmin((admin) => resolvePosition(admin, topic, position))
      .catch((thrown) => {
        throw this.#errorOf(thrown);
      });
    if (this.#nextPosition !== position) return; // Another seek came meanwhile.
    this.#nextPosition = undefined;
    for (const { partition, offset } of found) {
      if (this.#assignment.trackerOf(partition) === undefined) continue;
      this.#assignment.restart({ partition, offset });
      consumer.seek({ topic, partition, offset: String(offset) });
    }
    this.#changed.notify();
  }

  async #onBatch({ batch, resolveOffset, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    await this.#positioned;
    if (this.#isClosed() || isStale()) return;
    const { topic, partition, messages } = batch;
    const tracker = this.#trackerFor(partition, BigInt(batch.firstOffset() ?? 0));
    const isOver = () =>
      this.#isClosed() || !isRunning() || isStale() || this.#assignment.trackerOf(partition) !== tracker;
    let heartbeatDue = this.#clock.now() + heartbeatInterval;
    let read: string | undefined;
    try {
      for (const message of messages) {
        if (this.#clock.now() > heartbeatDue) {
          heartbeatDue = this.#clock.now() + heartbeatInterval;
          await heartbeat();
        }
        if (isOver()) return;
        this.#lags.set(partition, Number(BigInt(batch.highWatermark) - BigInt(message.offset)) - 1);
        const record = toFrameRecord(topic, partition, message);
        const frame = this.#frameOf(record);
        if (frame !== undefined) {
          while (this.#flow === 'paused' || !this.#window.tryAcquire(record.value.length)) {
            await this.#changed.wait(heartbeatInterval);
            await heartbeat();
            if (isOver()) return;
          }
          this.#handOut(frame, record, tracker);
        } else {
          tracker.pass(BigInt(record.offset));
        }
        read = message.offset;
      }
    } finally {
      // Where kafkajs fetches next, also after an error; not after a seek, which is what it would undo.
      if (read !== undefined && !isStale()) resolveOffset(read);
    }
  }

  /** A partition that begins below what was read (the topic was made anew, say) begins anew here, too. */
  #trackerFor(partition: number, firstOffset: bigint): OffsetTracker {
    const tracker = this.#assignment.trackerOf(partition);
    const isKnown = tracker !== undefined && (tracker.next === undefined || tracker.next <= firstOffset);
    return isKnown ? tracker : this.#assignment.restart({ partition, offset: firstOffset });
  }

  /** The record's frame; undefined when nobody is to get it. */
  #frameOf(record: FrameRecord): Frame | undefined {
    const frame = this.#reader.read(record);
    if (frame === undefined) {
      this.#totals.skipped += 1;
      this.#handlers.onSkipped(infoOf(record));
      return undefined;
    }
    const { stream } = this.#options;
    return stream && frame.stream !== stream ? undefined : frame;
  }

  #handOut(frame: Frame, record: FrameRecord, tracker: OffsetTracker): void {
    // A copy, as the value is a part of the fetch response: a frame kept in the flow would keep megabytes alive.
    const data = Buffer.from(record.value);
    const finish = tracker.begin(BigInt(record.offset));
    this.#totals.frames += 1;
    this.#totals.bytes += data.length;
    let isFinished = false;
    this.#handlers.onFrame({ frame, data }, infoOf(record), () => {
      if (isFinished) return;
      isFinished = true;
      finish();
      this.#window.release(data.length);
      this.#changed.notify();
    });
  }

  /** Commits what is finished. A failure is reported once; the offsets are committed with the next ones. */
  #commit(consumer: Consumer): Promise<void> {
    this.#committing ??= this.#commitNow(consumer).finally(() => {
      this.#committing = undefined;
    });
    return this.#committing;
  }

  async #commitNow(consumer: Consumer): Promise<void> {
    const { topic } = this.#options;
    const positions = this.#assignment.uncommitted();
    if (positions.length === 0) return;
    try {
      await consumer.commitOffsets(
        positions.map(({ partition, offset }) => ({ topic, partition, offset: String(offset) })),
      );
      this.#assignment.markCommitted(positions);
      this.#outages.succeeded(topic);
    } catch (thrown) {
      // While the group rebalances nobody can commit; what is wrong with the connection is noticed by reading.
      const error = this.#cluster.errorOf(thrown, { topic, otherwise: 'COMMIT_FAILED' });
      if (isRebalancing(thrown) || error.code === 'BROKER_UNREACHABLE' || this.#isClosed()) return;
      this.#outages.failed(error);
    }
  }

  #noteOutage(thrown: unknown): void {
    const error = this.#errorOf(thrown);
    this.#setState('disconnected');
    this.#outages.failed(error, concernsTopic(error) ? this.#options.topic : undefined);
  }

  #errorOf(thrown: unknown): VideoError {
    return this.#cluster.errorOf(thrown, { topic: this.#options.topic, otherwise: 'READ_FAILED' });
  }

  #isClosed(): boolean {
    return this.#state === 'closed';
  }

  #setState(state: FrameConsumerState): void {
    if (this.#state === state || this.#state === 'closed') return;
    this.#state = state;
    this.#handlers.onState(state);
  }
}

const rebalancingErrors = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
];

function isRebalancing(thrown: unknown): boolean {
  return rebalancingErrors.includes(protocolErrorType(thrown) ?? '');
}
