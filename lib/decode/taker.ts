import { Window } from '../flow/window';
import type { EncodedFrame } from '../frame/frame';
import type { Reconnecting, Session, SessionEnd, SessionListener } from './session';
import type { DecodeRequest, Opened } from './worker/messages';

/** The decoder that a taker takes its frames from. */
export interface Host {
  /** Resolves when nothing is left of what the taker had of it: where it was the last one, when ffmpeg is gone. */
  leave(taker: Taker): Promise<void>;
  pauseChanged(): void;
  seek(position: number): void;
  /** A frame that the decoder still counts is finished. */
  finish(room: number): void;
}

/** A frame that a taker has in its flow. */
interface Held {
  room: number;
  /** Whether the decoder counts it against its own window. */
  isOwed: boolean;
}

/**
 * One of those who take the frames of a decoder: has a session of its own, with its own numbers, times, pause and
 * window, whoever else takes the same frames.
 */
export class Taker implements Session {
  readonly end: Promise<SessionEnd>;
  readonly request: DecodeRequest;
  readonly #listener: SessionListener;
  readonly #window: Window;
  readonly #held = new Set<Held>();
  #state: 'opening' | 'open' | 'over' = 'opening';
  #host: Host | undefined;
  #isPaused = false;
  #isLate = false;
  #count = 0;
  /** The host's time, in ms, that is 0 here. */
  #origin: number | undefined;
  #resolveEnd!: (end: SessionEnd) => void;

  constructor(request: DecodeRequest, listener: SessionListener) {
    this.request = request;
    this.#listener = listener;
    this.#window = new Window(request.limits);
    this.end = new Promise((resolve) => {
      this.#resolveEnd = resolve;
    });
  }

  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** `isLate`: the host has given frames before. Those to come begin a timeline of its own. */
  join(host: Host, isLate: boolean): void {
    this.#host = host;
    this.#isLate = isLate;
  }

  pause(): void {
    this.#isPaused = true;
    this.#host?.pauseChanged();
  }

  resume(): void {
    this.#isPaused = false;
    this.#host?.pauseChanged();
  }

  seek(position: number): void {
    this.#host?.seek(position);
  }

  async close(): Promise<void> {
    if (this.#state !== 'over') {
      this.#state = 'over';
      await this.#host?.leave(this);
      this.#resolveEnd({ how: 'closed' });
    }
    await this.end;
  }

  /** The host is open; told once. */
  open(opened: Opened): void {
    if (this.#state !== 'opening') return;
    this.#state = 'open';
    this.#listener.onOpened({ ...opened, session: this.request.session });
  }

  warn(message: string, log: readonly string[]): void {
    if (this.#state !== 'over') this.#listener.onWarning(message, log);
  }

  reconnecting(trouble: Reconnecting): void {
    if (this.#state !== 'over') this.#listener.onReconnecting(trouble);
  }

  reconnected(): void {
    if (this.#state !== 'over') this.#listener.onReconnected();
  }

  /** The host has ended by itself. */
  finish(end: SessionEnd): void {
    if (this.#state === 'over') return;
    this.#state = 'over';
    this.#resolveEnd(end);
  }

  /** Takes room for a frame that `give` brings; undefined, which counts as skipped, where there is none. */
  reserve(room: number, isOwed: boolean): Held | undefined {
    if (!this.#window.tryAcquire(room)) {
      this.#listener.onSkipped();
      return undefined;
    }
    const held = { room, isOwed };
    this.#held.add(held);
    return held;
  }

  give({ frame, data }: EncodedFrame, held: Held): void {
    if (this.#state === 'over') return;
    const { stream, session } = this.request;
    this.#origin ??= this.#isLate ? frame.pts : 0;
    const pts = toMicroseconds(frame.pts - this.#origin);
    const own = { ...frame, stream, session, seq: this.#count, pts };
    this.#count += 1;
    this.#listener.onFrame({ frame: own, data }, () => this.#release(held));
  }

  /** What it has in its flow now counts against the decoder's window, and is given back when it is finished. */
  owe(): number[] {
    return this.#changeOwed(true);
  }

  /** What it has in its flow no longer counts against the decoder's window. */
  forgive(): number[] {
    return this.#changeOwed(false);
  }

  #changeOwed(isOwed: boolean): number[] {
    const changed = [...this.#held].filter((held) => held.isOwed !== isOwed);
    for (const held of changed) held.isOwed = isOwed;
    return changed.map(({ room }) => room);
  }

  #release(held: Held): void {
    if (!this.#held.delete(held)) return;
    this.#window.release(held.room);
    if (held.isOwed) this.#host?.finish(held.room);
  }
}

const toMicroseconds = (ms: number) => Math.round(ms * 1000) / 1000;
