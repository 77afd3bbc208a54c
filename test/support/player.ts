import { EventEmitter, once } from 'node:events';
import { VideoSource } from '../../lib/decode/video-source';
import type { VideoSourceEvent, VideoSourceListener, VideoSourceState } from '../../lib/decode/video-source-events';
import type { VideoError } from '../../lib/errors';
import type { RawOptions } from '../../lib/ffmpeg/options';
import type { EncodedFrame } from '../../lib/frame/frame';
import type { WorkerPool } from '../../lib/pool/worker-pool';
import { makeLong, root } from './media';

type EventOf<Name extends VideoSourceEvent['event']> = Extract<VideoSourceEvent, { event: Name }>;

export interface PlayerOptions {
  maxFrames?: number;
  maxBytes?: number;
  /** Whether frames are finished as soon as they come. */
  finishes?: boolean;
  /** The ffmpeg to use instead of the one that would be found. */
  ffmpegPath?: string;
  /** Whether its sources stand in the node itself. */
  trusted?: boolean;
  whenBusy?: 'replace' | 'queue';
  allowedFolders?: string[];
  allowedHosts?: string[];
}

/**
 * Plays a short video to its end, in real time. Meanwhile a source that nothing holds would have given frames, which is
 * how it shows that one gives none.
 */
export async function playBeside(pool: WorkerPool): Promise<void> {
  const player = new Player(pool);
  await player.start(await makeLong(), { realtime: true, end: 0.4 });
  await player.event('ended');
}

/** A `VideoSource` whose doings can be awaited and looked at. */
export class Player implements VideoSourceListener {
  readonly source: VideoSource;
  readonly frames: EncodedFrame[] = [];
  readonly events: VideoSourceEvent[] = [];
  readonly states: VideoSourceState[] = [];
  readonly failures: VideoError[] = [];
  readonly #unfinished: (() => void)[] = [];
  readonly #emitter = new EventEmitter();
  #finishes: boolean;
  readonly #trusted: boolean;

  constructor(pool: WorkerPool, options: PlayerOptions = {}) {
    const { maxFrames = 30, maxBytes = 64e6, finishes = true, trusted = true, ...rest } = options;
    const { ffmpegPath, whenBusy, allowedFolders, allowedHosts } = rest;
    this.#finishes = finishes;
    this.#trusted = trusted;
    const rules = { folders: [root], allowedFolders, allowedHosts };
    this.source = new VideoSource({
      pool,
      ffmpegPath,
      rules,
      whenBusy,
      limits: { maxFrames, maxBytes },
      listener: this,
    });
  }

  start(source: unknown, options: RawOptions = {}, stream = ''): Promise<void> {
    return this.source.start({ source, trusted: this.#trusted, options, stream });
  }

  /** The next event of this name, or the one that was. */
  async event<Name extends VideoSourceEvent['event']>(name: Name): Promise<EventOf<Name>['payload']> {
    for (;;) {
      const found = this.events.find((event) => event.event === name);
      if (found !== undefined) return found.payload as EventOf<Name>['payload'];
      await once(this.#emitter, 'event');
    }
  }

  /** Resolves with the next event of any name. */
  async nextEvent(): Promise<void> {
    await once(this.#emitter, 'event');
  }

  /** Resolves when there have been so many frames. */
  async frameCount(count: number): Promise<void> {
    while (this.frames.length < count) await once(this.#emitter, 'frame');
  }

  /** From now on frames are not finished. */
  hold(): void {
    this.#finishes = false;
  }

  /** From now on every frame is finished when it comes, and so are those that came. */
  finishAll(): void {
    this.#finishes = true;
    for (const finish of this.#unfinished.splice(0)) finish();
  }

  onFrame(frame: EncodedFrame, finish: () => void): void {
    this.frames.push(frame);
    if (this.#finishes) finish();
    else this.#unfinished.push(finish);
    this.#emitter.emit('frame');
  }

  onEvent(event: VideoSourceEvent): void {
    this.events.push(event);
    this.#emitter.emit('event');
  }

  onFailure(error: VideoError): void {
    this.failures.push(error);
  }

  onState(state: VideoSourceState): void {
    this.states.push(state);
  }
}
