import { noFramesError } from '../../ffmpeg/exit-verdict';
import type { DecodeOptions } from '../../ffmpeg/options';
import { type Probe, usualFps } from '../../ffmpeg/probe';
import type { FrameSequence } from './frame-sequence';
import type { EndReason } from './messages';
import type { SourceReader } from './source-reader';
import type { Timeline } from './timeline';

export interface RecordedPlaybackParts {
  reader: SourceReader;
  frames: FrameSequence;
  timeline: Timeline;
  /** Aborted when the session is stopped. */
  signal: AbortSignal;
}

type State = { name: 'playing' } | { name: 'seeking'; position: number };

/**
 * Plays a source that has a beginning and an end. ffmpeg runs once from each place that is played from: the start, where a
 * seek leads, and the start again for each round of a loop. (ffmpeg's own `-stream_loop` returns to the file's beginning even
 * where `-ss` says otherwise, and estimates durations.)
 */
export class RecordedPlayback {
  readonly #options: DecodeOptions;
  readonly #parts: RecordedPlaybackParts;
  #state: State = { name: 'playing' };

  constructor(options: DecodeOptions, parts: RecordedPlaybackParts) {
    this.#options = options;
    this.#parts = parts;
  }

  /** Continues at `position` (ms from the source's beginning); of several seeks the last one counts. */
  seek(position: number): void {
    const { reader, frames, signal } = this.#parts;
    if (signal.aborted) return;
    this.#state = { name: 'seeking', position };
    frames.skipWait();
    reader.interrupt();
  }

  /** Plays to the end, or until stopped. Throws VideoError. */
  async play(media: Probe): Promise<EndReason> {
    const { reader, frames, timeline, signal } = this.#parts;
    const beginning = (this.#options.start ?? 0) * 1000;
    const end = Math.min((this.#options.end ?? Infinity) * 1000, media.duration ?? Infinity);
    const frameDuration = 1000 / (media.fps ?? usualFps);
    let position = beginning;
    /** Ms before the end that playing begins after a seek to the end or beyond. */
    let beforeEnd = frameDuration;
    while (!signal.aborted) {
      const framesBefore = frames.count;
      if (this.#state.name === 'playing') await reader.read(media, Math.min(position, latest(beforeEnd)));
      if (signal.aborted) break;
      if (this.#state.name === 'seeking') {
        ({ position } = this.#state);
        this.#state = { name: 'playing' };
        beforeEnd = frameDuration;
        timeline.jump();
        continue;
      }
      const isEmpty = frames.count === framesBefore;
      if (!this.#options.loop) {
        const isKnownEnd = Number.isFinite(end) && position > beginning && latest(beforeEnd) > beginning;
        if (!isEmpty || !isKnownEnd) return 'end of source';
        // The video ends before its container says; it is to end with its last frame all the same.
        position = end;
        beforeEnd *= 4;
        continue;
      }
      // After a seek to the very end a loop continues at the beginning; but no frames from the beginning means none at all.
      if (isEmpty && position === beginning) throw noFramesError(reader.source, position);
      position = beginning;
      timeline.restart();
    }
    return 'stopped';

    function latest(ms: number): number {
      return Math.max(beginning, end - ms);
    }
  }
}
