import type { UnreadableCause } from './unreadable';

/** Kafka's headers by name; an array where one is there more than once. */
export type WireHeaders = Record<string, Buffer | Buffer[]>;

/** What a record's batch says of all its records. */
export interface BatchContext {
  firstOffset: string;
  producerId: string;
  inTransaction: boolean;
  /** Whether its record is a marker that ends a transaction. */
  isControlBatch: boolean;
}

/** A record as kafkajs hands it on. */
export interface WireRecord {
  magicByte: number;
  attributes: number;
  /** Ms since the epoch. */
  timestamp: string;
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: WireHeaders;
  isControlRecord: boolean;
  batchContext: BatchContext;
  /** Set where this stands for records that cannot be read, `offset` being that of the last one. */
  unreadable?: UnreadableRecords;
}

/** Records that cannot be read: a batch of them, or what is left of one. */
export interface UnreadableRecords {
  cause: UnreadableCause;
  /** A sentence that has their batch for its subject. */
  reason: string;
  first: bigint;
  last: bigint;
}

/** What stands in the place of records that cannot be read, so that whoever reads goes on behind them. */
export function placeholder(unreadable: UnreadableRecords, context: Partial<BatchContext> = {}): WireRecord {
  return {
    magicByte: 2,
    attributes: 0,
    timestamp: '0',
    offset: String(unreadable.last),
    key: null,
    value: null,
    headers: {},
    isControlRecord: false,
    batchContext: {
      ...{ firstOffset: String(unreadable.first), producerId: '-1', inTransaction: false, isControlBatch: false },
      ...context,
    },
    unreadable,
  };
}
