import { ByteReader } from './byte-reader';
import { placeholder, type WireRecord } from './record';
import { Budget, readRecordSet } from './record-set';

/** Versions of the answer that are known here: https://kafka.apache.org/protocol.html#The_Messages_Fetch */
export const knownFetchVersions = { from: 4, to: 11 };

/**
 * What the broker answers where it cannot read its own file (CORRUPT_MESSAGE). Behind that it may find its way again, by its index:
 * so one offset after the other is passed over.
 */
const corruptMessage = 2;

interface FetchedPartition {
  partition: number;
  errorCode: number;
  /** The offset behind the last record. */
  highWatermark: string;
  lastStableOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[];
  /** The broker that this one would rather have asked; -1 for none. */
  preferredReadReplica: number;
  messages: WireRecord[];
}

/** An answer as kafkajs has it. */
export interface FetchResponse {
  throttleTime: number;
  clientSideThrottleTime: number;
  errorCode: number;
  responses: { topicName: string; partitions: FetchedPartition[] }[];
}

export interface FetchRequest {
  topics: { topic: string; partitions: { partition: number; fetchOffset: string | number }[] }[];
}

/**
 * Reads the broker's answer to `request`. Of what cannot be read, the answer has a placeholder in its place: see
 * `WireRecord.unreadable`.
 */
export async function decodeFetchResponse(
  bytes: Buffer,
  version: number,
  request: FetchRequest,
): Promise<FetchResponse> {
  const reader = new ByteReader(bytes);
  const budget = new Budget();
  const clientSideThrottleTime = reader.int32();
  const errorCode = version >= 7 ? reader.int16() : 0;
  if (version >= 7) reader.int32(); // The session's number: kafkajs has no sessions.
  const responses: FetchResponse['responses'] = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    const topicName = reader.string();
    const partitions: FetchedPartition[] = [];
    for (let count = reader.int32(); count > 0; count -= 1) {
      partitions.push(await readPartition(reader, version, budget, offsetsOf(request, topicName)));
    }
    responses.push({ topicName, partitions });
  }
  // The broker has not waited for it, and kafkajs waits by itself.
  return { throttleTime: 0, clientSideThrottleTime, errorCode, responses };
}

async function readPartition(
  reader: ByteReader,
  version: number,
  budget: Budget,
  offsets: Map<number, bigint>,
): Promise<FetchedPartition> {
  const partition = reader.int32();
  const errorCode = reader.int16();
  const end = reader.int64();
  const lastStableOffset = String(reader.int64());
  if (version >= 5) reader.int64(); // Where it begins.
  const abortedTransactions = [];
  for (let count = reader.int32(); count > 0; count -= 1) {
    abortedTransactions.push({ producerId: String(reader.int64()), firstOffset: String(reader.int64()) });
  }
  const preferredReadReplica = version >= 11 ? reader.int32() : -1;
  const bytes = reader.nullableBytes() ?? Buffer.alloc(0);
  const offset = offsets.get(partition) ?? 0n;
  if (errorCode === corruptMessage) return withoutCorrupt(partition, offset, end);
  return {
    ...{
      partition,
      errorCode,
      highWatermark: String(end),
      lastStableOffset,
      abortedTransactions,
      preferredReadReplica,
    },
    messages: await readRecordSet(bytes, { offset, end, budget }),
  };
}

/** The answer as it would be with a batch of this one offset that cannot be read. */
function withoutCorrupt(partition: number, offset: bigint, end: bigint): FetchedPartition {
  const known = String(end > offset ? end : offset + 1n);
  const reason = 'is damaged where the broker keeps it';
  return {
    ...{ partition, errorCode: 0, highWatermark: known, lastStableOffset: known },
    ...{ abortedTransactions: [], preferredReadReplica: -1 },
    messages: [placeholder({ cause: 'corrupt', reason, first: offset, last: offset })],
  };
}

function offsetsOf(request: FetchRequest, topic: string): Map<number, bigint> {
  // Partitions of one topic may be asked for in several places.
  const asked = request.topics.filter((each) => each.topic === topic).flatMap(({ partitions }) => partitions);
  return new Map(asked.map(({ partition, fetchOffset }) => [partition, BigInt(fetchOffset)]));
}
