import { Backlog, type Waiting } from '../flow/backlog';
import { Window } from '../flow/window';
import { type EncodedFrame, type Frame, isVideoCodec } from '../frame/frame';
import type { Clock } from '../time/clock';
import { roundToMicroseconds } from '../time/round';
import type { Reconnecting, Session, SessionEnd, SessionListener } from './session';
import type { DecodeRequest, Opened } from './worker/messages';

/** The decoder that a taker takes its frames from. */
export interface Host {
  /** Resolves when nothing is left of what the taker had of it: where it was the last one, when ffmpeg is gone. */
  leave(taker: Taker): Promise<void>;
  pauseChanged(): void;
  seek(position: number): void;
}

/** A live frame that waits for room in the flow. */
interface WaitingFrame extends Waiting {
  frame: EncodedFrame;
  /** Tells the decoder that the frame is finished, or not wanted. */
  finish: () => void;
}

/**
 * One of those who take the frames of a decoder: has a session of its own, with its own numbers, times, pause and
 * window, whoever else takes the same frames.
 */
export class Taker implements Session {
  readonly end: Promise<SessionEnd>;
  readonly request: DecodeRequest;
  readonly #listener: SessionListener;
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #backlog: Backlog<WaitingFrame>;
  #state: 'opening' | 'open' | 'over' = 'opening';
  #host: Host | undefined;
  #isPaused = false;
  #isLate = false;
  #count = 0;
  /** The host's time, in ms, that is 0 here. */
  #origin: number | undefined;
  /** How the host has ended, while frames still wait. */
  #end: SessionEnd | undefined;
  #resolveEnd!: (end: SessionEnd) => void;

  constructor(request: DecodeRequest, listener: SessionListener, clock: Clock) {
    this.request = request;
    this.#listener = listener;
    this.#clock = clock;
    this.#window = new Window(request.limits);
    this.#backlog = new Backlog(request.limits.maxBytes, ({ finish }, isSkip) => {
      if (isSkip) listener.onSkipped();
      finish();
    });
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

  /** What waits is not wanted any more: a live source has only the present. */
  pause(): void {
    this.#isPaused = true;
    this.#drop();
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
      this.#drop();
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

  /** The host has ended by itself; what waits still goes into the flow. */
  finish(end: SessionEnd): void {
    if (this.#state === 'over') return;
    this.#end = end;
    this.#pass();
  }

  /**
   * Takes a live frame, which waits while the flow has no room. Of compressed video the first one taken is a key frame. `finish` is
   * called once it is finished, or left out.
   */
  offer(frame: EncodedFrame, finish: () => void): void {
    const bytes = frame.data.length;
    const isDependent = isVideoCodec(frame.frame.codec) && !frame.frame.key;
    const waiting = { frame, bytes, since: this.#clock.now(), isDependent, finish };
    if (!this.#backlog.admit(waiting)) return;
    if (this.#backlog.oldest === undefined && this.#window.tryAcquire(bytes)) {
      this.#backlog.noteRoom(this.#clock.now());
      this.#giveLive(frame, bytes, finish);
    } else this.#backlog.push(waiting);
  }

  /** Gives a frame to the flow; `finish` is called when it is finished. */
  give({ frame, data }: EncodedFrame, finish: () => void): void {
    if (this.#state === 'over') {
      finish();
      return;
    }
    const { stream, session } = this.request;
    this.#origin ??= this.#isLate ? frame.pts : 0;
    const pts = roundToMicroseconds(frame.pts - this.#origin);
    const own: Frame = { ...frame, stream, session, seq: this.#count, pts };
    if (frame.dts !== undefined) own.dts = roundToMicroseconds(frame.dts - this.#origin);
    this.#count += 1;
    this.#listener.onFrame({ frame: own, data }, finish);
  }

  #giveLive(frame: EncodedFrame, bytes: number, finish: () => void): void {
    this.give(frame, () => {
      this.#window.release(bytes);
      finish();
      this.#pass();
    });
  }

  /** Lets those that wait into the flow, as far as there is room. */
  #pass(): void {
    for (let next = this.#backlog.oldest; next !== undefined && this.#window.tryAcquire(next.bytes); ) {
      const taken = this.#backlog.take(this.#clock.now());
      if (taken === undefined) this.#window.release(next.bytes);
      else this.#giveLive(taken.frame, taken.bytes, taken.finish);
      next = this.#backlog.oldest;
    }
    if (this.#state === 'over' || this.#end === undefined || this.#backlog.oldest !== undefined) return;
    this.#state = 'over';
    this.#resolveEnd(this.#end);
  }

  #drop(): void {
    for (const { finish } of this.#backlog.clear()) finish();
  }
}
