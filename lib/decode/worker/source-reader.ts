import { messageOf, VideoError } from '../../errors';
import { assume } from '../../ffmpeg/assumption';
import { decodeArguments } from '../../ffmpeg/command';
import { isUnrecognised, quote } from '../../ffmpeg/exit-verdict';
import { unreadable } from '../../ffmpeg/ffprobe';
import { checkHardware } from '../../ffmpeg/hardware';
import { canLookUpNames } from '../../ffmpeg/name-lookup';
import type { DecodeOptions } from '../../ffmpeg/options';
import { checkPictures } from '../../ffmpeg/pictures';
import { type Probe, probe } from '../../ffmpeg/probe';
import { FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import { asBareJpegs, looksLive } from '../../source/networks';
import { openRoute, type Route } from '../../source/route';
import type { Source } from '../../source/source';
import type { Clock } from '../../time/clock';
import { FfmpegRun } from './ffmpeg-run';
import type { FrameSequence } from './frame-sequence';
import { askWhileGrowing, feed, followingOf, mayBeTooShort } from './growing-file';
import type { LiveFrames } from './live-frames';
import { openLive } from './live-opening';
import type { DecodeRequest, DecoderReport } from './messages';
import { placesBefore } from './packets';
import type { Timeline } from './timeline';

export interface SourceReaderParts {
  /** Where each frame gets its room before it is read. */
  window: Window;
  /** Takes the frames that are read. */
  frames: FrameSequence;
  timeline: Timeline;
  /** Takes those of a source that has only the present. */
  live: LiveFrames;
  /** Aborted when the session is stopped. */
  signal: AbortSignal;
  report: (report: DecoderReport) => void;
  clock: Clock;
}

/** Opens a session's source, and runs ffmpeg over it as often as the playback asks for. */
export class SourceReader {
  readonly #request: DecodeRequest;
  readonly #parts: SourceReaderParts;
  /** As probed last: what a URL leads to may turn out to be live. */
  #source: Source;
  #options: DecodeOptions;
  #route: Route | undefined;
  /** Has the source open, and waits for `read`. */
  #opened: FfmpegProcess | undefined;
  #current: FfmpegRun | undefined;
  /** What a live source was when it was opened last. */
  #known: Probe | undefined;
  /** A damaged file is damaged in every round of a loop; one warning is enough. */
  #hasWarned = false;

  constructor(request: DecodeRequest, parts: SourceReaderParts) {
    this.#request = request;
    this.#parts = parts;
    this.#source = request.source;
    this.#options = request.options;
  }

  get source(): Source {
    return this.#source;
  }

  /** Whether the source has a beginning and an end. Known for sure once it has been probed. */
  get isRecorded(): boolean {
    return this.#source.recorded;
  }

  /**
   * Connects to the source and looks into it; each call looks up its host again. A live source stays connected, for `read` to
   * go on with. Throws as `probe` and `openRoute` do.
   */
  async open(): Promise<Probe> {
    const { tools, source: given } = this.#request;
    await this.#leave();
    const route = await openRoute(given, () => canLookUpNames(tools.ffmpeg));
    this.#route = route;
    this.#parts.signal.throwIfAborted();
    try {
      return await this.#look(route);
    } catch (error) {
      const otherwise = this.#readOtherwise(route, error);
      if (otherwise === undefined) throw error;
      try {
        return await this.#look({ ...route, source: otherwise });
      } catch (second) {
        throw (error as VideoError).code === 'SOURCE_REFUSED' ? second : error;
      }
    }
  }

  /**
   * Another way to read a source that could not be read, where there is one: as a playlist, or as a camera's JPEGs in a form that
   * ffmpeg does not know.
   */
  #readOtherwise(route: Route, error: unknown): Source | undefined {
    if (!(error instanceof VideoError)) return undefined;
    if (error.code === 'SOURCE_REFUSED') return route.readPlaylists?.();
    const { source, options } = this.#request;
    const isCamera = !source.recorded && options.every === undefined;
    return isCamera && isUnrecognised(error) ? asBareJpegs(route.source) : undefined;
  }

  /** Falls back to software, with a warning, where the hardware asked for does not decode this source. */
  async chooseHardware(streamIndex: number): Promise<void> {
    const { tools, capabilities, options } = this.#request;
    const { signal, report } = this.#parts;
    if (options.hwaccel === undefined || options.pictures === 'source') return;
    const check = await checkHardware(tools.ffmpeg, this.#source, streamIndex, options.hwaccel, capabilities, signal);
    if (check.works) return;
    this.#options = { ...options, hwaccel: undefined };
    const message = `${this.#source.name} is decoded without hardware (${options.hwaccel}): ${check.reason}`;
    report({ type: 'warning', message, log: [] });
  }

  /**
   * Emits the frames from `position` (ms) to the end; `onFrame` is called after each. Resolves when that, or `interrupt`, is
   * done. Throws VideoError.
   */
  async read(media: Probe, position: number, onFrame: () => void = () => {}): Promise<void> {
    for (const from of this.#options.pictures === 'jpeg' ? [position] : placesBefore(position)) {
      if (this.#parts.signal.aborted) return;
      if (await this.#run(media, from, position, onFrame)) return;
    }
  }

  /** Runs ffmpeg once. Resolves with whether it began early enough. */
  async #run(media: Probe, from: number, position: number, onFrame: () => void): Promise<boolean> {
    const { tools, capabilities } = this.#request;
    const { window, frames, timeline, live, clock } = this.#parts;
    const [source, options] = [this.#source, this.#options];
    const following = followingOf(source, this.#parts);
    const ffmpeg =
      this.#opened ?? this.#spawn(decodeArguments(following?.fed ?? source, media, options, capabilities, from));
    this.#opened = undefined;
    const stallTimeout = this.#stallTimeout;
    const run = new FfmpegRun({
      ...{ tools, source, options, media, ffmpeg, from, position, stallTimeout },
      ...{ window, frames, timeline, live, onFrame, clock },
    });
    this.#current = run;
    const feeding = following && ffmpeg.stdin && feed(following, ffmpeg.stdin);
    try {
      const end = await run.finish();
      const trouble = await feeding;
      if (trouble) throw unreadable(source, messageOf(trouble));
      if (end.how === 'read') this.#warnOf(end.complaints);
      return end.how !== 'began too late';
    } finally {
      this.#current = undefined;
    }
  }

  /** Ends the present `read`; frames not emitted by then are dropped. */
  interrupt(): void {
    this.#current?.interrupt();
  }

  /** Throws SOURCE_REFUSED where the source led to a host that is not allowed. */
  checkRoute(): void {
    this.#route?.check();
  }

  async close(): Promise<void> {
    await this.#leave();
  }

  async #leave(): Promise<void> {
    await this.#opened?.kill();
    this.#opened = undefined;
    await this.#route?.close();
  }

  async #look(route: Route): Promise<Probe> {
    const { signal } = this.#parts;
    try {
      const media = (await this.#openLive(route.source)) ?? (await this.#probe(route));
      checkPictures(route.source, media, this.#options);
      this.#source = media.live ? { ...route.source, recorded: false } : route.source;
      return media;
    } catch (error) {
      // What became of it on its way is the reason, and ffmpeg's words are what followed.
      if (!signal.aborted) route.check();
      throw error;
    }
  }

  /** Undefined where ffprobe has to look into it: into what has an end, or may have. */
  async #openLive(given: Source): Promise<Probe | undefined> {
    const { tools, capabilities } = this.#request;
    const { clock, signal } = this.#parts;
    if ((given.recorded && !looksLive(this.#request.source)) || capabilities.filterFile === undefined) return undefined;
    const source = { ...given, recorded: false };
    const { media, ffmpeg } = await openLive({
      ...{ source, tools, capabilities, options: this.#options, clock, signal },
      assumed: this.#known ?? assume(this.#request.source, this.#options),
      stallTimeout: this.#options.stallTimeout * 1000,
      spawn: (args) => this.#spawn(args),
    });
    this.#opened = ffmpeg;
    if (given.recorded && !media.live) {
      await ffmpeg?.kill();
      this.#opened = undefined;
      return undefined;
    }
    this.#known = media;
    return media;
  }

  #probe({ source, env }: Route): Promise<Probe> {
    const { tools, options } = this.#request;
    const { signal } = this.#parts;
    const { videoStream, variant } = options;
    const ask = () => probe(tools, source, { timeout: this.#stallTimeout, videoStream, variant, signal, env });
    const following = followingOf(source, this.#parts);
    return following === undefined ? ask() : askWhileGrowing(following, ask, mayBeTooShort);
  }

  /** Starts an ffmpeg on the present route. */
  #spawn(args: string[]): FfmpegProcess {
    const { report } = this.#parts;
    const stdin = this.#source.follow === undefined ? 'ignore' : 'pipe';
    const ffmpeg = new FfmpegProcess(this.#request.tools.ffmpeg, args, this.#route?.env ?? {}, stdin);
    const { pid } = ffmpeg;
    if (pid === undefined) return ffmpeg;
    report({ type: 'spawned', pid });
    void ffmpeg.exit.then(() => report({ type: 'gone', pid }));
    return ffmpeg;
  }

  /** Ms without a frame after which a source that may fall silent counts as stalled. */
  get #stallTimeout(): number | undefined {
    const { source, options } = this.#request;
    return source.kind === 'network' || source.kind === 'device' ? options.stallTimeout * 1000 : undefined;
  }

  #warnOf(complaints: string[]): void {
    if (complaints.length === 0 || this.#hasWarned) return;
    this.#hasWarned = true;
    const { report, frames, live } = this.#parts;
    const count = this.#source.recorded ? frames.count : live.received;
    const message = `${this.#source.name} is damaged or incomplete; ffmpeg decoded ${count} frames of it${quote(complaints)}`;
    report({ type: 'warning', message, log: complaints });
  }
}
