import type { EachBatchPayload } from 'kafkajs';
import type { Frame } from '../../frame/frame';
import { type FrameRecord, RecordFrameReader } from '../../frame/record-frame-reader';
import type { Clock } from '../../time/clock';
import type { TopicOffset, TopicPartition } from '../cluster/topic-partition';
import { unreadableIn } from '../kafkajs-patch/read-batches';
import type { Assignment } from './assignment';
import { type GroupMember, heartbeatInterval } from './group-member';
import { HandOut } from './hand-out';
import { KeepUp } from './keep-up';
import type { LagMeter } from './lag-meter';
import { LossWatch } from './loss-watch';
import type { OffsetTracker } from './offset-tracker';
import type { ReadingHandlers, ReadingOptions, ReadingTotals } from './reading';
import { infoOf, toFrameRecord } from './record';
import { Rewind } from './rewind';
import type { Asking } from './stream-scan';
import { type Spot, StreamStarts } from './stream-starts';
import { UnreadableWatch } from './unreadable-watch';

/** What a batch is read with. */
interface Reading {
  member: GroupMember;
  payload: EachBatchPayload;
}

/** A frame whose turn it is. */
interface Turn extends Spot {
  /** Set where it is handed out only as this record's frame cannot be decoded without it. */
  before?: FrameRecord;
}

/** Makes frames of batches and hands them out, no faster than the window allows. */
export class BatchReader {
  readonly out: HandOut;
  readonly #options: ReadingOptions;
  readonly #handlers: ReadingHandlers;
  readonly #assignment: Assignment;
  readonly #lag: LagMeter;
  readonly #losses: LossWatch;
  readonly #unreadable: UnreadableWatch;
  readonly #keepUp: KeepUp;
  readonly #clock: Clock;
  readonly #frames = new RecordFrameReader();
  readonly #starts: StreamStarts;
  #skipped = 0;
  readonly #rewind: Rewind;

