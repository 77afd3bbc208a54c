import type { VideoError } from '../../errors';
import { Backoff } from '../../time/backoff';
import { type Clock, systemClock } from '../../time/clock';
import { Signal, within } from '../../time/signal';
import type { KafkaCluster } from '../cluster/cluster';
import { concernsTopic, type OutageHandlers, Outages } from '../cluster/outages';
import { keyOf, type TopicOffset, type TopicPartition } from '../cluster/topic-partition';
import { Assignment, type CommitMode } from './assignment';
import { BatchReader, type ReadingHandlers, type ReadingOptions } from './batch-reader';
import { coordinatorError } from './group-coordinator';
import { GroupMember } from './group-member';
import { LagMeter } from './lag-meter';
import { type Position, resolvePosition } from './position';
import { type SelectedTopics, selectTopics, type TopicSelection, textOf } from './topic-selection';
import { type TimeRange, TopicTimes } from './topic-times';

export interface FrameConsumerOptions extends ReadingOptions {
  topics: TopicSelection;
  /** Consumer group: remembers how far it has read, and shares the partitions among its members. */
  group: string;
  /** Where to begin; 'resume' is where the group stopped, or the beginning where it never read. */
  from: 'resume' | Position;
  /** 'auto' commits what is finished, 'manual' what `commit` was called for. Default auto. */
  commit?: CommitMode;
  /** Ms between commits. Default 5000. */
  commitInterval?: number;
  /** Ms a missing topic is waited for before that is an error; it is waited for afterwards, too. Default 5000. */
  topicPatience?: number;
  /** Ms between looks for topics that are missing, or new and match the pattern. Default 5000. */
  topicInterval?: number;
  clock?: Clock;
}

/** `connected` once it is a member of its group; `waiting` for a topic that is missing. */
export type FrameConsumerState = 'connecting' | 'waiting' | 'connected' | 'disconnected' | 'closed';

export interface FrameConsumerHandlers extends ReadingHandlers, Pick<OutageHandlers, 'onOutage'> {
  onState: (state: FrameConsumerState) => void;
}

/** What was read since the start. */
export interface ConsumerTotals {
  frames: number;
  bytes: number;
  skipped: number;
  /** Frames handed out and not finished. */
  unfinished: number;
  /** Records in the topics that are not read yet. */
  lag: number;
  /** Connections that failed and were tried again. */
  retries: number;
}

/**
 * Reads frames from topics, no faster than they are finished, and commits only what is finished.
 * While the broker or a topic is away it tries again for as long as it is open.
 */
export class FrameConsumer {
  readonly #cluster: KafkaCluster;
  readonly #options: FrameConsumerOptions;
  readonly #handlers: FrameConsumerHandlers;
  readonly #clock: Clock;
  readonly #outages: Outages;
  readonly #assignment: Assignment;
  readonly #lag: LagMeter;
  readonly #times: TopicTimes;
  readonly #reader: BatchReader;
  readonly #closed: Signal;
  #state: FrameConsumerState = 'connecting';
  #retries = 0;
  /** Where to go when the group is joined next. */
  #nextPosition: Position | undefined;
  #member: GroupMember | undefined;
  #running: Promise<unknown>;
  #closing: Promise<void> | undefined;

