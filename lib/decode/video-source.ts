import { VideoError } from '../errors';
import { type DecodeError, toVideoError } from '../ffmpeg/fault';
import type { WorkerPool } from '../pool/worker-pool';
import { type Clock, systemClock } from '../time/clock';
import { openSession } from './open-session';
import { checkPosition, nameOf, type PrepareOptions, prepareRequest } from './prepare';
import { ProgressMeter } from './progress';
import type { Session } from './session';
import { StartQueue } from './start-queue';
import type { StartRequest, VideoSourceEvent, VideoSourceListener, VideoSourceState } from './video-source-events';
import type { DecodeRequest } from './worker/messages';

export interface VideoSourceOptions extends PrepareOptions {
  pool: WorkerPool;
  /** What a start does while another source plays: take its place, or wait for its end. */
  whenBusy?: 'replace' | 'queue';
  listener: VideoSourceListener;
  clock?: Clock;
}

/** A session, and how far it is. */
interface Playing {
  session: Session;
  stream: string;
  meter: ProgressMeter;
  isLive: boolean;
  phase: 'opening' | 'playing' | 'reconnecting';
}

/** Plays one source at a time: starting another replaces it, or waits for its end. */
export class VideoSource {
  readonly #options: VideoSourceOptions;
  readonly #clock: Clock;
  readonly #queue = new StartQueue<StartRequest>();
  #state: VideoSourceState | 'closed' = 'idle';
  /** Whether its frames are to wait; also asked for while it opens. */
  #isPaused = false;
  #playing: Playing | undefined;
  /** Counts starts and stops: whoever waits sees by it that something newer came. */
  #turn = 0;
  /** What must be over before the next session begins. */
  #cleared: Promise<void> = Promise.resolve();

  constructor(options: VideoSourceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): VideoSourceState {
    return this.#state === 'closed' ? 'idle' : this.#state;
  }

