import { VideoError } from '../../errors';
import { decodeArguments } from '../../ffmpeg/command';
import { noFramesError, quote } from '../../ffmpeg/exit-verdict';
import { checkHardware } from '../../ffmpeg/hardware';
import { toolEnvironment } from '../../ffmpeg/lookup';
import { type Probe, probe } from '../../ffmpeg/probe';
import { Window } from '../../flow/window';
import { openRoute, type Route } from '../../source/route';
import type { Source } from '../../source/source';
import { type Clock, systemClock } from '../../time/clock';
import { FrameSequence } from './frame-sequence';
import type { DecodeRequest, DecoderReport, EndReason } from './messages';
import { Pass } from './pass';
import { Reconnection } from './reconnection';

export interface DecodeRunContext {
  /** Takes what there is to tell; a frame's `data` is handed over for good. */
  report: (report: DecoderReport) => void;
  clock?: Clock;
}

type PassEnd = 'end of source' | 'seek' | 'stop';

/**
 * One session of a source, from opening to its end: ffmpeg is run once for each pass over the source. A pass ends
 * with the source, with a seek, or with a stop; a loop is one pass after the other within the same session. (ffmpeg's
 * own `-stream_loop` goes back to the file's beginning even where `-ss` said otherwise, and estimates durations.)
 * A live source that cannot be reached, or breaks off, is connected to again, within the same session, until it is
 * stopped.
 *
 * A frame is read only when the window has room for it, so a flow that doesn't finish its frames holds ffmpeg.
 */
export class DecodeRun {
  readonly #request: DecodeRequest;
  readonly #report: DecodeRunContext['report'];
  readonly #clock: Clock;
  readonly #window: Window;
  readonly #frames: FrameSequence;
  readonly #reconnection: Reconnection;
  readonly #stopped = new AbortController();
  /** As it was given: a reconnection looks for its host anew. */
  readonly #given: Source;
  #route: Route | undefined;
  #current: Pass | undefined;
  /** What is to happen after the present pass is broken off. */
  #interruption: { what: 'seek'; position: number } | { what: 'stop' } | undefined;
  /** A damaged file is damaged on every pass of a loop; once is enough to say so. */
  #hasWarned = false;

