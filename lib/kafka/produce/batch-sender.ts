import { setMaxListeners } from 'node:events';
import { CompressionTypes, Partitioners, type Producer } from 'kafkajs';
import { VideoError } from '../../errors';
import { Backoff } from '../../time/backoff';
import type { Clock } from '../../time/clock';
import { within } from '../../time/signal';
import { sleep } from '../../time/sleep';
import type { KafkaCluster } from '../cluster/cluster';
import { isSequenceError, protocolErrorType } from '../cluster/kafka-error';
import { concernsTopic, type Outages } from '../cluster/outages';
import type { TopicMaker } from '../cluster/topics';
import type { AcknowledgedEnds, Ends } from './acknowledged-ends';
import { type LaneId, nameOf, type QueuedFrame } from './lane';
import { type SentGroups, undecodable } from './sent-groups';

export interface SendingOptions {
  /** Whose acknowledgement makes a frame delivered: nobody's, the partition leader's, or all in-sync replicas'. Default 1. */
  acks?: 0 | 1 | 'all';
  /** Whether the broker drops what was sent twice; needs acks 'all'. */
  idempotent?: boolean;
  compression?: 'none' | 'gzip';
}

/** What all senders of a producer share. */
export interface SenderContext {
  cluster: KafkaCluster;
  topics: TopicMaker;
  outages: Outages;
  ends: AcknowledgedEnds;
  sent: SentGroups;
  clock: Clock;
  /** The topic refused a frame as too large: resolves with whether it is smaller now. Rejects where it cannot be. */
  onTooLarge: (topic: string, queued: QueuedFrame) => Promise<boolean>;
  /** Called for each try that failed and is repeated. */
  onRetry: () => void;
}

/** Refusals that concern single records: those are rejected, the others of their batch go on. */
const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE'];
const recordErrors = [...tooLarge, 'INVALID_TIMESTAMP', 'INVALID_RECORD'];

/**
 * Sends batches through one kafkajs producer, each until it is acknowledged or refused.
 *
 * Exactly once, where it is idempotent, rests on three things. The broker numbers the records of a producer within a
 * partition and drops a batch it has already. kafkajs gives the numbers of a failed batch to the next one, so the next
 * one must be the same batch again, to the same partition: nobody may send to that partition through this sender
 * meanwhile. And a batch whose fate is unknown is repeated until the broker says.
 */
export class BatchSender {
  readonly #options: SendingOptions;
  readonly #context: SenderContext;
  readonly #closed = new AbortController();
  #producer: Producer;
  #connecting: Promise<void> | undefined;

