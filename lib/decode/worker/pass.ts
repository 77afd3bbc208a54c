import { VideoError } from '../../errors';
import { judgeExit } from '../../ffmpeg/exit-verdict';
import type { Probe } from '../../ffmpeg/probe';
import { type Exit, FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import type { Route } from '../../source/route';
import type { Clock } from '../../time/clock';
import type { FrameSequence, Held } from './frame-sequence';
import type { DecodeRequest } from './messages';
import { PacketReader } from './packet-reader';
import { StallWatch } from './stall-watch';

export interface PassOptions extends Pick<DecodeRequest, 'tools' | 'source' | 'options'> {
  media: Probe;
  env: Route['env'];
  /** ffmpeg's arguments, which begin at `position` (ms). */
  args: string[];
  position: number;
  /** Ms without a frame after which the source counts as stalled; undefined = it never does. */
  patience: number | undefined;
  /** Where each frame has its room before it is read. */
  window: Window;
  frames: FrameSequence;
  /** A frame was given out. */
  onGiven: () => void;
  clock: Clock;
}

/** One ffmpeg over a source, from where it begins to its end. */
export class Pass {
  readonly #options: PassOptions;
  readonly #ffmpeg: FfmpegProcess;
  readonly #watch: StallWatch;
  #isInterrupted = false;

  constructor(options: PassOptions) {
    const { tools, args, env, clock, patience } = options;
    this.#options = options;
    this.#ffmpeg = new FfmpegProcess(tools.ffmpeg, args, env);
    this.#watch = new StallWatch(clock, patience, () => void this.#ffmpeg.kill());
  }

  get pid(): number | undefined {
    return this.#ffmpeg.pid;
  }

  /**
   * Gives out the frames. Resolves with what ffmpeg complained of, or undefined after `interrupt`. Throws what
   * `judgeExit` does, and SOURCE_STALLED. ffmpeg is gone when it settles.
   */
  async run(): Promise<string[] | undefined> {
    const { index, images } = this.#ffmpeg;
    try {
      const held = await this.#readFrames(new PacketReader(index, images));
      if (this.#isInterrupted) {
        if (held !== undefined) this.#options.window.release(held.entry.size);
        return undefined;
      }
      const exit = await this.#ffmpeg.exit;
      if (held !== undefined) await this.#giveLast(held, exit);
      // An interruption that came meanwhile has ended ffmpeg itself.
      return this.#isInterrupted ? undefined : this.#judge(exit);
    } finally {
      await this.#ffmpeg.kill();
    }
  }

  /** Breaks it off; frames that were not given out are not given any more. */
  interrupt(): void {
    this.#isInterrupted = true;
    void this.#ffmpeg.kill();
  }

  /** Gives out all frames but the last, which it returns: only its successor tells how long a frame lasts. */
  async #readFrames(reader: PacketReader): Promise<Held | undefined> {
    const { source, window, frames } = this.#options;
    let held: Held | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let entry = await next(); entry !== undefined; entry = await next()) {
      if (this.#isInterrupted) return held;
      if (held !== undefined) {
        await this.#give(held, entry.pts - held.entry.pts);
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
      else await this.#give(read, entry.duration ?? frames.lastDuration);
    }
    return held;
  }

  async #giveLast(held: Held, exit: Exit): Promise<void> {
    const { frames, media, options } = this.#options;
    const isLast = exit.how === 'exited' && exit.code === 0 && !options.loop;
    const duration =
      held.entry.duration ?? frames.lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    await this.#give(held, duration, isLast);
  }

  async #give(held: Held, duration: number | undefined, isLast = false): Promise<void> {
    const { frames, window, onGiven } = this.#options;
    const isGiven = await frames.give(held, duration, isLast, () => !this.#isInterrupted);
    if (isGiven) onGiven();
    else window.release(held.entry.size);
  }

  #judge(exit: Exit): string[] {
    const { source, tools, position, patience = 0, frames } = this.#options;
    if (this.#watch.hasStalled) {
      const silence = `sent no frame for ${patience / 1000} s after ${frames.count} frames`;
      throw new VideoError('SOURCE_STALLED', `${source.name} ${silence}: check the connection`);
    }
    const { log } = this.#ffmpeg;
    return judgeExit(exit, { source, tools, position, log, frames: frames.count }).complaints;
  }
}
