import type { Frame } from '../../frame/frame';
import type { Clock } from '../../time/clock';
import { Signal } from '../../time/signal';
import { batchOverhead, type FrameMessage } from './frame-message';

/** A frame waiting to be sent. */
export interface QueuedFrame {
  frame: Frame;
  key: string;
  message: FrameMessage;
  /** Bytes the record takes in a batch, at most. */
  bytes: number;
  /** Whether a source waits for it: then it is never dropped. */
  tracked: boolean;
  /** While it waits, and no source waits for it: counts such frames in the order in which they came. */
  untrackedNumber?: number;
  /** Set where the image had to be shrunk to fit. */
  shrunk?: true;
  /** Pending while the image is being made to fit; those behind it wait, to keep their order. */
  preparing?: Promise<void>;
  resolve: (position: { partition?: number; offset?: string }) => void;
  reject: (error: Error) => void;
}

/** Which lane: frames of one are sent to one topic by one sender, in order. */
export interface LaneId {
  id: string;
  topic: string;
  /** Index of the sender. */
  sender: number;
}

/** A frame as errors name it. */
export function nameOf({ stream, seq }: Frame): string {
  return `Frame ${seq} of "${stream}"`;
}

/**
 * Frames whose order must be kept, in the order they came. One request is in flight per lane, which is what keeps
 * the order when a request fails and is sent again.
 */
export class Lane {
  /** Notified when a full batch waits. */
  readonly full: Signal;
  /** The batch that is sent and not settled. Not in a set of all such frames, which would keep them: see `installReleaseSent`. */
  inFlight: readonly QueuedFrame[] = [];
  readonly #maxBatchBytes: () => number;
  #queue: QueuedFrame[] = [];

  constructor(maxBatchBytes: () => number, clock: Clock) {
    this.full = new Signal(clock);
    this.#maxBatchBytes = maxBatchBytes;
  }

  /** Frames that wait. */
  get length(): number {
    return this.#queue.length;
  }

  get head(): QueuedFrame | undefined {
    return this.#queue[0];
  }

  /** Of the frames that wait, the first that no source waits for. */
  get oldestUntracked(): QueuedFrame | undefined {
    return this.#queue.find(({ untrackedNumber }) => untrackedNumber !== undefined);
  }

  /** Whether what waits makes at least one full batch. */
  get isFull(): boolean {
    let bytes = batchOverhead;
    const maxBytes = this.#maxBatchBytes();
    return this.#queue.some((queued) => {
      bytes += queued.bytes;
      return bytes >= maxBytes;
    });
  }

  push(queued: QueuedFrame): void {
    this.#queue.push(queued);
    if (this.isFull) this.full.notify();
  }

  remove(queued: QueuedFrame): void {
    this.#queue = this.#queue.filter((other) => other !== queued);
  }

  /** Takes everything. */
  drain(): QueuedFrame[] {
    return this.#queue.splice(0);
  }

  /**
   * Takes the next frames of one key, as many as fit in a batch: the broker counts a batch, not a record, against
   * max.message.bytes, and kafkajs puts all of a request's records for a partition into one.
   */
  takeBatch(): QueuedFrame[] {
    const batch: QueuedFrame[] = [];
    const rest: QueuedFrame[] = [];
    let bytes = batchOverhead;
    let open = true;
    const maxBytes = this.#maxBatchBytes();
    for (const queued of this.#queue) {
      if (open && queued.key === this.head?.key) {
        const fits = batch.length === 0 || bytes + queued.bytes <= maxBytes;
        if (fits && queued.preparing === undefined) {
          batch.push(queued);
          bytes += queued.bytes;
          continue;
        }
        open = false;
      }
      rest.push(queued);
    }
    this.#queue = rest;
    return batch;
  }
}