  /** Connects to nothing yet. */
  constructor(options: SendingOptions, context: SenderContext) {
    this.#options = options;
    this.#context = context;
    // Each lane may wait for it: Node.js would take more than ten for a leak.
    setMaxListeners(0, this.#closed.signal);
    this.#producer = this.#newProducer();
  }

  /** Connects once; rejects when that fails. */
  connect(): Promise<void> {
    this.#connecting ??= this.#producer.connect().catch((error) => {
      this.#connecting = undefined;
      throw error;
    });
    return this.#connecting;
  }

  /** Settles every frame of the batch, however long that takes, unless closed. */
  async deliver(lane: LaneId, batch: QueuedFrame[]): Promise<void> {
    const { outages, ends, clock, onRetry, onTooLarge, sent } = this.#context;
    const { topic } = lane;
    const { signal } = this.#closed;
    // A batch that is repeated may have been written at the first try, before what others wrote since.
    const before = ends.snapshot(topic);
    const backoff = new Backoff({ first: 100, max: 2000 });
    while (!signal.aborted) {
      const producer = this.#producer;
      try {
        await this.#transmit(topic, batch, before);
        if (signal.aborted) await this.#disconnect();
        else outages.succeeded(topic);
        return;
      } catch (error) {
        // kafkajs reconnects for a request that is still tried again: what it opened after `close` is closed here.
        if (signal.aborted) return await this.#disconnect();
        const type = protocolErrorType(error) ?? '';
        if (recordErrors.includes(type) && batch.length > 1) {
          for (const queued of batch) {
            // One that was refused before it may be what it hangs on.
            if (sent.admit(lane, queued.frame)) await this.deliver(lane, [queued]);
            else queued.reject(undecodable(queued.frame));
          }
          return;
        }
        const [alone] = batch;
        if (alone !== undefined && tooLarge.includes(type)) {
          try {
            if (await onTooLarge(topic, alone)) continue;
          } catch (error) {
            alone.reject(error as Error);
            return;
          }
        }
        if (alone !== undefined && type === 'INVALID_TIMESTAMP' && alone.message.timestamp !== undefined) {
          // The frame's own time is in its headers. Without one, kafkajs takes the present for the record's.
          delete alone.message.timestamp;
          continue;
        }
        if (recordErrors.includes(type) || type === 'INVALID_TOPIC_EXCEPTION') {
          for (const queued of batch) queued.reject(this.#refusal(error, topic, queued));
          return;
        }
        onRetry();
        if (isSequenceError(error)) await this.#replaceProducer(producer);
        else this.noteOutage(error, topic);
        await sleep(clock, backoff.next(), signal);
      }
    }
  }

  noteOutage(thrown: unknown, topic: string | undefined): void {
    const { cluster, outages, topics } = this.#context;
    if (topic !== undefined) topics.forget(topic);
    const error = cluster.errorOf(thrown, { topic, otherwise: 'SEND_FAILED' });
    outages.failed(error, concernsTopic(error) ? topic : undefined);
  }

  /** Stops trying and disconnects, within seconds. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#disconnect();
  }

  async #transmit(topic: string, batch: QueuedFrame[], before: Ends): Promise<void> {
    const { acks = 1, compression = 'none' } = this.#options;
    const { topics, ends } = this.#context;
    await this.connect();
    await topics.ensure(topic);
    const [written] = await this.#producer.send({
      topic,
      messages: batch.map(({ message }) => message),
      acks: acks === 'all' ? -1 : acks,
      compression: compression === 'gzip' ? CompressionTypes.GZIP : CompressionTypes.None,
    });
    if (written === undefined && acks !== 0) throw this.#partitionGone(topic, batch);
    // All of one key, so all in one partition. With acks 0 the broker says nothing.
    const base = written?.baseOffset === undefined ? undefined : BigInt(written.baseOffset);
    if (written === undefined || base === undefined || base < 0n) {
      for (const { resolve } of batch) resolve({});
      return;
    }
    const { partition } = written;
    ends.acknowledged({ topic, partition, base, count: batch.length, before });
    batch.forEach(({ resolve }, index) => {
      resolve({ partition, offset: String(base + BigInt(index)) });
    });
  }

  #newProducer(): Producer {
    return this.#context.cluster.client().producer({
      allowAutoTopicCreation: false,
      idempotent: this.#options.idempotent ?? false,
      createPartitioner: stayingPartitioner,
      metadataMaxAge: 60_000,
      // As for all clients, also where kafkajs would try for ever by itself, which nobody would be told about.
      retry: { retries: 3 },
    });
  }

  /**
   * The broker lacks what came before this batch: a replica without it became leader. So it does not have the batch either,
   * and accepts it from a producer that is new to it. (The Java client does the same, KIP-360.)
   */
  async #replaceProducer(producer: Producer): Promise<void> {
    if (this.#producer !== producer) return; // Another batch has replaced it already.
    await this.#disconnect();
    this.#producer = this.#newProducer();
    this.#connecting = undefined;
  }

  /**
   * kafkajs passes over messages for a partition that is not there, and says nothing: the topic was recreated with fewer
   * partitions. They are sent again, to one that is there, as far as kafkajs knows by now.
   */
  #partitionGone(topic: string, batch: QueuedFrame[]): Error {
    for (const { message } of batch) delete message.partition;
    return new Error(`topic "${topic}" has lost a partition`);
  }

  #refusal(thrown: unknown, topic: string, { frame }: QueuedFrame): VideoError {
    const { code, message } = this.#context.cluster.errorOf(thrown, { topic, otherwise: 'SEND_FAILED' });
    return new VideoError(code, `${nameOf(frame)} was not sent. ${message}`, { cause: thrown });
  }

  async #disconnect(): Promise<void> {
    await within(this.#context.clock, 2000, this.#producer.disconnect());
  }
}

/** The usual partitioner, but a message stays with its partition when it is sent again after the topic got more of them. */
const stayingPartitioner: typeof Partitioners.DefaultPartitioner = () => {
  const choose = Partitioners.DefaultPartitioner();
  return (args) => {
    args.message.partition ??= choose(args);
    return args.message.partition;
  };
};
