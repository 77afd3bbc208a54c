import { isOnWeb } from '../../ffmpeg/command';
import { isCutOff, withoutHangUps } from '../../ffmpeg/exit-verdict';
import type { DecodeOptions } from '../../ffmpeg/options';
import { type Probe, usualFps } from '../../ffmpeg/probe';
import { noteLength } from '../../source/file-end';
import { fileOf } from '../../source/local-source';
import type { Source } from '../../source/source';
import type { IndexEntry } from './frame-index';

export interface RecordedEndOptions {
  source: Source;
  options: DecodeOptions;
  media: Probe;
}

/** Tells whether a recording was read to its real end, made before ffmpeg reads it. */
export class RecordedEnd {
  readonly #options: RecordedEndOptions;
  readonly #fileFlaw: ((format: string) => Promise<string | undefined>) | undefined;
  #end: 'reached' | 'missed' | 'unknown' = 'unknown';
  /** Why a file was not read whole, for a person. */
  #flaw: string | undefined;

  constructor(options: RecordedEndOptions) {
    const { source } = options;
    this.#options = options;
    this.#fileFlaw = source.kind === 'file' ? noteLength(fileOf(source), source.follow !== undefined) : undefined;
  }

  /** Whether an ffmpeg that all went well with, and whose last frame this is, has read everything. `duration`: the frame's, ms. */
  async isReachedBy({ pts }: IndexEntry, duration: number | undefined, log: readonly string[]): Promise<boolean> {
    const { source, options, media } = this.#options;
    const isEnough = pts + (duration ?? 1000 / (media.fps ?? usualFps)) >= (options.end ?? Infinity) * 1000;
    if (!isEnough) this.#flaw = await this.#fileFlaw?.(media.format);
    const length = isOnWeb(source) && options.end === undefined ? media.duration : undefined;
    const measured = length === undefined ? undefined : { reached: pts + (duration ?? 0), length };
    const isReached = this.#flaw === undefined && !isCutOff(log, measured);
    if (measured !== undefined) this.#end = isReached ? 'reached' : 'missed';
    return isReached;
  }

  /** What is to be told when ffmpeg has complained of this. */
  complaints(complaints: string[]): string[] {
    if (this.#flaw !== undefined) return [...complaints, this.#flaw];
    if (this.#end === 'reached') return withoutHangUps(complaints);
    return this.#end === 'missed' && complaints.length === 0 ? ['the server hung up before the end'] : complaints;
  }
}
