import { RecentMap } from '../../recent-map';

/** Records the broker had acknowledged and does not have any more. */
export interface LostRecords {
  topic: string;
  partition: number;
  first: bigint;
  /** The first offset behind the lost ones. */
  end: bigint;
}

/** Topics whose ends are remembered. */
const maxTopics = 1000;

/** How far each partition of a topic was acknowledged. */
export type Ends = ReadonlyMap<number, bigint>;

/**
 * Notices when a partition goes back behind what it had acknowledged: with acks 1 a new leader may lack the last
 * records of the one before.
 */
export class AcknowledgedEnds {
  readonly #onLost: (lost: LostRecords) => void;
  readonly #ends = new RecentMap<string, Ends>(maxTopics);

  constructor(onLost: (lost: LostRecords) => void) {
    this.#onLost = onLost;
  }

  /** How far it goes now: to compare with what is acknowledged to a request sent from here on. */
  snapshot(topic: string): Ends {
    return this.#ends.get(topic) ?? new Map();
  }

  /** Notes the answer to a request; `before` is the snapshot from before it was sent. */
  acknowledged(answer: { topic: string; partition: number; base: bigint; count: number; before: Ends }): void {
    const { topic, partition, base, count, before } = answer;
    const known = before.get(partition) ?? 0n;
    const end = base + BigInt(count);
    const current = this.#ends.get(topic)?.get(partition) ?? 0n;
    // Where another request has told of it already, it does not go that far any more.
    if (base < known && known <= current) this.#onLost({ topic, partition, first: base, end: known });
    if (base < known || end > current) this.#ends.set(topic, new Map(this.#ends.get(topic)).set(partition, end));
  }
}
