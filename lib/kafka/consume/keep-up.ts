import type { Cluster } from 'kafkajs';
import type { FrameRecord } from '../../frame/record-frame-reader';
import type { LagMeter } from './lag-meter';
import { newestRecord } from './newest-record';

/** Knows how old a frame may be when its turn comes, and where to go on when it is older. */
export class KeepUp {
  readonly #maxAge: number | undefined;
  readonly #lag: LagMeter;

  /** `maxAge` in ms; undefined for any age. */
  constructor(maxAge: number | undefined, lag: LagMeter) {
    this.#maxAge = maxAge;
    this.#lag = lag;
  }

  /**
   * The offset of the partition's newest record, where this one is too old; undefined where it is not, or is the newest itself.
   * Rejects when the broker does not say.
   */
  async placeInsteadOf(record: FrameRecord, brokers: Cluster | undefined): Promise<bigint | undefined> {
    if (this.#maxAge === undefined || Date.now() - record.timestamp <= this.#maxAge) return undefined;
    const { topic, partition } = record;
    const offset = BigInt(record.offset);
    await this.#lag.refresh([topic]);
    const newest = await newestRecord(brokers, { topic, partition, offset }, this.#lag.endOf({ topic, partition }));
    return newest > offset ? newest : undefined;
  }
}
