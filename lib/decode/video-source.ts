import { randomUUID } from 'node:crypto';
import { VideoError } from '../errors';
import { findCapableFfmpeg } from '../ffmpeg/capabilities';
import { type DecodeError, toVideoError } from '../ffmpeg/fault';
import { parseOptions } from '../ffmpeg/options';
import type { WindowLimits } from '../flow/window';
import type { WorkerPool } from '../pool/worker-pool';
import { resolveSource } from '../source/resolve';
import { hideSecrets } from '../source/secrets';
import type { SourceRules } from '../source/source';
import { type Clock, systemClock } from '../time/clock';
import { DecodeSession } from './decode-session';
import { ProgressMeter } from './progress';
import { StartQueue } from './start-queue';
import type { StartRequest, VideoSourceEvent, VideoSourceListener, VideoSourceState } from './video-source-events';
import type { DecodeRequest } from './worker/messages';

export interface VideoSourceOptions {
  pool: WorkerPool;
  /** ffmpeg to use instead of the one that would be found. */
  ffmpegPath?: string;
  /** What its sources may be. */
  rules: Omit<SourceRules, 'trusted' | 'imageRate'>;
  /** What a start does while another source plays: take its place, or wait for its end. */
  whenBusy?: 'replace' | 'queue';
  limits: WindowLimits;
  listener: VideoSourceListener;
  clock?: Clock;
}

/** What is playing. */
interface Playing {
  session: DecodeSession;
  stream: string;
  meter: ProgressMeter;
  isLive: boolean;
}

/** Plays one source at a time: starting another replaces it, or waits for its end. */
export class VideoSource {
  readonly #options: VideoSourceOptions;
  readonly #clock: Clock;
  readonly #queue = new StartQueue<StartRequest>();
  #state: VideoSourceState = 'idle';
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
    return this.#state;
  }

  /** Whether there is something to stop. */
  get isActive(): boolean {
    return ['opening', 'playing', 'reconnecting', 'paused'].includes(this.#state);
  }

  /**
   * Opens a source and plays it, in place of what plays now or after it.
   * Resolves when it is open, or when a later start or a stop came first. Throws when it cannot be opened; a live
   * source that cannot be reached yet is a failure told to the listener, and goes on trying.
   */
  async start(request: StartRequest): Promise<void> {
    if (this.#options.whenBusy !== 'queue' || !this.isActive) return this.#open(request);
    const turn = this.#queue.add(request);
    const stream = request.stream || hideSecrets(String(request.source));
    this.#options.listener.onEvent({ event: 'queued', payload: { waiting: this.#queue.length } }, stream);
    return turn;
  }

  async #open(request: StartRequest): Promise<void> {
    const turn = this.#beginTurn();
    this.#setState('opening');
    try {
      const options = parseOptions(request.options);
      const [source, found] = await Promise.all([
        resolveSource(request.source, {
          ...this.#options.rules,
          trusted: request.trusted === true,
          imageRate: options.fps,
        }),
        findCapableFfmpeg({ ffmpegPath: this.#options.ffmpegPath }),
      ]);
      await this.#cleared;
      if (turn !== this.#turn) return;
      const stream = request.stream || source.name;
      const range = { start: (options.start ?? 0) * 1000, end: options.end && options.end * 1000 };
      const { limits } = this.#options;
      await this.#play(
        { ...found, source, options, stream, session: randomUUID(), limits },
        new ProgressMeter(this.#clock, range),
      );
    } catch (error) {
      if (turn !== this.#turn) return;
      const stream = request.stream || hideSecrets(String(request.source));
      this.#fail(toVideoError(error), stream, 0);
      this.#startNext();
      throw error;
    }
  }

  pause(): void {
    const playing = this.#current('pause');
    if (this.#state !== 'playing') return;
    playing.session.pause();
    this.#setState('paused');
    this.#emit(playing, { event: 'paused', payload: playing.meter.progress() });
  }

  resume(): void {
    const playing = this.#current('resume');
    if (this.#state !== 'paused') return;
    playing.session.resume();
    this.#setState('playing');
    this.#emit(playing, { event: 'resumed', payload: playing.meter.progress() });
  }

  /** Goes on at `position`, in ms from the source's beginning. */
  seek(position: unknown): void {
    const playing = this.#current('seek');
    if (typeof position !== 'number' || !(position >= 0)) {
      const given = JSON.stringify(position);
      throw new VideoError('BAD_OPTION', `position is ${given}: give ms from the beginning of the video`);
    }
    if (playing.isLive) {
      throw new VideoError('BAD_OPTION', `${playing.stream} is live: only a recorded video can be sought`);
    }
    playing.session.seek(position);
  }

  /** Stops what plays or opens. Resolves when its ffmpeg is gone. */
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
    await this.#cleared;
  }

  /** Whatever is opening or playing gives way. */
  #beginTurn(): number {
    this.#turn += 1;
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
      const session = new DecodeSession(this.#options.pool, request, {
        onOpened: (opened) => {
          meter.open(opened, () => {
            if (this.#state === 'playing') this.#emit(playing, { event: 'progress', payload: meter.progress() });
          });
          playing.isLive ||= opened.live;
          this.#setState('playing');
          this.#emit(playing, { event: 'opened', payload: opened });
          resolve();
        },
        onFrame: (frame, finish) => {
          meter.count(frame);
          listener.onFrame(frame, finish);
        },
        onReconnecting: (trouble) => {
          const isOpening = this.#state === 'opening';
          if (isOpening || this.#state === 'playing') this.#setState('reconnecting');
          this.#emit(playing, { event: 'reconnecting', payload: trouble });
          if (!isOpening) return;
          // A wrong address and a camera that is off look alike, so it is an error, and is tried again all the same.
          listener.onFailure(new VideoError(trouble.code, `${trouble.message}. Retrying until it is stopped`));
          resolve();
        },
        onReconnected: () => {
          if (this.#state === 'reconnecting') this.#setState('playing');
          this.#emit(playing, { event: 'reconnected', payload: meter.progress() });
        },
        onWarning: (message, log) => this.#emit(playing, { event: 'warning', payload: { message, log } }),
      });
      const playing: Playing = { session, stream: request.stream, meter, isLive: !request.source.recorded };
      this.#playing = playing;
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
        if (this.#state === 'opening') return reject(end.error);
        this.#fail(end.error, request.stream, meter.progress().frames);
        listener.onFailure(end.error);
        this.#startNext();
      });
    });
  }

  #startNext(): void {
    this.#queue.next((request) => this.#open(request));
  }

  #fail({ code, message, log }: DecodeError, stream: string, frames: number): void {
    this.#setState('failed');
    this.#options.listener.onEvent({ event: 'error', payload: { code, message, frames, log } }, stream);
  }

  #current(action: string): Playing {
    if (this.#playing !== undefined && this.#state !== 'opening') return this.#playing;
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
