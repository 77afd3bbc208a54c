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

interface Warning {
  message: string;
  log: readonly string[];
  /** Whether it was told of a connection: one that is made anew is not to blame for the one before. */
  isOfConnection: boolean;
}

/**
 * One decoder of a source, and those who take its frames.
 *
 * Who takes a recording holds its decoder by the window, as the slowest node of a flow sets the pace. The takers of a live
 * source hold neither it nor each other: what one's flow has no room for waits for it, see `Backlog`.
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
  /** Those that still hold: of how it is decoded, and of the last connection. */
  #warnings: Warning[] = [];
  #hasGivenFrames = false;
  #isPaused = false;

  constructor(pool: WorkerPool, first: Taker) {
    this.#pool = pool;
    this.#first = first;
    this.#session = new DecodeSession(pool, first.request, {
      onOpened: (opened) => this.#open(opened),
      onFrame: (frame, room) => this.#deal(frame, room),
      onWarning: (message, log) => {
        this.#warnings.push({ message, log, isOfConnection: this.#opened !== undefined });
        this.#tell((taker) => taker.warn(message, log));
      },
      onReconnecting: (trouble) => {
        this.#trouble = trouble;
        this.#tell((taker) => taker.reconnecting(trouble));
      },
      onReconnected: () => {
        this.#trouble = undefined;
        this.#warnings = this.#warnings.filter(({ isOfConnection }) => !isOfConnection);
        this.#tell((taker) => {
          // Joined while it was lost.
          if (this.#opened !== undefined) taker.open(this.#opened);
          taker.reconnected();
        });
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
    if (this.#state === 'shared') this.pauseChanged();
    // It begins to listen when this has returned.
    queueMicrotask(() => {
      for (const { message, log } of this.#warnings) taker.warn(message, log);
      if (this.#trouble !== undefined) taker.reconnecting(this.#trouble);
      else if (this.#opened !== undefined) taker.open(this.#opened);
    });
  }

  async leave(taker: Taker): Promise<void> {
    this.#takers.delete(taker);
    if (this.#takers.size > 0) {
      this.pauseChanged();
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

  #open(opened: Opened): void {
    this.#opened = opened;
    const isLive = opened.live || !this.#first.request.source.recorded;
    this.#state = isLive ? 'shared' : 'own';
    if (!isLive) this.#moveOthersOut();
    this.pauseChanged();
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

  #deal(frame: EncodedFrame, room: number): void {
    this.#hasGivenFrames = true;
    const finish = this.#finisher(room);
    if (this.#state !== 'shared') {
      this.#first.give(frame, finish);
      return;
    }
    // Those that are paused miss what is live.
    const takers = [...this.#takers].filter(({ isPaused }) => !isPaused);
    if (takers.length === 0) finish();
    let unfinished = takers.length;
    const finishOne = () => {
      unfinished -= 1;
      if (unfinished === 0) finish();
    };
    // Nodes may change the message they get, so each has an image of its own.
    const images = takers.map((_, index) => (index === 0 ? frame.data : copyOf(frame.data)));
    takers.forEach((taker, index) => {
      // Joined while it was lost: the source is back before that is told.
      if (this.#opened !== undefined) taker.open(this.#opened);
      taker.offer({ frame: frame.frame, data: images[index] as Buffer }, finishOne);
    });
  }

  /** Of its own function, for what it closes over must not lead to the frame: it lives for as long as the flow remembers it. */
  #finisher(room: number): () => void {
    return () => this.#session.finish(room);
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
