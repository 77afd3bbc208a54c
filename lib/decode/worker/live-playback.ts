import { VideoError } from '../../errors';
import { noFramesError } from '../../ffmpeg/exit-verdict';
import type { DecodeOptions } from '../../ffmpeg/options';
import type { Probe } from '../../ffmpeg/probe';
import { Backoff } from '../../time/backoff';
import type { Clock } from '../../time/clock';
import { sleep } from '../../time/sleep';
import type { DecoderReport, EndReason } from './messages';
import type { SourceReader } from './source-reader';
import type { Timeline } from './timeline';

export interface LivePlaybackParts {
  reader: SourceReader;
  timeline: Timeline;
  /** Aborted when the session is stopped. */
  signal: AbortSignal;
  report: (report: DecoderReport) => void;
  clock: Clock;
}

type State = { name: 'connected' } | { name: 'reconnecting'; attempts: number };

/**
 * Plays a source that has only the present. One that cannot be reached, or is lost, is connected to again until stopped. One that
 * gives a single picture is asked for it again and again, if that is wanted.
 */
export class LivePlayback {
  readonly #options: DecodeOptions;
  readonly #parts: LivePlaybackParts;
  readonly #backoff = new Backoff({ first: 1000, max: 30_000 });
  #state: State = { name: 'connected' };
  /** When the source was opened last (ms, of the clock). */
  #openedAt = 0;

  constructor(options: DecodeOptions, parts: LivePlaybackParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Resolves when the source is there: a camera may come on later. Throws what trying again cannot help. */
  async open(): Promise<Probe> {
    const { signal } = this.#parts;
    for (;;) {
      try {
        return await this.#open();
      } catch (error) {
        const mayPass = error instanceof VideoError && ['SOURCE_UNREADABLE', 'SOURCE_STALLED'].includes(error.code);
        if (!mayPass || signal.aborted) throw error;
        await this.#waitToReconnect(error);
      }
    }
  }

  /** Plays until stopped, or until the `end` that was asked for. Any other end is a lost connection. Throws VideoError. */
  async play(opened: Probe): Promise<EndReason> {
    const { reader, timeline, signal, clock } = this.#parts;
    const { every, end } = this.#options;
    const begun = this.#openedAt;
    let media: Probe | undefined = opened;
    while (!signal.aborted) {
      let trouble = new VideoError('SOURCE_LOST', `${reader.source.name} was disconnected`);
      try {
        media ??= await this.#open();
        // A broadcast that has become a recording is over, and not to be played again.
        if (opened.live && !media.live) break;
        if (every !== undefined) {
          await this.#takePicture(media);
          const next = this.#openedAt + every * 1000;
          if (next - begun >= (end ?? Infinity) * 1000) break;
          await sleep(clock, next - clock.now(), signal);
          timeline.continueAfterGap();
          media = undefined;
          continue;
        }
        await reader.read(media, 0, () => this.#noteFrame());
        if (signal.aborted || end !== undefined) break;
        // Only a broadcast by HLS becomes a recording; where another one ended is told by opening it again.
        if (media.format === 'hls' && media.live && !(await reader.open()).live) break;
      } catch (error) {
        if (!(error instanceof VideoError) || ['FFMPEG_MISSING', 'CODEC_UNSUPPORTED'].includes(error.code)) throw error;
        trouble = error;
      }
      if (signal.aborted) break;
      await this.#waitToReconnect(trouble);
      timeline.continueAfterGap();
      media = undefined;
    }
    return signal.aborted ? 'stopped' : 'end of source';
  }

  #open(): Promise<Probe> {
    this.#openedAt = this.#parts.clock.now();
    return this.#parts.reader.open();
  }

  /** Reads one picture, and no more of a source that has more of them. Throws VideoError. */
  async #takePicture(media: Probe): Promise<void> {
    const { reader, signal } = this.#parts;
    let hasCome = false;
    await reader.read(media, 0, () => {
      if (!hasCome) this.#noteFrame();
      hasCome = true;
      if (media.live) reader.interrupt();
    });
    if (!hasCome && !signal.aborted) throw noFramesError(reader.source, 0);
  }

  #noteFrame(): void {
    if (this.#state.name === 'connected') return;
    this.#state = { name: 'connected' };
    this.#backoff.reset();
    this.#parts.report({ type: 'reconnected' });
  }

  async #waitToReconnect({ code, message }: VideoError): Promise<void> {
    const attempt = this.#state.name === 'reconnecting' ? this.#state.attempts + 1 : 1;
    this.#state = { name: 'reconnecting', attempts: attempt };
    const { report, clock, signal } = this.#parts;
    const delay = this.#backoff.next();
    report({ type: 'reconnecting', attempt, delay, code, message });
    await sleep(clock, delay, signal);
  }
}
