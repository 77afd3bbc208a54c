import { Backoff } from '../../time/backoff';
import type { Clock } from '../../time/clock';
import type { TimeRange } from '../../time/credible-times';
import { sleep } from '../../time/sleep';
import type { KafkaCluster } from '../cluster/cluster';
import type { Assignment } from './assignment';
import type { BatchReader } from './batch-reader';
import { GroupMember } from './group-member';
import { type PartitionOwner, partitionOwners } from './partition-owners';
import { type Position, resolvePosition } from './position';
import type { ReadOutages } from './read-outages';
import { timeRangeOf } from './time-range';
import type { SelectedTopics } from './topic-selection';
import { TopicWatch, type TopicWatchOptions } from './topic-watch';

/**
 * `connected` once it is a member of its group; `unassigned` where it is, but other members have all partitions; `waiting` for a
 * topic that is missing.
 */
export type MembershipState = 'connecting' | 'waiting' | 'connected' | 'unassigned' | 'disconnected';

export interface MembershipOptions extends TopicWatchOptions {
  /** Consumer group: remembers how far it has read, and shares the partitions among its members. */
  group: string;
  /** Where to begin; 'resume' is where the group stopped, or the beginning where it never read. */
  from: 'resume' | Position;
  /** Ms between commits. Default 5000. */
  commitInterval?: number;
}

export interface MembershipParts {
  assignment: Assignment;
  reader: BatchReader;
  outages: ReadOutages;
  /** `owners` is who has the partitions instead, where the state is `unassigned` and the broker says so. */
  onState: (state: MembershipState, owners?: readonly PartitionOwner[]) => void;
  /** Aborted when the consumer is closed. */
  signal: AbortSignal;
  clock: Clock;
}

/**
 * Keeps a consumer in its group: one member after the other, each until it fails or the topics change. kafkajs's own
 * restarting gives up in some cases (tulios/kafkajs#1513, #852).
 */
export class Membership {
  readonly #cluster: KafkaCluster;
  readonly #options: MembershipOptions;
  readonly #parts: MembershipParts;
  readonly #topics: TopicWatch;
  #retries = 0;
  #member: GroupMember | undefined;
  /** The last one that failed, which the group may still wait for. */
  #lostMember: string | undefined;
  /** Where to go when the group is joined next. */
  #nextPosition: Position | undefined;

  constructor(cluster: KafkaCluster, options: MembershipOptions, parts: MembershipParts) {
    this.#cluster = cluster;
    this.#options = options;
    this.#parts = parts;
    this.#nextPosition = options.from === 'resume' ? undefined : options.from;
    this.#topics = new TopicWatch(
      cluster,
      options,
      {
        onWaiting: () => parts.onState('waiting'),
        onMissing: (selected) => parts.outages.noteMissing(selected),
      },
      parts.clock,
    );
  }

  /** Members that failed and were replaced. */
  get retries(): number {
    return this.#retries;
  }

  /** Reads until the consumer is closed. */
  async run(): Promise<void> {
    const { signal, outages, onState, clock } = this.#parts;
    const backoff = new Backoff({ first: 500, max: 1000 });
    while (!signal.aborted) {
      try {
        const selected = await this.#topics.awaitTopics(signal);
        if (!signal.aborted) await this.#read(selected, () => backoff.reset());
      } catch (thrown) {
        if (signal.aborted) return;
        this.#retries += 1;
        onState('disconnected');
        await outages.noteFailure(thrown);
        await sleep(clock, backoff.next(), signal);
      }
    }
  }

  /** See `FrameConsumer.seek`. */
  async seek(position: Position): Promise<void> {
    this.#nextPosition = position;
    if (!this.#member?.isJoined) return;
    try {
      await this.#goToNextPosition(this.#member);
    } catch (error) {
      // Whoever asked is told that it failed, so it must not happen later after all.
      if (this.#nextPosition === position) this.#nextPosition = undefined;
      throw error;
    }
  }

  /** Commits what is to be committed, as far as that is possible now. */
  async commit(): Promise<void> {
    await this.#member?.commit();
  }

  /** The times of a topic's first and last record; undefined where it has none. Rejects when the broker does not say. */
  async timeRangeOf(topic: string): Promise<TimeRange | undefined> {
    const brokers = this.#member?.brokers;
    return brokers === undefined ? undefined : timeRangeOf(brokers, topic);
  }

  /** Resolves when closed, or when there are other topics to read; rejects when the member has failed. */
  async #read(selected: SelectedTopics, onJoined: () => void): Promise<void> {
    const { assignment, reader, outages, onState, clock } = this.#parts;
    const ended = new AbortController();
    const signal = AbortSignal.any([this.#parts.signal, ended.signal]);
    const resumes = this.#lostMember;
    const options = { group: this.#options.group, topics: selected.present, resumes, assignment, clock };
    const member = new GroupMember(this.#cluster, options, {
      onJoined: async () => {
        if (signal.aborted) return;
        this.#lostMember = undefined;
        await this.#goToNextPosition(member);
        onJoined();
        outages.noteSuccess(selected);
        outages.noteMissing(selected);
        if (assignment.partitions.length > 0) onState('connected');
        else onState('unassigned', await partitionOwners(this.#cluster, this.#options.group));
      },
      onBatch: (payload) => reader.read({ member, payload }),
      onFiltered: (of, range) => reader.noteFiltered(of, range),
      onOutOfRange: (of) => reader.noteOutOfRange(of),
      onCommitted: () => outages.noteSuccess(selected),
      onCommitFailed: (thrown) => outages.noteCommitFailure(thrown),
    });
    this.#member = member;
    const failed = member.run();
    failed.catch(() => {}); // It may come while nobody waits for it; the next one who does gets it.
    try {
      const changed = this.#topics.awaitChange(selected, () => member.isJoined, signal);
      await Promise.race([failed, changed, this.#commitRegularly(member, signal)]);
      if (!signal.aborted) await member.commit();
    } catch (error) {
      this.#lostMember = member.id ?? resumes;
      throw error;
    } finally {
      ended.abort();
      this.#member = undefined;
      await member.leave();
    }
  }

  /** Resolves when `signal` is aborted. */
  async #commitRegularly(member: GroupMember, signal: AbortSignal): Promise<void> {
    const { commitInterval = 5000 } = this.#options;
    while (!signal.aborted) {
      await sleep(this.#parts.clock, commitInterval, signal);
      if (!signal.aborted) await member.commit();
    }
  }

  async #goToNextPosition(member: GroupMember): Promise<void> {
    const position = this.#nextPosition;
    if (position === undefined) return;
    const { assignment, reader, outages } = this.#parts;
    const topics = [...new Set(assignment.partitions.map(({ topic }) => topic))];
    const found = await this.#cluster
      .withAdmin((admin) => resolvePosition(admin, topics, position))
      .catch((thrown) => {
        throw outages.errorOf(thrown);
      });
    if (this.#nextPosition !== position) return; // Another seek came meanwhile.
    this.#nextPosition = undefined;
    for (const offset of found) {
      if (assignment.trackerOf(offset) !== undefined) reader.seek(member, offset, position === 'end');
    }
  }
}
