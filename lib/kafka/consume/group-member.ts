import { type Cluster, type Consumer, type EachBatchPayload, type LogEntry, PartitionAssigners } from 'kafkajs';
import type { Clock } from '../../time/clock';
import { within } from '../../time/signal';
import type { KafkaCluster } from '../cluster/cluster';
import { protocolErrorType } from '../cluster/kafka-error';
import { keyOf, partitionsOf, type TopicOffset, type TopicPartition } from '../cluster/topic-partition';
import { holdFetching } from '../kafkajs-patch/hold-fetching';
import { handleUnreadable } from '../kafkajs-patch/read-batches';
import { resumeMember } from '../kafkajs-patch/resume-member';
import type { Assignment } from './assignment';
import { type Claim, stickyAssigner } from './sticky-assigner';

/** Ms between heartbeats. A consumer that is held sends them itself, so that it stays a member for as long as it takes. */
export const heartbeatInterval = 1500;

export interface GroupMemberOptions {
  group: string;
  topics: string[];
  /** The member before this one, which could not leave the group. */
  resumes?: string;
  assignment: Assignment;
  clock: Clock;
}

export interface GroupMemberHandlers {
  /** The group was joined: finds out where to go on. Nothing is read meanwhile. */
  onJoined: () => Promise<void>;
  onBatch: (payload: EachBatchPayload) => Promise<void>;
  /** A batch had nothing to be read in it, and is passed over; `end` is the offset behind the partition's last record. */
  onFiltered: (of: TopicPartition, range: { first: bigint; last: bigint; end: bigint }) => void;
  /** There is no record at the position any more: reading goes on where the partition begins. */
  onOutOfRange: (of: TopicPartition) => Promise<void>;
  /** A commit failed, and not because the group is rebalancing. */
  onCommitFailed: (error: unknown) => void;
  onCommitted: () => void;
}

type Offsets = [bigint, bigint, bigint];