  constructor(
    options: ReadingOptions,
    handlers: ReadingHandlers,
    { assignment, lag, clock }: { assignment: Assignment; lag: LagMeter; clock: Clock },
  ) {
    this.#options = options;
    this.#handlers = handlers;
    this.#assignment = assignment;
    this.#lag = lag;
    this.#starts = new StreamStarts(options.stream, handlers.onUndecodable, clock);
    this.#rewind = new Rewind(assignment);
    this.#losses = new LossWatch(assignment, lag, (deleted) => {
      this.#starts.forget(assignment.trackerOf(deleted));
      handlers.onDeleted(deleted);
    });
    this.#unreadable = new UnreadableWatch(handlers.onUnreadable);
    this.#keepUp = new KeepUp(options, lag, clock);
    this.#clock = clock;
    this.out = new HandOut(options, handlers.onFrame, clock);
  }

  get totals(): ReadingTotals {
    const [{ undecodable }, { records: unreadable }] = [this.#starts, this.#unreadable];
    return { ...this.out.totals, skipped: this.#skipped, undecodable, unreadable };
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
    this.out.noteOver();
  }

  /** The broker has no record at the position any more. Where it does not say from where on it has, the next batch tells. */
  async noteOutOfRange(of: TopicPartition): Promise<void> {
    if (!this.out.isClosed) await this.#losses.check(of).catch(() => {});
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
    if (this.out.isClosed || isStale()) return;
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
        else if (!(await this.#take({ frame, record, tracker }, reading))) return;
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
    return this.out.isClosed || !isRunning() || isStale() || this.#assignment.trackerOf(batch) !== tracker;
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
      this.#skipped += 1;
      this.#handlers.onSkipped(infoOf(record));
      return undefined;
    }
    const { stream } = this.#options;
    return stream && frame.stream !== stream ? undefined : frame;
  }

  /** Hands the frame out, and before it what it takes to decode it; false where that is not to be any more. */
  async #take(turn: Turn, reading: Reading): Promise<boolean> {
    const standing = this.#starts.standingOf(turn);
    if (standing === 'decodable') return this.#handOut(turn, reading);
    if (standing === 'unknown') return this.#begin(turn, reading);
    if (standing === 'undecodable') this.#starts.giveUp(turn);
    turn.tracker.pass(BigInt(turn.record.offset));
    return true;
  }

  /** Hands a frame out with which its stream begins in the middle of a group of pictures, and before it the others of that group. */
  async #begin(turn: Turn, reading: Reading): Promise<boolean> {
    const { record, tracker } = turn;
    if (await this.#jumpFrom(turn, reading)) return false;
    const group = await this.#starts.groupBefore(turn, asking(reading));
    if (this.#isOver(reading, tracker)) return false;
    if (group === undefined) {
      this.#starts.giveUp(turn);
      tracker.pass(BigInt(record.offset));
      return true;
    }
    const before: Turn[] = [];
    for (const found of group) {
      const frame = { ...(this.#frames.read(found.record) as Frame), preroll: true as const };
      const each = { frame, record: found.record, tracker, before: record };
      if (!(await this.#handOut(each, reading))) return false;
      before.push(each);
    }
    // Not one by one: where they are not all handed out, all of them come again.
    for (const each of before) this.#starts.passOn(each);
    // Read again, as its size and its time may follow from theirs.
    return this.#take({ ...turn, frame: this.#frames.read(record) as Frame }, reading);
  }

  /** Waits for room, and hands the frame out; false where that is not to be any more. */
  async #handOut(turn: Turn, reading: Reading): Promise<boolean> {
    const { frame, record, tracker, before } = turn;
    const bytes = record.value.length;
    const isOver = () => this.#isOver(reading, tracker);
    if (!(await this.out.takeRoom(bytes, reading.payload.heartbeat, isOver))) return false;
    let isToBe = false;
    try {
      isToBe = before !== undefined || !((await this.#jumpFrom(turn, reading)) || isOver());
    } finally {
      // Also when the broker does not say where the newest one is, which ends this batch.
      if (!isToBe) this.out.giveBack(bytes);
    }
    if (!isToBe) return false;
    // What comes only for the sake of another one is not committed: that one is.
    const finish = before === undefined ? tracker.begin(BigInt(record.offset)) : () => {};
    if (before === undefined) this.#starts.passOn(turn);
    const shown = this.#starts.isPreroll(turn) ? { ...frame, preroll: true as const } : frame;
    const past = this.#keepUp.isPast(record) ? { past: true as const } : {};
    this.out.give(shown, record, past, (outcome) => {
      if (outcome === 'done') finish();
      else
        this.#rewind.note(before ?? record, tracker, (place) => {
          if (!this.out.isClosed) this.goTo(reading.member, place);
        });
    });
    return true;
  }

  /**
   * Goes to the newest record of the partition where this one is too old, or to the newest key frame of its stream; false where it
   * stays.
   */
  async #jumpFrom(turn: Turn, reading: Reading): Promise<boolean> {
    const { frame, record } = turn;
    const { topic, partition } = record;
    if (this.#starts.isPlaced(turn)) return false;
    const newest = await this.#keepUp.placeInsteadOf(record, frame, reading.member.brokers);
    if (newest === undefined) return false;
    const start = await this.#starts.newerStart(turn, newest, asking(reading));
    if (start === undefined) return false;
    if (this.#isOver(reading, turn.tracker)) return true;
    const { offset } = start;
    this.goTo(reading.member, { topic, partition, offset });
    const tracker = this.#assignment.trackerOf(record);
    if (tracker !== undefined && start.shownFrom !== undefined) this.#starts.showFrom(tracker, frame, start.shownFrom);
    this.#handlers.onJumped({ topic, partition, passed: Number(offset - BigInt(record.offset)) });
    return true;
  }
}

function asking({ member: { brokers }, payload: { heartbeat } }: Reading): Asking {
  return { brokers, heartbeat };
}
