import type { Lane, QueuedFrame } from './lane';

/** The frames waiting that no source waits for, oldest first; nobody else bounds how many there are. */
export class UntrackedQueue {
  readonly #maxBytes: number;
  readonly #onDropped: (queued: QueuedFrame) => void;
  readonly #frames = new Map<QueuedFrame, Lane>();
  #bytes = 0;

  constructor(maxBytes: number, onDropped: (queued: QueuedFrame) => void) {
    this.#maxBytes = maxBytes;
    this.#onDropped = onDropped;
  }

  /** Takes in a frame of `lane`, and takes the oldest ones out of their lanes while there are too many. */
  add(queued: QueuedFrame, lane: Lane): void {
    this.#frames.set(queued, lane);
    this.#bytes += queued.bytes;
    for (const [oldest, itsLane] of this.#frames) {
      if (this.#bytes <= this.#maxBytes || oldest === queued) return;
      itsLane.remove(oldest);
      this.remove(oldest);
      this.#onDropped(oldest);
    }
  }

  remove(queued: QueuedFrame): void {
    if (this.#frames.delete(queued)) this.#bytes -= queued.bytes;
  }

  /** Notes that a frame's size was `bytes` before it was shrunk. */
  resized(queued: QueuedFrame, bytes: number): void {
    if (this.#frames.has(queued)) this.#bytes += queued.bytes - bytes;
  }

  clear(): void {
    this.#frames.clear();
    this.#bytes = 0;
  }
}
