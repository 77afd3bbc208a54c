import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../../time/clock';
import type { TimeRange } from '../../time/credible-times';
import { within } from '../../time/signal';
import type { KafkaCluster } from '../cluster/cluster';
import type { OutageHandlers } from '../cluster/outages';
import type { SilenceHandler } from '../cluster/silence';
import { keyOf, type TopicOffset, type TopicPartition } from '../cluster/topic-partition';
import { Assignment, type CommitMode } from './assignment';
import { BatchReader } from './batch-reader';
import { LagMeter } from './lag-meter';
import { Membership, type MembershipOptions, type MembershipState } from './membership';
import { monitor } from './monitor';
import type { PartitionOwner } from './partition-owners';
import type { Position } from './position';
import { ReadOutages } from './read-outages';
import type { ReadingHandlers, ReadingOptions, ReadingTotals } from './reading';
import { TopicTimes } from './topic-times';

export interface FrameConsumerOptions extends ReadingOptions, MembershipOptions {
  /** 'auto' commits what is finished, 'manual' what `commit` was called for. Default auto. */
  commit?: CommitMode;
  clock?: Clock;
}

export type FrameConsumerState = MembershipState | 'closed';

export interface FrameConsumerHandlers extends ReadingHandlers, Pick<OutageHandlers, 'onOutage'> {
  /** `owners` is who has the partitions instead, where the state is `unassigned` and the broker says so. */
  onState: (state: FrameConsumerState, owners?: readonly PartitionOwner[]) => void;
  /** See `SilenceHandler`. */
  onSilence?: SilenceHandler;
}

export interface ConsumerTotals extends ReadingTotals {
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
  readonly #handlers: FrameConsumerHandlers;
  readonly #clock: Clock;
  readonly #assignment: Assignment;
  readonly #lag: LagMeter;
  readonly #times: TopicTimes;
  readonly #reader: BatchReader;
  readonly #membership: Membership;
  readonly #closed = new AbortController();
  readonly #ignoreSilence: () => void;
  readonly #running: Promise<unknown>;
  #state: FrameConsumerState = 'connecting';
  #owners: readonly PartitionOwner[] | undefined;
  #closing: Promise<void> | undefined;

  /** Connects at once. */
  constructor(cluster: KafkaCluster, options: FrameConsumerOptions, handlers: FrameConsumerHandlers) {
    const { clock = systemClock } = options;
    const { signal } = this.#closed;
    this.#handlers = handlers;
    this.#clock = clock;
    this.#assignment = new Assignment(options.commit);
    this.#lag = new LagMeter(cluster, this.#assignment);
    this.#reader = new BatchReader(options, handlers, { assignment: this.#assignment, lag: this.#lag, clock });
    this.#membership = new Membership(cluster, options, {
      assignment: this.#assignment,
      reader: this.#reader,
      outages: new ReadOutages(cluster, options, (outage) => {
        if (this.#state !== 'closed') handlers.onOutage(outage);
      }),
      onState: (state, owners) => this.#setState(state, owners),
      ...{ signal, clock },
    });
    this.#ignoreSilence = cluster.silence.watch(handlers.onSilence ?? (() => {}));
    this.#times = new TopicTimes((topic) => this.#membership.timeRangeOf(topic));
    const watching = monitor({
      ...{ lag: this.#lag, times: this.#times, reader: this.#reader, signal, clock },
      isConnected: () => this.#state === 'connected',
    });
    this.#running = Promise.all([this.#membership.run(), watching]);
  }

  get state(): FrameConsumerState {
    return this.#state;
  }

  get totals(): ConsumerTotals {
    return { ...this.#reader.totals, lag: this.#lag.records, retries: this.#membership.retries };
  }

  /** From when till when there are records in a topic, as far as known: it is found out once somebody wants to know. */
  timesOf(topic: string): TimeRange | undefined {
    return this.#times.of(topic);
  }

  /** Hands out nothing more, staying a member of the group. */
  pause(): void {
    this.#reader.out.pause();
  }

  resume(): void {
    this.#reader.out.resume();
  }

  /**
   * Goes on reading elsewhere: at once, or once connected. Frames handed out before stay out, but count for no commit.
   * Rejects when the broker cannot say where the position is.
   */
  seek(position: Position): Promise<void> {
    return this.#membership.seek(position);
  }

  /**
   * In manual mode: commits the record at this offset and all before it in its partition. Resolves true when the broker
   * has it; false where it is not this member's to commit (any more), or could not be: then the next commit includes it.
   */
  async commit(position: TopicOffset): Promise<boolean> {
    if (!this.#assignment.acknowledge(position)) return false;
    await this.#membership.commit();
    // One that was in progress already may have been too early for this record.
    if (this.#isUncommitted(position)) await this.#membership.commit();
    return !this.#isUncommitted(position);
  }

  /** Commits what is finished and leaves the group, within seconds whatever the broker does. */
  close(): Promise<void> {
    this.#closing ??= this.#shutDown();
    return this.#closing;
  }

  async #shutDown(): Promise<void> {
    this.#setState('closed');
    this.#ignoreSilence();
    await within(this.#clock, 2000, this.#membership.commit());
    this.#reader.out.close();
    this.#closed.abort();
    await within(this.#clock, 5000, this.#running);
  }

  #isUncommitted(of: TopicPartition): boolean {
    return this.#assignment.uncommitted().some((position) => keyOf(position) === keyOf(of));
  }

  #setState(state: FrameConsumerState, owners?: readonly PartitionOwner[]): void {
    // Of one without partitions it is news, too, when somebody else has them.
    const isKnown = this.#state === state && (state !== 'unassigned' || isDeepStrictEqual(owners, this.#owners));
    if (isKnown || this.#state === 'closed') return;
    this.#state = state;
    this.#owners = owners;
    this.#handlers.onState(state, owners);
  }
}
