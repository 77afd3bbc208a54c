import type { Cluster } from 'kafkajs';
import type { Frame } from '../../frame/frame';
import type { FrameRecord } from '../../frame/record-frame-reader';
import type { Clock } from '../../time/clock';
import { keyOf, type TopicPartition } from '../cluster/topic-partition';
import { EndHistory } from './end-history';
import type { LagMeter } from './lag-meter';
import { newestRecord } from './newest-record';

/** Ms within which what was fetched up to the end is handed out, unless the flow holds it: then the end is elsewhere meanwhile. */
const prompt = 500;

export interface KeepUpOptions {
  /** Ms a live frame may be old when its turn comes; when it is older, reading goes on with the newest. Default: any age. */
  maxDelay?: number;
  /** The same for frames of any kind, by the time of their record. */
  keepUp?: number;
}

/**
 * Knows how old a frame may be when its turn comes, and where to go on when it is older. Where somebody sent the reader to a
 * place in the past, any age is right until it has come to the newest record.
 */
export class KeepUp {
  readonly #options: KeepUpOptions;
  readonly #lag: LagMeter;
  readonly #clock: Clock;
  readonly #histories = new Map<string, EndHistory>();
  /** Partitions that are read in the past, on purpose. */
  readonly #past = new Set<string>();

  constructor(options: KeepUpOptions, lag: LagMeter, clock: Clock) {
    this.#options = options;
    this.#lag = lag;
    this.#clock = clock;
  }

  /** Somebody sent the reader to this partition's end, or to a place in its past. */
  noteSought(of: TopicPartition, isEnd: boolean): void {
    if (isEnd) this.#past.delete(keyOf(of));
    else this.#past.add(keyOf(of));
  }

  /** The partition ends there now, as a fetch tells. */
  noteEnd(of: TopicPartition, end: bigint): void {
    const { maxDelay } = this.#options;
    if (maxDelay === undefined) return;
    const history = this.#histories.get(keyOf(of)) ?? new EndHistory(maxDelay);
    this.#histories.set(keyOf(of), history);
    history.note(end, this.#clock.now());
  }

  /** Whether the partition is read in the past, on purpose. */
  isPast(of: TopicPartition): boolean {
    return this.#past.size > 0 && this.#past.has(keyOf(of));
  }

  /** Everything up to the partition's end was read, and handed out, that was fetched `since` (ms, by the same clock). */
  noteEndReached(of: TopicPartition, since: number): void {
    if (this.#clock.now() - since < prompt) this.#past.delete(keyOf(of));
  }

  /**
   * The offset of the partition's newest record, where this one is too old; undefined where it is not, or is the newest itself.
   * Rejects when the broker does not say.
   */
  async placeInsteadOf(record: FrameRecord, frame: Frame, brokers: Cluster | undefined): Promise<bigint | undefined> {
    if (!this.#isTooOld(record, frame) || this.isPast(record)) return undefined;
    const { topic, partition } = record;
    const offset = BigInt(record.offset);
    await this.#lag.refresh([topic]);
    const end = this.#lag.endOf({ topic, partition });
    this.noteEnd({ topic, partition }, end);
    const newest = await newestRecord(brokers, { topic, partition, offset }, end);
    return newest > offset ? newest : undefined;
  }

  /** The clock of a camera's machine may be wrong: it is asked where Kafka's own order does not tell. */
  #isTooOld({ topic, partition, offset, timestamp }: FrameRecord, { live, time }: Frame): boolean {
    const { maxDelay, keepUp } = this.#options;
    if (keepUp !== undefined && this.#clock.date() - timestamp > keepUp) return true;
    if (maxDelay === undefined || !live) return false;
    const history = this.#histories.get(keyOf({ topic, partition }));
    const { least, most } = history?.ageOf(BigInt(offset), this.#clock.now()) ?? { least: 0, most: Infinity };
    return least > maxDelay || (most > maxDelay && this.#clock.date() - time > maxDelay);
  }
}