  /** Connects at once. */
  constructor(cluster: KafkaCluster, options: FrameConsumerOptions, handlers: FrameConsumerHandlers) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = options.clock ?? systemClock;
    this.#assignment = new Assignment(options.commit);
    this.#lag = new LagMeter(cluster, this.#assignment);
    this.#times = new TopicTimes(cluster);
    const clock = this.#clock;
    this.#reader = new BatchReader(options, handlers, { assignment: this.#assignment, lag: this.#lag, clock });
    this.#closed = new Signal(this.#clock);
    this.#outages = new Outages({ onOutage: handlers.onOutage, onRecovered: () => {} });
    this.#nextPosition = options.from === 'resume' ? undefined : options.from;
    this.#running = Promise.all([this.#run(), this.#lookAround()]);
  }

  get state(): FrameConsumerState {
    return this.#state;
  }

  get totals(): ConsumerTotals {
    return { ...this.#reader.totals, lag: this.#lag.records, retries: this.#retries };
  }

  /** From when till when there are records in a topic, as far as known: it is found out once somebody wants to know. */
  timesOf(topic: string): TimeRange | undefined {
    return this.#times.of(topic);
  }

  /** Hands out nothing more, staying a member of the group. */
  pause(): void {
    this.#reader.pause();
  }

  resume(): void {
    this.#reader.resume();
  }

  /**
   * Goes on reading elsewhere: at once, or once connected. Frames handed out before stay out, but count for no commit.
   * Rejects when the broker cannot say where the position is.
   */
  async seek(position: Position): Promise<void> {
    this.#nextPosition = position;
    if (this.#member?.isJoined) await this.#goToNextPosition(this.#member);
  }

  /**
   * In manual mode: commits the record at this offset and all before it in its partition. Resolves true when the broker
   * has it; false where it is not this member's to commit (any more), or could not be: then the next commit includes it.
   */
  async commit(position: TopicOffset): Promise<boolean> {
    if (!this.#assignment.acknowledge(position)) return false;
    await this.#member?.commit();
    // One that was under way already may have been too early for this record.
    if (this.#isUncommitted(position)) await this.#member?.commit();
    return !this.#isUncommitted(position);
  }

  /** Commits what is finished and leaves the group, within seconds whatever the broker does. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#setState('closed');
    if (this.#member !== undefined) await within(this.#clock, 2000, this.#member.commit());
    this.#reader.close();
    this.#closed.notify();
    await within(this.#clock, 5000, this.#running);
  }

  /** One membership after the other, until closed: kafkajs's own restarting gives up in some cases (tulios/kafkajs#1513, #852). */
  async #run(): Promise<void> {
    const backoff = new Backoff({ first: 500, most: 3000 });
    while (!this.#isClosed()) {
      try {
        const topics = await this.#awaitTopics();
        await this.#consume(topics, () => backoff.reset());
      } catch (thrown) {
        if (this.#isClosed()) return;
        this.#retries += 1;
        await this.#noteOutage(thrown);
        await this.#closed.wait(backoff.next());
      }
    }
  }

  /** Waits until there is a topic to read. */
  #awaitTopics(): Promise<SelectedTopics> {
    const { topics: selection, topicPatience = 5000 } = this.#options;
    const since = this.#clock.now();
    return this.#cluster.withAdmin(async (admin) => {
      for (;;) {
        const selected = await selectTopics(admin, selection);
        if (selected.present.length > 0 || this.#isClosed()) return selected;
        this.#setState('waiting');
        if (this.#clock.now() - since >= topicPatience) this.#noteMissing(selected);
        await this.#closed.wait(1000);
      }
    });
  }

  /** Resolves when closed, or when there are other topics to read; rejects when the membership has failed. */
  async #consume(selected: SelectedTopics, onJoined: () => void): Promise<void> {
    const { group, commitInterval = 5000 } = this.#options;
    if (this.#isClosed()) return;
    const options = { group, topics: selected.present, assignment: this.#assignment, clock: this.#clock };
    const member = new GroupMember(this.#cluster, options, {
      onJoined: async () => {
        if (this.#isClosed()) return;
        await this.#goToNextPosition(member);
        onJoined();
        this.#noteSuccess(selected);
        this.#noteMissing(selected);
        this.#setState('connected');
      },
      onBatch: (payload) => this.#reader.read({ member, payload }),
      onCommitted: () => this.#noteSuccess(selected),
      onCommitFailed: (thrown) => this.#noteCommitFailure(thrown),
    });
    this.#member = member;
    const failed = member.run();
    failed.catch(() => {}); // It may come while nobody waits for it; the next one who does gets it.
    try {
      await Promise.race([failed, this.#watchTopics(selected), this.#commitRegularly(member, commitInterval)]);
      if (!this.#isClosed()) await member.commit();
    } finally {
      this.#member = undefined;
      await member.leave();
    }
  }

  /** Resolves when closed, or the topics to read are other ones than those read now. Looks only where that may be. */
  async #watchTopics({ present, missing }: SelectedTopics): Promise<void> {
    const { topics: selection, topicInterval = 5000 } = this.#options;
    const mayChange = 'pattern' in selection || missing.length > 0;
    const member = this.#member;
    for (;;) {
      await this.#sleep(topicInterval);
      if (this.#isClosed() || this.#member !== member) return;
      if (!mayChange || this.#state !== 'connected') continue;
      const now = await this.#cluster.withAdmin((admin) => selectTopics(admin, selection));
      if (now.present.join() !== present.join() && now.present.length > 0) return;
    }
  }

  /** Resolves when closed. */
  async #commitRegularly(member: GroupMember, interval: number): Promise<void> {
    while (!this.#isClosed() && this.#member === member) {
      await this.#sleep(interval);
      if (!this.#isClosed() && this.#member === member) await member.commit();
    }
  }

  /** Sleeps its time, or until closed. */
  async #sleep(ms: number): Promise<void> {
    const until = this.#clock.now() + ms;
    while (!this.#isClosed() && this.#clock.now() < until) await this.#closed.wait(until - this.#clock.now());
  }

  /**
   * What the broker said last tells the lag while it is read; while it is held, it has to be asked. And it is asked for
   * the times of topics, soon for those that are not known at all. What is wrong with the broker is noticed by reading.
   */
  async #lookAround(): Promise<void> {
    for (let seconds = 1; !this.#isClosed(); seconds += 1) {
      await this.#sleep(1000);
      if (this.#state !== 'connected') continue;
      if (seconds % 5 === 0 && this.#reader.isHeld) await this.#lag.refresh().catch(() => {});
      if (seconds % 10 === 0 || this.#times.isWanting) await this.#times.refresh().catch(() => {});
    }
  }

  async #goToNextPosition(member: GroupMember): Promise<void> {
    const position = this.#nextPosition;
    if (position === undefined) return;
    const topics = [...new Set(this.#assignment.partitions.map(({ topic }) => topic))];
    const found = await this.#cluster
      .withAdmin((admin) => resolvePosition(admin, topics, position))
      .catch((thrown) => {
        throw this.#errorOf(thrown);
      });
    if (this.#nextPosition !== position) return; // Another seek came meanwhile.
    this.#nextPosition = undefined;
    for (const offset of found) {
      if (this.#assignment.trackerOf(offset) !== undefined) this.#reader.goTo(member, offset);
    }
  }

  #isUncommitted(of: TopicPartition): boolean {
    return this.#assignment.uncommitted().some((position) => keyOf(position) === keyOf(of));
  }

  #noteMissing({ missing }: SelectedTopics): void {
    for (const topic of missing) {
      const unknown = Object.assign(new Error('unknown topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
      this.#outages.failed(this.#errorOf(unknown, topic), topic);
    }
  }

  #noteSuccess({ present }: SelectedTopics): void {
    for (const topic of [...present, this.#context().topic]) this.#outages.succeeded(topic);
  }

  /** What is wrong with the connection is noticed by reading. */
  #noteCommitFailure(thrown: unknown): void {
    const error = this.#cluster.errorOf(thrown, { ...this.#context(), otherwise: 'COMMIT_FAILED' });
    if (error.code !== 'BROKER_UNREACHABLE' && !this.#isClosed()) this.#outages.failed(error);
  }

  async #noteOutage(thrown: unknown): Promise<void> {
    const cause = await coordinatorError(this.#cluster, this.#options.group, thrown).catch(() => thrown);
    const error = this.#errorOf(cause);
    this.#setState('disconnected');
    this.#outages.failed(error, concernsTopic(error) ? this.#context().topic : undefined);
  }

  #errorOf(thrown: unknown, topic?: string): VideoError {
    return this.#cluster.errorOf(thrown, { ...this.#context(), ...(topic && { topic }), otherwise: 'READ_FAILED' });
  }

  #context(): { topic: string; group: string } {
    return { topic: textOf(this.#options.topics), group: this.#options.group };
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
