import type { EachBatchPayload } from 'kafkajs';
import type { FrameOutcome } from '../../flow/outcome';
import { Window } from '../../flow/window';
import type { Frame } from '../../frame/frame';
import { type FrameRecord, RecordFrameReader } from '../../frame/record-frame-reader';
import type { Clock } from '../../time/clock';
import { Signal } from '../../time/signal';
import type { TopicOffset, TopicPartition } from '../cluster/topic-partition';
import { unreadableIn } from '../kafkajs-patch/read-batches';
import type { Assignment } from './assignment';
import { type GroupMember, heartbeatInterval } from './group-member';
import { KeepUp } from './keep-up';
import type { LagMeter } from './lag-meter';
import { LossWatch } from './loss-watch';
import type { OffsetTracker } from './offset-tracker';
import type { ReadingHandlers, ReadingOptions } from './reading';
import { infoOf, toFrameRecord } from './record';
import { UnreadableWatch } from './unreadable-watch';

/** What a batch is read with. */
interface Reading {
  member: GroupMember;
  payload: EachBatchPayload;
}

/** Makes frames of batches and hands them out, no faster than the window allows. */
export class BatchReader {
  readonly #options: ReadingOptions;
  readonly #handlers: ReadingHandlers;
  readonly #assignment: Assignment;
  readonly #lag: LagMeter;
  readonly #losses: LossWatch;
  readonly #unreadable: UnreadableWatch;
  readonly #keepUp: KeepUp;
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #frames = new RecordFrameReader();
  /** Notified when there may be room, or a reason to stop waiting for it. */
  readonly #changed: Signal;
  readonly #totals = { frames: 0, bytes: 0, skipped: 0 };
  /** Offsets of frames abandoned just now, by their partition's tracker. */
  readonly #abandoned = new Map<OffsetTracker, bigint[]>();
  #state: 'flowing' | 'paused' | 'closed' = 'flowing';

  constructor(
    options: ReadingOptions,
    handlers: ReadingHandlers,
    { assignment, lag, clock }: { assignment: Assignment; lag: LagMeter; clock: Clock },
  ) {
    this.#options = options;
    this.#handlers = handlers;
    this.#assignment = assignment;
    this.#lag = lag;
    this.#losses = new LossWatch(assignment, lag, handlers.onDeleted);
    this.#unreadable = new UnreadableWatch(handlers.onUnreadable);
    this.#keepUp = new KeepUp(options, lag, clock);
    this.#clock = clock;
    this.#window = new Window(options);
    this.#changed = new Signal(clock);
  }

