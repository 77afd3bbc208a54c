import type { EncodedFrame } from '../frame/frame';
import type { WorkerPool } from '../pool/worker-pool';
import { DecodeSession } from './decode-session';
import type { Reconnecting } from './session';
import type { Host, Taker } from './taker';
import type { Opened } from './worker/messages';

/**
 * - `opening`: it is not known yet whether the source is live;
 * - `own`: the source has a beginning and an end, so it is its first taker's alone;
 * - `shared`: live;
 * - `over`: closing, or ended.
 */
type State = 'opening' | 'own' | 'shared' | 'over';

/**
 * One decoder of a source, and those who take its frames.
 *
 * A single taker holds the decoder by its window, as the slowest node of a flow sets the pace. Several takers of a live
 * source do not hold each other: each frame goes to those who have room for it, and the others skip it.
 */
export class SharedSession implements Host {
  /** Resolves when its ffmpeg is gone. */
  readonly closed: Promise<void>;
  readonly #pool: WorkerPool;
  readonly #session: DecodeSession;
  readonly #first: Taker;
  readonly #takers = new Set<Taker>();
  #state: State = 'opening';
  #opened: Opened | undefined;
  #trouble: Reconnecting | undefined;
  #hasGivenFrames = false;
  #isPaused = false;

  constructor(pool: WorkerPool, first: Taker) {
    this.#pool = pool;
    this.#first = first;
    this.#session = new DecodeSession(pool, first.request, {
      onOpened: (opened) => this.#open(opened),
      onFrame: (frame, room) => this.#deal(frame, room),
      onWarning: (message, log) => this.#tell((taker) => taker.warn(message, log)),
      onReconnecting: (trouble) => {
        this.#trouble = trouble;
        this.#tell((taker) => taker.reconnecting(trouble));
      },
      onReconnected: () => {
        this.#trouble = undefined;
        this.#tell((taker) => taker.reconnected());
      },
    });
    this.closed = this.#session.end.then((end) => {
      this.#state = 'over';
      this.#tell((taker) => taker.finish(end));
    });
    this.join(first);
    this.pauseChanged();
  }

  /** Whether others may join. Until it is open that is no promise: a recording will be opened for each of them. */
  get isJoinable(): boolean {
    return this.#state === 'opening' || this.#state === 'shared';
  }

  /** The taker is told how things are, and gets the next frame. */
  join(taker: Taker): void {
    this.#takers.add(taker);
    taker.join(this, this.#hasGivenFrames);
    this.#adapt();
    // It begins to listen when this has returned.
    queueMicrotask(() => {
      if (this.#trouble !== undefined) taker.reconnecting(this.#trouble);
      else if (this.#opened !== undefined) taker.open(this.#opened);
    });
  }

  async leave(taker: Taker): Promise<void> {
    this.#takers.delete(taker);
    if (this.#takers.size > 0) {
      this.#adapt();
      return;
    }
    this.#state = 'over';
    await this.#session.close();
  }

  pauseChanged(): void {
    // Only the first one's counts until it is known whether it has the source for itself.
    const takers = this.#state === 'shared' ? [...this.#takers] : [this.#first];
    const isPaused = takers.every((taker) => taker.isPaused);
    if (isPaused === this.#isPaused) return;
    this.#isPaused = isPaused;
    if (isPaused) this.#session.pause();
    else this.#session.resume();
  }

  seek(position: number): void {
    this.#session.seek(position);
  }

  finish(room: number): void {
    this.#session.finish(room);
  }

  #open(opened: Opened): void {
    this.#opened = opened;
    const isLive = opened.live || !this.#first.request.source.recorded;
    this.#state = isLive ? 'shared' : 'own';
    if (!isLive) this.#moveOthersOut();
    this.#adapt();
    this.#tell((taker) => taker.open(opened));
  }

  /** Each plays a recording from its own position: whoever waited to see what it is opens it anew. */
  #moveOthersOut(): void {
    const others = [...this.#takers].filter((taker) => taker !== this.#first);
    for (const taker of others) {
      this.#takers.delete(taker);
      new SharedSession(this.#pool, taker);
    }
    if (this.#takers.size === 0) void this.#session.close();
  }

  /** Others take part now, or take no part any more. */
  #adapt(): void {
    if (this.#state !== 'shared') return;
    this.pauseChanged();
    const [taker, ...others] = this.#takers;
    if (taker === undefined) return;
    if (others.length === 0) this.#session.changeWindow(taker.request.limits, taker.owe());
    // What several take is given back to the decoder at once.
    else for (const room of taker.forgive()) this.#session.finish(room);
  }

  #deal({ frame, data }: EncodedFrame, room: number): void {
    this.#hasGivenFrames = true;
    const isAlone = this.#takers.size === 1;
    const takers = [...this.#takers].flatMap((taker) => {
      // Those that are paused miss what is live.
      if (this.#state === 'shared' && taker.isPaused) return [];
      const held = taker.reserve(room, isAlone);
      return held === undefined ? [] : [{ taker, held }];
    });
    if (!isAlone || takers.length === 0) this.#session.finish(room);
    // Nodes may change the message they get, so each has an image of its own.
    const images = takers.map((_, index) => (index === 0 ? data : copyOf(data)));
    takers.forEach(({ taker, held }, index) => {
      // Joined while it was lost: the source is back before that is told.
      if (this.#opened !== undefined) taker.open(this.#opened);
      taker.give({ frame, data: images[index] as Buffer }, held);
    });
  }

  #tell(what: (taker: Taker) => void): void {
    for (const taker of [...this.#takers]) what(taker);
  }
}

/** With memory of its own, as each frame has, so that it may be transferred. */
function copyOf(data: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(data.length);
  data.copy(copy);
  return copy;
}
