import type { Cluster } from 'kafkajs';
import { decodeFetchResponse, type FetchRequest, type FetchResponse, knownFetchVersions } from '../wire/fetch-response';
import type { UnreadableRecords, WireRecord } from '../wire/record';

export type { UnreadableRecords };

/** The parts of kafkajs that are patched. */
interface FetchProtocol {
  protocol(options: { version: number }): (request: FetchRequest) => {
    request: unknown;
    response: { decode(bytes: Buffer): Promise<FetchResponse>; parse(response: FetchResponse): Promise<FetchResponse> };
  };
}
interface ConsumerGroup {
  cluster: Cluster;
  fetch(nodeId: number): Promise<{ topic: string; partition: number; rawMessages: WireRecord[] }[]>;
}

/** The connections of consumers that look for what cannot be read. */
const attentive = new WeakSet<Cluster>();

/**
 * Has the consumer that owns these connections be given what cannot be read, in its place among the messages of a batch (see
 * `unreadableIn`), and so go on behind it. Other consumers of this process fail there, as kafkajs has it.
 */
export function handleUnreadable(connections: Cluster): void {
  attentive.add(connections);
}

/** The records that a message of kafkajs stands for, where they cannot be read. */
export function unreadableIn(message: { offset: string }): UnreadableRecords | undefined {
  return (message as Partial<WireRecord>).unreadable;
}

/**
 * Reads fetched records instead of kafkajs, which reads one codec of four, decompresses without limit, takes no notice of
 * checksums, and fails for all partitions, again and again, where one batch of one partition cannot be read:
 * https://github.com/tulios/kafkajs/blob/v2.2.4/src/protocol/requests/fetch/v4/decodeMessages.js
 */
export function installReadBatches(): void {
  const fetches = require('kafkajs/src/protocol/requests/fetch') as FetchProtocol;
  const { protocol } = fetches;
  fetches.protocol = ({ version }) => {
    const original = protocol({ version });
    if (version < knownFetchVersions.from || version > knownFetchVersions.to) return original;
    return (request) => {
      const made = original(request);
      const decode = (bytes: Buffer) => decodeFetchResponse(bytes, version, request);
      return { ...made, response: { ...made.response, decode } };
    };
  };

  const { prototype } = require('kafkajs/src/consumer/consumerGroup') as { prototype: ConsumerGroup };
  const { fetch } = prototype;
  prototype.fetch = async function (nodeId) {
    const batches = await fetch.call(this, nodeId);
    if (!attentive.has(this.cluster)) for (const batch of batches) assertReadable(batch);
    return batches;
  };
}

function assertReadable({ topic, partition, rawMessages }: Awaited<ReturnType<ConsumerGroup['fetch']>>[number]): void {
  const unreadable = rawMessages.map(unreadableIn).find((each) => each !== undefined);
  if (unreadable === undefined) return;
  const { first, last, reason } = unreadable;
  throw new Error(`the batch of offsets ${first} to ${last} of ${topic}/${partition} ${reason}`);
}
