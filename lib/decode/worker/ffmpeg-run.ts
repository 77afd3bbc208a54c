import { VideoError } from '../../errors';
import { isCutOff, judgeExit } from '../../ffmpeg/exit-verdict';
import type { Probe } from '../../ffmpeg/probe';
import { type Exit, FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import type { Route } from '../../source/route';
import type { Clock } from '../../time/clock';
import type { FrameSequence, ReadFrame } from './frame-sequence';
import type { DecodeRequest } from './messages';
import { PacketReader } from './packet-reader';
import { StallWatch } from './stall-watch';

export interface FfmpegRunOptions extends Pick<DecodeRequest, 'tools' | 'source' | 'options'> {
  media: Probe;
  env: Route['env'];
  /** ffmpeg's arguments, which begin at `position` (ms). */
  args: string[];
  position: number;
  /** Ms without a frame after which the source counts as stalled; undefined: it never does. */
  stallTimeout: number | undefined;
  /** Where each frame gets its room before it is read. */
  window: Window;
  frames: FrameSequence;
  /** A frame was emitted. */
  onFrame: () => void;
  clock: Clock;
}

/** One ffmpeg process over a source, from a position to its end. */
export class FfmpegRun {
  readonly #options: FfmpegRunOptions;
  readonly #ffmpeg: FfmpegProcess;
  readonly #watch: StallWatch;
  #isInterrupted = false;

  constructor(options: FfmpegRunOptions) {
    const { tools, args, env, clock, stallTimeout } = options;
    this.#options = options;
    this.#ffmpeg = new FfmpegProcess(tools.ffmpeg, args, env);
    this.#watch = new StallWatch(clock, stallTimeout, () => void this.#ffmpeg.kill());
  }

  get pid(): number | undefined {
    return this.#ffmpeg.pid;
  }

  /**
   * Emits the frames. Resolves with what ffmpeg complained of, or undefined after `interrupt`. Throws what `judgeExit` does,
   * and SOURCE_STALLED. ffmpeg is gone when it settles.
   */
  async finish(): Promise<string[] | undefined> {
    const { index, images } = this.#ffmpeg;
    try {
      const held = await this.#readFrames(new PacketReader(index, images));
      if (this.#isInterrupted) {
        if (held !== undefined) this.#options.window.release(held.entry.size);
        return undefined;
      }
      const exit = await this.#ffmpeg.exit;
      if (held !== undefined) await this.#emitLast(held, exit);
      // An interruption that came meanwhile has ended ffmpeg itself.
      return this.#isInterrupted ? undefined : this.#judge(exit);
    } finally {
      await this.#ffmpeg.kill();
    }
  }

  /** Ends ffmpeg; frames that were not emitted are dropped. */
  interrupt(): void {
    this.#isInterrupted = true;
    void this.#ffmpeg.kill();
  }

  /** Emits all frames but the last, which it returns: only its successor tells how long a frame lasts. */
  async #readFrames(reader: PacketReader): Promise<ReadFrame | undefined> {
    const { source, window, frames } = this.#options;
    let held: ReadFrame | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let entry = await next(); entry !== undefined; entry = await next()) {
      if (this.#isInterrupted) return held;
      if (held !== undefined) {
        await this.#emit(held, entry.pts - held.entry.pts);
        held = undefined;
      }
      if (this.#isInterrupted || !(await window.acquire(entry.size))) return undefined;
      const data = await this.#watch.during(reader.read(entry));
      if (data === undefined) {
        window.release(entry.size);
        return undefined;
      }
      const read = { entry, data, time: Date.now() };
      if (source.recorded) held = read;
      // A live frame is shown now; how long it lasts is a guess from the one before.
      else await this.#emit(read, entry.duration ?? frames.lastDuration);
    }
    return held;
  }

  async #emitLast(held: ReadFrame, exit: Exit): Promise<void> {
    const { frames, media, options } = this.#options;
    const isWhole = exit.how === 'exited' && exit.code === 0 && !isCutOff(this.#ffmpeg.log);
    const isLast = isWhole && !options.loop;
    const duration =
      held.entry.duration ?? frames.lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    await this.#emit(held, duration, isLast);
  }

  async #emit(read: ReadFrame, duration: number | undefined, isLast = false): Promise<void> {
    const { source, options, frames, window, onFrame } = this.#options;
    const isPaced = options.realtime && source.recorded;
    const isEmitted = await frames.emit(read, {
      ...{ duration, isLast, isPaced },
      isWanted: () => !this.#isInterrupted,
    });
    if (isEmitted) onFrame();
    else window.release(read.entry.size);
  }

  #judge(exit: Exit): string[] {
    const { source, tools, position, stallTimeout = 0, frames } = this.#options;
    if (this.#watch.hasStalled) {
      const silence = `sent no frame for ${stallTimeout / 1000} s after ${frames.count} frames`;
      throw new VideoError('SOURCE_STALLED', `${source.name} ${silence}: check the connection`);
    }
    const { log } = this.#ffmpeg;
    return judgeExit(exit, { source, tools, position, log, frames: frames.count }).complaints;
  }
}
