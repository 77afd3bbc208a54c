import { Backoff } from '../../time/backoff';
import { sleep } from '../../time/sleep';
import { BatchSender, type SenderContext, type SendingOptions } from './batch-sender';
import type { LaneId, QueuedFrame } from './lane';

/**
 * Idempotent sending is one request at a time for each numbering, so streams are spread over several: those of different
 * ones are in flight at once. Each is a kafkajs producer with connections of its own, opened when first needed.
 */
const idempotentSenders = 4;

/** The senders of one producer. */
export class SenderPool {
  readonly #options: SendingOptions;
  readonly #context: SenderContext;
  readonly #closed = new AbortController();
  readonly #senders: BatchSender[] = [];

  constructor(options: SendingOptions, context: SenderContext) {
    this.#options = options;
    this.#context = context;
  }

  /**
   * The lane for a topic's frames of one key. An idempotent sender must not have two batches for one partition in flight, and
   * keys may share a partition, so all its keys share a lane.
   */
  laneFor(topic: string, key: string): LaneId {
    if (!this.#options.idempotent) return { id: JSON.stringify([topic, key]), topic, sender: 0 };
    const sender = hashOf(key) % idempotentSenders;
    return { id: JSON.stringify([topic, sender]), topic, sender };
  }

  /** Settles every frame of a batch; see `BatchSender`. */
  deliver(lane: LaneId, batch: QueuedFrame[]): Promise<void> {
    return this.#sender(lane.sender).deliver(lane, batch);
  }

  /**
   * Connects the first sender and makes `topic` ready, trying until that works or the pool is closed. `onConnected` is called
   * if it works.
   */
  async connect(topic: string | undefined, onConnected: () => void): Promise<void> {
    const { topics, clock, onRetry } = this.#context;
    const { signal } = this.#closed;
    const backoff = new Backoff({ first: 250, max: 2000 });
    const sender = this.#sender(0);
    while (!signal.aborted) {
      try {
        await sender.connect();
        if (signal.aborted) return await sender.close();
        if (topic) await topics.ensure(topic);
        return onConnected();
      } catch (error) {
        if (signal.aborted) return;
        onRetry();
        sender.noteOutage(error, topic);
        await sleep(clock, backoff.next(), signal);
      }
    }
  }

  /** Disconnects all senders, within seconds. */
  async close(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#senders.map((sender) => sender.close()));
  }

  #sender(index: number): BatchSender {
    this.#senders[index] ??= new BatchSender(this.#options, this.#context);
    return this.#senders[index];
  }
}

/** A small number for a key, always the same. */
function hashOf(key: string): number {
  let hash = 0;
  for (let index = 0; index < key.length; index += 1) hash = (Math.imul(hash, 31) + key.charCodeAt(index)) >>> 0;
  return hash;
}
