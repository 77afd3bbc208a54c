import type { Lane, QueuedFrame } from './lane';

/**
 * Bounds the frames waiting that no source waits for: the oldest are dropped. They are found in their lanes, as a Map or Set of
 * them would keep them: see `installReleaseSent`.
 */
export class UntrackedQueue {
  readonly #maxBytes: number;
  readonly #lanes: () => Iterable<Lane>;
  readonly #onDropped: (queued: QueuedFrame) => void;
  #bytes = 0;
  #added = 0;

  /** `lanes`: all there are. */
  constructor(maxBytes: number, lanes: () => Iterable<Lane>, onDropped: (queued: QueuedFrame) => void) {
    this.#maxBytes = maxBytes;
    this.#lanes = lanes;
    this.#onDropped = onDropped;
  }

  /** Takes in a frame that is in its lane, and takes the oldest ones out of theirs while there are too many. */
  add(queued: QueuedFrame): void {
    this.#added += 1;
    queued.untrackedNumber = this.#added;
    this.#bytes += queued.bytes;
    while (this.#bytes > this.#maxBytes) {
      const [oldest, lane] = this.#findOldest();
      if (oldest === undefined || oldest === queued) return;
      lane?.remove(oldest);
      this.remove(oldest);
      this.#onDropped(oldest);
    }
  }

  remove(queued: QueuedFrame): void {
    if (queued.untrackedNumber === undefined) return;
    queued.untrackedNumber = undefined;
    this.#bytes -= queued.bytes;
  }

  /** Notes that a frame's size was `bytes` before it was shrunk. */
  resized(queued: QueuedFrame, bytes: number): void {
    if (queued.untrackedNumber !== undefined) this.#bytes += queued.bytes - bytes;
  }

  #findOldest(): [oldest?: QueuedFrame, lane?: Lane] {
    let found: [oldest?: QueuedFrame, lane?: Lane] = [];
    let least = Number.POSITIVE_INFINITY;
    for (const lane of this.#lanes()) {
      const { oldestUntracked } = lane;
      const number = oldestUntracked?.untrackedNumber ?? Number.POSITIVE_INFINITY;
      if (number < least) {
        found = [oldestUntracked, lane];
        least = number;
      }
    }
    return found;
  }
}