  /** Whether there is something to stop. */
  get isActive(): boolean {
    return ['opening', 'playing', 'reconnecting', 'paused'].includes(this.#state);
  }

  /**
   * Opens a source and plays it, in place of what plays now or after it.
   * Resolves when it is open, or when a later start or a stop came first. Throws when it cannot be opened; a live
   * source that cannot be reached yet is a failure reported to the listener, and goes on trying. Throws CLOSED after `close`.
   */
  async start(request: StartRequest): Promise<void> {
    if (this.#state === 'closed') throw new VideoError('CLOSED', 'The video source was closed');
    if (this.#options.whenBusy !== 'queue' || !this.isActive) return this.#open(request);
    const turn = this.#queue.add(request);
    const stream = nameOf(request);
    this.#options.listener.onEvent({ event: 'queued', payload: { waiting: this.#queue.length } }, stream);
    return turn;
  }

  async #open(request: StartRequest): Promise<void> {
    const turn = this.#beginTurn();
    this.#setState('opening');
    try {
      const prepared = await prepareRequest(request, this.#options);
      await this.#cleared;
      if (turn !== this.#turn) return;
      const { start = 0, end, loop } = prepared.options;
      const range = { start: start * 1000, end: end && end * 1000, loop };
      await this.#play(prepared, new ProgressMeter(this.#clock, range));
    } catch (error) {
      if (turn !== this.#turn) return;
      this.#fail(toVideoError(error), nameOf(request), 0);
      this.#startNext();
      throw error;
    }
  }

  /** Holds the frames. One that is opening opens, and is paused then. */
  pause(): void {
    this.#checkActive('pause');
    if (this.#isPaused) return;
    this.#isPaused = true;
    const playing = this.#playing;
    playing?.session.pause();
    if (playing === undefined || playing.phase === 'opening') return;
    this.#enter(playing, playing.phase);
    this.#emit(playing, { event: 'paused', payload: playing.meter.progress() });
  }

  resume(): void {
    this.#checkActive('resume');
    if (!this.#isPaused) return;
    this.#isPaused = false;
    const playing = this.#playing;
    playing?.session.resume();
    if (playing === undefined || playing.phase === 'opening') return;
    this.#enter(playing, playing.phase);
    this.#emit(playing, { event: 'resumed', payload: playing.meter.progress() });
  }

  /** Goes on at `position`, in ms from the source's beginning. */
  seek(position: unknown): void {
    this.#checkActive('seek');
    const to = checkPosition(position);
    const playing = this.#playing;
    if (playing === undefined || playing.phase === 'opening') {
      throw new VideoError('BAD_OPTION', 'The video is still opening: seek once it plays');
    }
    if (playing.isLive) {
      throw new VideoError('BAD_OPTION', `${playing.stream} is live: only a recorded video can be sought`);
    }
    playing.session.seek(to);
  }

  /** Stops what plays or opens. Resolves when its ffmpeg is gone, or left to the others that share it. */
  async stop(): Promise<void> {
    const playing = this.#playing;
    const wasActive = this.isActive;
    this.#queue.clear();
    this.#beginTurn();
    if (wasActive) this.#setState('idle');
    await this.#cleared;
    if (playing !== undefined) {
      this.#emit(playing, { event: 'ended', payload: { ...playing.meter.progress(), reason: 'stopped' } });
    }
  }

  /** Like stop, without telling. */
  async close(): Promise<void> {
    this.#queue.clear();
    this.#beginTurn();
    this.#state = 'closed';
    await this.#cleared;
  }

  /** Whatever is opening or playing gives way. */
  #beginTurn(): number {
    this.#turn += 1;
    this.#isPaused = false;
    const playing = this.#playing;
    this.#playing = undefined;
    if (playing !== undefined) {
      playing.meter.close();
      this.#cleared = this.#cleared.then(() => playing.session.close());
    }
    return this.#turn;
  }

  /** Resolves when the session has opened or gave way to another; throws when it failed to open. */
  #play(request: DecodeRequest, meter: ProgressMeter): Promise<void> {
    return new Promise((resolve, reject) => {
      const { listener } = this.#options;
      const session = openSession(this.#options.pool, this.#clock, request, {
        onOpened: (opened) => {
          meter.open(opened, () => {
            if (this.#state === 'playing') this.#emit(playing, { event: 'progress', payload: meter.progress() });
          });
          playing.isLive ||= opened.live;
          const wasOpening = playing.phase === 'opening';
          this.#enter(playing, 'playing');
          this.#emit(playing, { event: 'opened', payload: opened });
          if (this.#isPaused && wasOpening) this.#emit(playing, { event: 'paused', payload: meter.progress() });
          resolve();
        },
        onFrame: (frame, finish) => {
          meter.count(frame);
          listener.onFrame(frame, finish);
        },
        onSkipped: () => meter.skip(),
        onReconnecting: (trouble) => {
          const wasOpening = playing.phase === 'opening';
          this.#enter(playing, 'reconnecting');
          this.#emit(playing, { event: 'reconnecting', payload: trouble });
          if (!wasOpening) return;
          if (this.#isPaused) this.#emit(playing, { event: 'paused', payload: meter.progress() });
          // A wrong address and a camera that is off look alike, so it is an error, and is tried again all the same.
          listener.onFailure(new VideoError(trouble.code, `${trouble.message}. Retrying until it is stopped`));
          resolve();
        },
        onReconnected: () => {
          this.#enter(playing, 'playing');
          this.#emit(playing, { event: 'reconnected', payload: meter.progress() });
        },
        onWarning: (message, log) => this.#emit(playing, { event: 'warning', payload: { message, log } }),
      });
      const isLive = !request.source.recorded;
      const playing: Playing = { session, stream: request.stream, meter, isLive, phase: 'opening' };
      this.#playing = playing;
      if (this.#isPaused) session.pause();
      session.end.then((end) => {
        meter.close();
        if (end.how === 'closed' || this.#playing !== playing) return resolve();
        this.#playing = undefined;
        if (end.how === 'ended') {
          this.#setState('ended');
          this.#emit(playing, { event: 'ended', payload: { ...meter.progress(), reason: end.reason } });
          this.#startNext();
          return resolve();
        }
        if (playing.phase === 'opening') return reject(end.error);
        this.#fail(end.error, request.stream, meter.progress().frames);
        listener.onFailure(end.error);
        this.#startNext();
      });
    });
  }

  /** A pause shows whatever the phase behind it, but for the opening, which it waits for. */
  #enter(playing: Playing, phase: Playing['phase']): void {
    playing.phase = phase;
    const state = this.#isPaused && phase !== 'opening' ? 'paused' : phase;
    if (state !== this.#state) this.#setState(state);
  }

  #startNext(): void {
    this.#queue.next((request) => this.#open(request));
  }

  #fail({ code, message, log }: DecodeError, stream: string, frames: number): void {
    this.#setState('failed');
    this.#options.listener.onEvent({ event: 'error', payload: { code, message, frames, log } }, stream);
  }

  #checkActive(action: string): void {
    if (this.isActive) return;
    throw new VideoError('BAD_OPTION', `Nothing is playing to ${action}: start a video first`);
  }

  #emit({ stream }: Playing, event: VideoSourceEvent): void {
    this.#options.listener.onEvent(event, stream);
  }

  #setState(state: VideoSourceState): void {
    this.#state = state;
    this.#options.listener.onState(state);
  }
}
