import { VideoError } from '../../errors';
import { decodeArguments } from '../../ffmpeg/command';
import { quote } from '../../ffmpeg/exit-verdict';
import { checkHardware } from '../../ffmpeg/hardware';
import { canLookUpNames } from '../../ffmpeg/name-lookup';
import type { DecodeOptions } from '../../ffmpeg/options';
import { type Probe, probe } from '../../ffmpeg/probe';
import type { Window } from '../../flow/window';
import { openRoute, type Route } from '../../source/route';
import type { Source } from '../../source/source';
import type { Clock } from '../../time/clock';
import { FfmpegRun } from './ffmpeg-run';
import type { FrameSequence } from './frame-sequence';
import type { LiveFrames } from './live-frames';
import type { DecodeRequest, DecoderReport } from './messages';
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
  #current: FfmpegRun | undefined;
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

  /** Connects to the source and looks into it; each call looks up its host again. Throws as `probe` and `openRoute` do. */
  async probe(): Promise<Probe> {
    const { tools, source: given } = this.#request;
    await this.#route?.close();
    const route = await openRoute(given, () => canLookUpNames(tools.ffmpeg));
    this.#route = route;
    try {
      return await this.#look(route);
    } catch (error) {
      const mayBePlaylist = error instanceof VideoError && error.code === 'SOURCE_REFUSED';
      if (!mayBePlaylist || route.readPlaylists === undefined) throw error;
      return this.#look({ ...route, source: route.readPlaylists() });
    }
  }

  /** Falls back to software, with a warning, where the hardware asked for does not decode this source. */
  async chooseHardware({ streamIndex }: Probe): Promise<void> {
    const { tools, capabilities, options } = this.#request;
    const { signal, report } = this.#parts;
    if (options.hwaccel === undefined) return;
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
    const { tools, capabilities } = this.#request;
    const { report, window, frames, timeline, live, clock, signal } = this.#parts;
    if (signal.aborted) return;
    const [source, options] = [this.#source, this.#options];
    const run = new FfmpegRun({
      ...{ tools, source, options, media, position, window, frames, timeline, live, onFrame, clock },
      env: this.#route?.env ?? {},
      args: decodeArguments(source, media, options, capabilities, position),
      stallTimeout: this.#stallTimeout,
    });
    this.#current = run;
    const { pid } = run;
    if (pid !== undefined) report({ type: 'spawned', pid });
    try {
      const complaints = await run.finish();
      if (complaints !== undefined) this.#warnOf(complaints);
    } finally {
      this.#current = undefined;
      if (pid !== undefined) report({ type: 'gone', pid });
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
    await this.#route?.close();
  }

  async #look({ source, env, check }: Route): Promise<Probe> {
    const { tools, options } = this.#request;
    const { signal } = this.#parts;
    try {
      const limits = { timeout: this.#stallTimeout, videoStream: options.videoStream, signal, env };
      const media = await probe(tools, source, limits);
      this.#source = media.live ? { ...source, recorded: false } : source;
      return media;
    } catch (error) {
      // What became of it on its way is the reason, and ffprobe's words are what followed.
      if (!signal.aborted) check();
      throw error;
    }
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