/** One membership of a consumer group, from joining to leaving or crashing: it is not used again. */
export class GroupMember {
  readonly #cluster: KafkaCluster;
  readonly #options: GroupMemberOptions;
  readonly #handlers: GroupMemberHandlers;
  readonly #consumer: Consumer;
  #claims: Claim[];
  /** Settled when reading may go on after the group was joined. */
  #positioned: Promise<void> = Promise.resolve();
  /** How often the group was joined. */
  #joins = 0;
  #committing: Promise<void> | undefined;
  #brokers: Cluster | undefined;
  /** Whether the broker has confirmed the commit in progress. */
  #hasCommitted = false;
  #state: 'joining' | 'joined' | 'left' = 'joining';
  #id: string | undefined;
  #noteLeft: () => void = () => {};
  readonly #hasLeft = new Promise<void>((resolve) => {
    this.#noteLeft = resolve;
  });

  constructor(cluster: KafkaCluster, options: GroupMemberOptions, handlers: GroupMemberHandlers) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handlers = handlers;
    // What the member before this one had, if there was one: it comes back to the same place.
    this.#claims = this.#claim(options.assignment.partitions);
    this.#consumer = cluster
      .client({}, (entry) => this.#hear(entry))
      .consumer({
        groupId: options.group,
        allowAutoTopicCreation: false,
        partitionAssigners: [
          (context) => {
            this.#brokers = context.cluster;
            handleUnreadable(context.cluster);
            holdFetching(context.cluster, () => this.#mayFetch());
            if (options.resumes !== undefined) resumeMember(context.cluster, options.resumes);
            return stickyAssigner(() => this.#claims)(context);
          },
          // For a group that has members of another make.
          PartitionAssigners.roundRobin,
        ],
        // The broker answers as soon as there is a record; this bounds how long a seek or a stop waits for an empty answer.
        // Each empty answer costs half a ms of processor time: asking ten times a second was most of what idling cost.
        maxWaitTimeInMs: 250,
        maxBytesPerPartition: 4 * 1024 * 1024,
        // How soon the group goes on without a member that was killed.
        sessionTimeout: 10_000,
        // For how long the broker may not answer who joins: no longer than it takes a request to be given up. Members of this
        // kind are back at their next heartbeat.
        rebalanceTimeout: 10_000,
        heartbeatInterval,
        metadataMaxAge: 30_000,
        retry: { retries: 3, initialRetryTime: 200, maxRetryTime: 2000, restartOnFailure: async () => false },
      });
  }

  /** Whether it may read, seek and commit. */
  get isJoined(): boolean {
    return this.#state === 'joined';
  }

  /** As the broker named it when it joined. */
  get id(): string | undefined {
    return this.#id;
  }

  /** The consumer's own connections; undefined where it has not joined. kafkajs hands them out to assigners only. */
  get brokers(): Cluster | undefined {
    return this.isJoined ? this.#brokers : undefined;
  }

  /** Joins and reads. Rejects when kafkajs, or finding the position, gave up; resolves never. */
  async run(): Promise<never> {
    let crash: (error: unknown) => void = () => {};
    const crashed = new Promise<never>((_, reject) => {
      crash = reject;
    });
    crashed.catch(() => {}); // It may come before anybody waits for it, and is handled when somebody does.
    const { events } = this.#consumer;
    this.#consumer.on(events.REBALANCING, () => this.commit());
    this.#consumer.on(events.COMMIT_OFFSETS, () => {
      this.#hasCommitted = true;
    });
    this.#consumer.on(events.START_BATCH_PROCESS, async ({ payload }) => {
      const { topic, partition, batchSize, firstOffset, lastOffset, highWatermark } = payload;
      if (batchSize > 0) return;
      // None is where compaction took what a batch ends with.
      const [first, last, end] = [firstOffset ?? lastOffset, lastOffset, highWatermark].map(BigInt) as Offsets;
      await this.#positioned.catch(() => {}); // Whose failure ends this member.
      if (this.isJoined) this.#handlers.onFiltered({ topic, partition }, { first, last, end });
    });
    this.#consumer.on(events.CRASH, ({ payload }) => crash(payload.error));
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      const assigned = partitionsOf(payload.memberAssignment);
      this.#id = payload.memberId;
      this.#claims = this.#claim(assigned);
      this.#positioned = this.#takeOver(assigned);
      this.#positioned.catch(crash);
    });
    await this.#consumer.connect();
    await this.#consumer.subscribe({ topics: this.#options.topics, fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        await this.#positioned;
        await this.#handlers.onBatch(payload);
      },
    });
    return crashed;
  }

  seek({ topic, partition, offset }: TopicOffset): void {
    this.#consumer.seek({ topic, partition, offset: String(offset) });
  }

  /** Commits what is to be committed. A failure is reported to the handler; the offsets are committed with the next ones. */
  commit(): Promise<void> {
    this.#committing ??= this.#commitNow().finally(() => {
      this.#committing = undefined;
    });
    return this.#committing;
  }

  /** Leaves the group, within seconds whatever the broker does. */
  async leave(): Promise<void> {
    this.#state = 'left';
    this.#noteLeft();
    await within(this.#options.clock, 3000, this.#consumer.disconnect());
  }

  /** Finds out where to go on in the partitions the group gave to this member. */
  async #takeOver(assigned: TopicPartition[]): Promise<void> {
    const { group, topics, assignment } = this.#options;
    this.#joins += 1;
    const join = this.#joins;
    const committed = await this.#cluster.withAdmin(async (admin) => {
      const offsets = await admin.fetchOffsets({ groupId: group, topics });
      return offsets.flatMap(({ topic, partitions }) =>
        partitions
          .map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) }))
          .filter(({ offset }) => offset >= 0n),
      );
    });
    // When it is joined again meanwhile, that one tells.
    if (this.#state === 'left' || join !== this.#joins) return;
    for (const position of assignment.update(assigned, committed)) this.seek(position);
    this.#state = 'joined';
    await this.#handlers.onJoined();
  }

  /** Resolves true once it is known where to read, else false in time for a heartbeat. */
  async #mayFetch(): Promise<boolean> {
    // One that fails ends this member.
    const positioned = this.#positioned.catch(() => this.#hasLeft);
    const isTime = await within(this.#options.clock, heartbeatInterval, Promise.race([positioned, this.#hasLeft]));
    return isTime && this.#state !== 'left';
  }

  /**
   * kafkajs goes back to the beginning by itself and says so in its log only (consumer/consumerGroup.js,
   * recoverFromOffsetOutOfRange).
   */
  async #hear({ log }: LogEntry): Promise<void> {
    const { message, topic, partition } = log as typeof log & Partial<TopicPartition>;
    if (!message.startsWith('Offset out of range, resetting') || topic === undefined || partition === undefined) return;
    await this.#positioned.catch(() => {}); // Whose failure ends this member.
    if (this.isJoined) await this.#handlers.onOutOfRange({ topic, partition });
  }

  async #commitNow(): Promise<void> {
    const { assignment } = this.#options;
    const positions = assignment.uncommitted();
    if (!this.isJoined || positions.length === 0) return;
    this.#hasCommitted = false;
    try {
      await this.#consumer.commitOffsets(positions.map(({ offset, ...of }) => ({ ...of, offset: String(offset) })));
      // A consumer that has stopped by itself commits nothing, and says nothing.
      if (!this.#hasCommitted) return;
      assignment.markCommitted(positions);
      this.#handlers.onCommitted();
    } catch (error) {
      if (!isRebalancing(error)) this.#handlers.onCommitFailed(error);
    }
  }

  /** What it had before it has since then. */
  #claim(partitions: TopicPartition[]): Claim[] {
    const known = new Map((this.#claims ?? []).map((claim) => [keyOf(claim), claim]));
    return partitions.map((partition) => known.get(keyOf(partition)) ?? { ...partition, since: Date.now() });
  }
}

const rebalancingErrors = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'NOT_COORDINATOR_FOR_GROUP',
];

/** While the group is rebalancing nobody can commit. */
function isRebalancing(thrown: unknown): boolean {
  return rebalancingErrors.includes(protocolErrorType(thrown) ?? '');
}