  constructor(request: DecodeRequest, { report, clock = systemClock }: DecodeRunContext) {
    this.#request = { ...request };
    this.#given = request.source;
    this.#report = report;
    this.#clock = clock;
    this.#window = new Window(request.limits);
    this.#frames = new FrameSequence(this.#request, clock, (frame, data, room) =>
      report({ type: 'frame', frame, data, room }),
    );
    this.#reconnection = new Reconnection(clock);
  }

  /** Opens the source and gives out its frames. Throws VideoError; ffmpeg is gone when it settles. */
  async run(): Promise<EndReason> {
    try {
      return await this.#play();
    } catch (error) {
      if (this.#stopped.signal.aborted) return 'stopped';
      this.#route?.check();
      throw error;
    } finally {
      await this.#route?.close();
    }
  }

  /** A frame of `bytes` is finished: its room is free. */
  finished(bytes: number): void {
    this.#window.release(bytes);
  }

  pause(): void {
    this.#frames.pause();
  }

  resume(): void {
    this.#frames.resume();
  }

  /** Goes on at `position` (ms from the source's beginning), where there is more than the present. */
  seek(position: number): void {
    if (this.#interruption?.what === 'stop' || !this.#request.source.recorded) return;
    this.#interruption = { what: 'seek', position };
    this.#frames.hurry();
    this.#current?.interrupt();
  }

  stop(): void {
    this.#interruption = { what: 'stop' };
    this.#stopped.abort();
    this.#window.close();
    this.#frames.close();
    this.#reconnection.close();
    this.#current?.interrupt();
  }

  get #loops(): boolean {
    return this.#request.options.loop && this.#request.source.recorded;
  }

  /** Ms without a frame after which a source that may fall silent counts as stalled. */
  get #patience(): number | undefined {
    const { source, options } = this.#request;
    return source.kind === 'network' || source.kind === 'device' ? options.stallTimeout * 1000 : undefined;
  }

  async #play(): Promise<EndReason> {
    const { tools, capabilities, session, options } = this.#request;
    const media = this.#request.source.recorded ? await this.#probe() : await this.#awaitLive();
    await this.#chooseHardware(media);
    const { ffmpeg } = tools;
    this.#report({ type: 'opened', opened: { ...media, session, ffmpeg, ffmpegVersion: capabilities.version } });
    if (!this.#request.source.recorded) return this.#playLive(media);

    const beginning = (options.start ?? 0) * 1000;
    let position = beginning;
    while (this.#interruption?.what !== 'stop') {
      const framesBefore = this.#frames.count;
      const passEnd = await this.#pass(media, position);
      if (passEnd === 'stop') break;
      if (passEnd === 'seek') {
        position = this.#takeSeek();
        continue;
      }
      if (!this.#loops) return 'end of source';
      // Sought to the very end, a loop goes on from the beginning; but from there, nothing means nothing.
      if (this.#frames.count === framesBefore && position === beginning) {
        throw noFramesError(this.#request.source, position);
      }
      position = beginning;
      this.#frames.repeat();
    }
    return 'stopped';
  }

  /** A camera may come on after whoever wants to see it. What can never be opened is not tried again. */
  async #awaitLive(): Promise<Probe> {
    for (;;) {
      try {
        return await this.#probe();
      } catch (error) {
        const mayPass = error instanceof VideoError && ['SOURCE_UNREADABLE', 'SOURCE_STALLED'].includes(error.code);
        if (!mayPass || this.#stopped.signal.aborted) throw error;
        await this.#waitToReconnect(error);
      }
    }
  }

  /** A live source's end is a connection lost, unless an end was asked for. */
  async #playLive(opened: Probe): Promise<EndReason> {
    let media: Probe | undefined = opened;
    while (this.#interruption?.what !== 'stop') {
      let trouble = new VideoError('SOURCE_LOST', `${this.#request.source.name} broke off`);
      try {
        media ??= await this.#probe();
        const passEnd = await this.#pass(media, 0);
        if (passEnd === 'stop' || this.#request.options.end !== undefined) break;
        // What was on the air when it was opened, and now has an end, is over.
        if (media.live && !(await this.#probe()).live) break;
      } catch (error) {
        if (!(error instanceof VideoError) || error.code === 'FFMPEG_MISSING') throw error;
        trouble = error;
      }
      if (this.#stopped.signal.aborted) break;
      await this.#waitToReconnect(trouble);
      this.#frames.continueAfterGap();
      media = undefined;
    }
    return this.#stopped.signal.aborted ? 'stopped' : 'end of source';
  }

  async #waitToReconnect({ code, message }: VideoError): Promise<void> {
    const { attempt, delay } = this.#reconnection.next();
    this.#report({ type: 'reconnecting', attempt, delay, code, message });
    await this.#reconnection.wait(delay);
  }

  async #probe(): Promise<Probe> {
    const { tools, options } = this.#request;
    await this.#route?.close();
    this.#route = await openRoute(this.#given, tools.ffmpeg);
    const { source, env } = this.#route;
    const { videoStream } = options;
    const { signal } = this.#stopped;
    const media = await probe(tools, source, { timeout: this.#patience, signal, env, videoStream });
    this.#request.source = media.live ? { ...source, recorded: false } : source;
    return media;
  }

  async #chooseHardware({ streamIndex }: Probe): Promise<void> {
    const { tools, capabilities, source, options } = this.#request;
    if (options.hwaccel === undefined) return;
    const { signal } = this.#stopped;
    const check = await checkHardware(tools.ffmpeg, source, streamIndex, options.hwaccel, capabilities, signal);
    if (check.works) return;
    this.#request.options = { ...options, hwaccel: undefined };
    const message = `${source.name} is decoded without hardware (${options.hwaccel}): ${check.reason}`;
    this.#report({ type: 'warning', message, log: [] });
  }

  async #pass(media: Probe, position: number): Promise<PassEnd> {
    if (this.#interruption !== undefined) return this.#passEnd();
    const { tools, capabilities, source, options } = this.#request;
    const pass = new Pass({
      ...{ tools, source, options, media, position, clock: this.#clock },
      env: this.#route?.env ?? toolEnvironment(),
      args: decodeArguments(source, media, options, capabilities, position),
      patience: this.#patience,
      window: this.#window,
      frames: this.#frames,
      onGiven: () => {
        if (this.#reconnection.succeeded()) this.#report({ type: 'reconnected' });
      },
    });
    this.#current = pass;
    const { pid } = pass;
    if (pid !== undefined) this.#report({ type: 'spawned', pid });
    try {
      const complaints = await pass.run();
      if (complaints !== undefined) this.#warnOf(complaints);
      return this.#passEnd();
    } finally {
      this.#current = undefined;
      if (pid !== undefined) this.#report({ type: 'gone', pid });
    }
  }

  #passEnd(): PassEnd {
    return this.#interruption?.what ?? 'end of source';
  }

  #warnOf(complaints: string[]): void {
    if (complaints.length === 0 || this.#hasWarned) return;
    this.#hasWarned = true;
    const { name } = this.#request.source;
    const message = `${name} is damaged or incomplete; ffmpeg gave ${this.#frames.count} frames of it${quote(complaints)}`;
    this.#report({ type: 'warning', message, log: complaints });
  }

  #takeSeek(): number {
    const position = this.#interruption?.what === 'seek' ? this.#interruption.position : 0;
    if (this.#interruption?.what === 'seek') this.#interruption = undefined;
    this.#frames.jump();
    return position;
  }
}
