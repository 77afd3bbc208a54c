import type { Frame } from '../frame/frame';

/** What a playout needs to know of a frame that is entrusted to it. */
export interface Playable {
  frame: Frame;
  bytes: number;
  /** Whether a source waits for this frame to be finished: such a frame is never dropped for want of room. */
  tracked: boolean;
  /** Whether its reader was sent to a place in the past, and has not come to the newest frame since. */
  isPast?: boolean;
}

export interface QueueLimits {
  /** Most frames. */
  maxFrames: number;
  /** Most bytes. */
  maxBytes: number;
}

/**
 * Frames waiting for their time, in order. Those a source waits for are bounded by that source's window; the others
 * nobody holds back, so they are bounded here: the oldest go.
 */
export class FrameQueue<T extends Playable> implements Iterable<T> {
  readonly #limits: QueueLimits;
  #items: T[] = [];
  #untrackedFrames = 0;
  #untrackedBytes = 0;

  constructor(limits: QueueLimits) {
    this.#limits = limits;
  }

  get length(): number {
    return this.#items.length;
  }

  get head(): T | undefined {
    return this.#items[0];
  }

  get newest(): T | undefined {
    return this.#items.at(-1);
  }

  [Symbol.iterator](): Iterator<T> {
    return this.#items.values();
  }

  /** Appends a frame; returns those that had to go for it. The newest always stays. */
  push(item: T): T[] {
    this.#items.push(item);
    this.#count(item, 1);
    const dropped: T[] = [];
    while (this.#untrackedFrames > 1 && this.#isOver()) {
      const oldest = this.#items.findIndex(({ tracked }) => !tracked);
      dropped.push(...this.#items.splice(oldest, 1));
      this.#count(dropped.at(-1) as T, -1);
    }
    return dropped;
  }

  shift(): T | undefined {
    const item = this.#items.shift();
    if (item !== undefined) this.#count(item, -1);
    return item;
  }

  /** Takes out and returns all frames that match. */
  remove(matches: (item: T) => boolean): T[] {
    const removed: T[] = [];
    const kept: T[] = [];
    for (const item of this.#items) (matches(item) ? removed : kept).push(item);
    this.#items = kept;
    for (const item of removed) this.#count(item, -1);
    return removed;
  }

  clear(): void {
    this.remove(() => true);
  }

  #isOver(): boolean {
    return this.#untrackedFrames > this.#limits.maxFrames || this.#untrackedBytes > this.#limits.maxBytes;
  }

  #count({ tracked, bytes }: T, by: 1 | -1): void {
    if (tracked) return;
    this.#untrackedFrames += by;
    this.#untrackedBytes += by * bytes;
  }
}