  get totals(): { frames: number; bytes: number; skipped: number; unreadable: number; unfinished: number } {
    return { ...this.#totals, unreadable: this.#unreadable.records, unfinished: this.#window.frames };
  }

  /** Whether it waits, or may be about to: then nothing new is known from reading. */
  get isHeld(): boolean {
    return this.#state === 'paused' || this.#window.frames > 0;
  }

  pause(): void {
    if (this.#state === 'flowing') this.#state = 'paused';
  }

  resume(): void {
    if (this.#state === 'paused') this.#state = 'flowing';
    this.#changed.notify();
  }

  close(): void {
    this.#state = 'closed';
    this.#window.close();
    this.#changed.notify();
  }

  /** Goes on where somebody wants it to; `isEnd`: at the partition's end. */
  seek(member: GroupMember, position: TopicOffset, isEnd: boolean): void {
    this.#keepUp.noteSought(position, isEnd);
    this.goTo(member, position);
  }

  /** Goes on at another place. What was handed out before counts for no commit. */
  goTo(member: GroupMember, position: TopicOffset): void {
    this.#assignment.restart(position);
    // One that is not joined begins there when it joins.
    if (member.isJoined) member.seek(position);
    this.#changed.notify();
  }

  /** The broker has no record at the position any more. Where it does not say from where on it has, the next batch tells. */
  async noteOutOfRange(of: TopicPartition): Promise<void> {
    if (this.#state !== 'closed') await this.#losses.check(of).catch(() => {});
  }

  /** Records of these offsets are passed over, all of them: transaction markers, or of transactions that were aborted. */
  noteFiltered(of: TopicPartition, { first, last, end }: { first: bigint; last: bigint; end: bigint }): void {
    const tracker = this.#assignment.trackerOf(of);
    // Others are from before a seek.
    if (tracker === undefined || first > (tracker.next ?? first) || last < (tracker.next ?? last)) return;
    this.#lag.noteEnd(of, end);
    tracker.pass(last);
  }

  /** Hands out a batch; rejects when the group is rebalancing, and stops when reading continues elsewhere. */
  async read(reading: Reading): Promise<void> {
    const { batch, resolveOffset, heartbeat, isStale } = reading.payload;
    if (this.#state === 'closed' || isStale()) return;
    const of = { topic: batch.topic, partition: batch.partition };
    const tracker = this.#trackerFor({ ...of, offset: BigInt(batch.firstOffset() ?? 0) });
    this.#lag.noteEnd(of, BigInt(batch.highWatermark));
    this.#keepUp.noteEnd(of, BigInt(batch.highWatermark));
    await this.#losses.checkBatch(batch);
    const began = this.#clock.now();
    let heartbeatDue = began + heartbeatInterval;
    let read: string | undefined;
    try {
      for (const message of batch.messages) {
        if (this.#clock.now() > heartbeatDue) {
          heartbeatDue = this.#clock.now() + heartbeatInterval;
          await heartbeat();
        }
        if (this.#isOver(reading, tracker)) return;
        const unreadable = unreadableIn(message);
        const record = toFrameRecord(of.topic, of.partition, message);
        const frame = unreadable === undefined ? this.#frameOf(record) : undefined;
        if (unreadable !== undefined) this.#unreadable.note(of, unreadable);
        if (frame === undefined) tracker.pass(BigInt(record.offset));
        else if (!(await this.#handOut(frame, record, tracker, reading))) return;
        read = message.offset;
      }
      // What follows the last of them was passed over, such as the marker that ends a transaction.
      tracker.pass(BigInt(batch.lastOffset()));
      if (this.#lag.endOf(of) === tracker.next) this.#keepUp.noteEndReached(of, began);
    } finally {
      // Where kafkajs fetches next, also after an error; not after a seek, which is what it would undo.
      if (read !== undefined && !isStale()) resolveOffset(read);
    }
  }

  #isOver({ payload: { batch, isRunning, isStale } }: Reading, tracker: OffsetTracker): boolean {
    return this.#state === 'closed' || !isRunning() || isStale() || this.#assignment.trackerOf(batch) !== tracker;
  }

  /** A partition that begins below what was read (its topic was recreated, say) starts over here, too. */
  #trackerFor(first: TopicOffset): OffsetTracker {
    const tracker = this.#assignment.trackerOf(first);
    const isKnown = tracker !== undefined && (tracker.next === undefined || tracker.next <= first.offset);
    return isKnown ? tracker : this.#assignment.restart(first);
  }

  /** The record's frame; undefined when it is not to be handed out. */
  #frameOf(record: FrameRecord): Frame | undefined {
    const frame = this.#frames.read(record);
    if (frame === undefined) {
      this.#totals.skipped += 1;
      this.#handlers.onSkipped(infoOf(record));
      return undefined;
    }
    const { stream } = this.#options;
    return stream && frame.stream !== stream ? undefined : frame;
  }

  /** Waits for room, and hands the frame out; false where that is not to be any more. */
  async #handOut(frame: Frame, record: FrameRecord, tracker: OffsetTracker, reading: Reading): Promise<boolean> {
    const bytes = record.value.length;
    while (this.#state === 'paused' || !this.#window.tryAcquire(bytes)) {
      await this.#changed.wait(heartbeatInterval);
      await reading.payload.heartbeat();
      if (this.#isOver(reading, tracker)) return false;
    }
    if (await this.#jumpFrom(record, frame, reading.member)) return false;
    // A copy, as the value is a part of the fetch response: a frame kept in the flow would keep megabytes alive.
    const data = Buffer.from(record.value);
    const finish = tracker.begin(BigInt(record.offset));
    this.#totals.frames += 1;
    this.#totals.bytes += bytes;
    let isFinished = false;
    let hasRoom = true;
    const giveBackRoom = () => {
      if (!hasRoom) return;
      hasRoom = false;
      this.#window.release(bytes);
      this.#changed.notify();
    };
    const info = { ...infoOf(record), ...(this.#keepUp.isPast(record) && { past: true as const }) };
    const onFinished = (outcome: FrameOutcome = 'done') => {
      if (isFinished) return;
      isFinished = true;
      if (outcome === 'done') finish();
      else this.#rewind(record, tracker, reading.member);
      giveBackRoom();
    };
    this.#handlers.onFrame({ frame, data }, info, onFinished, giveBackRoom);
    return true;
  }

  /**
   * Goes back to the oldest abandoned frame of a partition, once all of those that are abandoned together are known. Frames that
   * are still in the flow come again, too: at least once.
   */
  #rewind({ topic, partition, offset }: FrameRecord, tracker: OffsetTracker, member: GroupMember): void {
    const abandoned = this.#abandoned.get(tracker) ?? [];
    abandoned.push(BigInt(offset));
    if (abandoned.length > 1) return;
    this.#abandoned.set(tracker, abandoned);
    setImmediate(() => {
      this.#abandoned.delete(tracker);
      const isCurrent = this.#state !== 'closed' && this.#assignment.trackerOf({ topic, partition }) === tracker;
      const oldest = abandoned.reduce((a, b) => (a < b ? a : b));
      if (isCurrent) this.goTo(member, { topic, partition, offset: oldest });
    });
  }

  /** Goes to the newest record of the partition where this one is too old, giving back this one's room; false where it stays. */
  async #jumpFrom(record: FrameRecord, frame: Frame, member: GroupMember): Promise<boolean> {
    const { topic, partition } = record;
    let hasJumped = true;
    try {
      const offset = await this.#keepUp.placeInsteadOf(record, frame, member.brokers);
      hasJumped = offset !== undefined;
      if (offset === undefined) return false;
      this.goTo(member, { topic, partition, offset });
      this.#handlers.onJumped({ topic, partition, passed: Number(offset - BigInt(record.offset)) });
      return true;
    } finally {
      // Also when the broker does not say where the newest one is, which ends this batch.
      if (hasJumped) this.#window.release(record.value.length);
    }
  }
}
