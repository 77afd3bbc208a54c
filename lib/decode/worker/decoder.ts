import { copiedCodec } from '../../ffmpeg/pictures';
import { Window } from '../../flow/window';
import { type Clock, systemClock } from '../../time/clock';
import { FrameSequence } from './frame-sequence';
import { LiveFrames } from './live-frames';
import { LivePlayback } from './live-playback';
import type { DecodeRequest, DecoderReport, EndReason } from './messages';
import { RecordedPlayback } from './recorded-playback';
import { SourceReader } from './source-reader';
import { Timeline } from './timeline';

export interface DecoderContext {
  /** Takes each report; a frame's `data` is handed over for good. */
  report: (report: DecoderReport) => void;
  clock?: Clock;
}

/**
 * Decodes one session of a source, from opening to its end.
 *
 * A frame of a recorded source is read only when the window has room for it, so a flow that does not finish its frames holds
 * ffmpeg. A live source is read all the time: see `LiveConnection`.
 */
export class Decoder {
  readonly #request: DecodeRequest;
  readonly #report: DecoderContext['report'];
  readonly #window: Window;
  readonly #frames: FrameSequence;
  readonly #reader: SourceReader;
  readonly #live: LivePlayback;
  readonly #recorded: RecordedPlayback;
  readonly #stopped = new AbortController();

  constructor(request: DecodeRequest, { report, clock = systemClock }: DecoderContext) {
    const { signal } = this.#stopped;
    this.#request = request;
    this.#report = report;
    this.#window = new Window(request.limits);
    this.#frames = new FrameSequence(request, clock, (frame, data, room) =>
      report({ type: 'frame', frame, data, room }),
    );
    const timeline = new Timeline();
    const live = new LiveFrames({ frames: this.#frames, timeline });
    const parts = { window: this.#window, frames: this.#frames, timeline, live, signal, report, clock };
    this.#reader = new SourceReader(request, parts);
    this.#live = new LivePlayback(request.options, { ...parts, reader: this.#reader });
    this.#recorded = new RecordedPlayback(request.options, { ...parts, reader: this.#reader });
  }

  /** Opens the source and emits its frames. Throws VideoError; ffmpeg is gone when it settles. */
  async run(): Promise<EndReason> {
    try {
      return await this.#play();
    } catch (error) {
      if (this.#stopped.signal.aborted) return 'stopped';
      this.#reader.checkRoute();
      throw error;
    } finally {
      await this.#reader.close();
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

  /** Continues at `position` (ms from the source's beginning). A live source has only the present, and ignores it. */
  seek(position: number): void {
    if (this.#reader.isRecorded) this.#recorded.seek(position);
  }

  stop(): void {
    this.#stopped.abort();
    this.#window.close();
    this.#frames.close();
    this.#reader.interrupt();
  }

  async #play(): Promise<EndReason> {
    const { tools, capabilities, session, source, options } = this.#request;
    // Only with a file is hardware tried out; a live source is opened by the ffmpeg that is to decode it.
    if (source.kind !== 'file') await this.#reader.chooseHardware(0);
    const media = this.#reader.isRecorded ? await this.#reader.open() : await this.#live.open();
    if (source.kind === 'file') await this.#reader.chooseHardware(media.streamIndex);
    const { ffmpeg } = tools;
    const pictures = copiedCodec(media, options) ?? 'jpeg';
    this.#report({
      type: 'opened',
      opened: { ...media, pictures, session, ffmpeg, ffmpegVersion: capabilities.version },
    });
    return this.#reader.isRecorded ? this.#recorded.play(media) : this.#live.play(media);
  }
}
