import { VideoError } from '../../errors';
import { canCopy, isOnWeb } from '../../ffmpeg/command';
import { isCutOff, judgeExit, withoutHangUps } from '../../ffmpeg/exit-verdict';
import type { Probe } from '../../ffmpeg/probe';
import { type Exit, FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import { readImageHeader } from '../../frame/image-header';
import type { Route } from '../../source/route';
import type { Clock } from '../../time/clock';
import { CaptureClock } from './capture-clock';
import type { IndexEntry } from './frame-index';
import type { FrameSequence, ReadFrame } from './frame-sequence';
import type { DecodeRequest } from './messages';
import { type AnnouncedPacket, PacketReader } from './packet-reader';
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
  readonly #capture = new CaptureClock();
  /** Whether the images are the source's own JPEGs. */
  readonly #isCopy: boolean;
  #isInterrupted = false;
  /** Of the frame before, ms. */
  #lastPts: number | undefined;
  #firstAnnouncedAt: number | undefined;
  #end: 'reached' | 'missed' | 'unknown' = 'unknown';

  constructor(options: FfmpegRunOptions) {
    const { tools, args, env, clock, stallTimeout } = options;
    // Where few frames are asked for, few come; the first one after its successor has begun.
    const patience = stallTimeout === undefined ? undefined : stallTimeout + 2000 / (options.options.fps ?? Infinity);
    this.#options = options;
    this.#isCopy = canCopy(options.media, options.options);
    this.#ffmpeg = new FfmpegProcess(tools.ffmpeg, args, env);
    this.#watch = new StallWatch(clock, patience, () => void this.#ffmpeg.kill());
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
    const { source, window } = this.#options;
    let held: ReadFrame | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let packet = await next(); packet !== undefined; packet = await next()) {
      if (this.#isInterrupted) return held;
      const entry = this.#timed(packet);
      if (held !== undefined) {
        await this.#emit(held, entry.pts - held.entry.pts);
        held = undefined;
      }
      if (this.#isInterrupted || !(await this.#acquire(window, entry.size))) return undefined;
      const data = await this.#watch.during(reader.read(entry));
      if (data === undefined) {
        window.release(entry.size);
        return undefined;
      }
      if (source.recorded) held = { entry: this.#sized(entry, data), data, time: Date.now() };
      else await this.#emitLive({ entry: this.#sized(entry, data), data, time: packet.announcedAt });
    }
    return held;
  }

  /** The packet's time is that of its arrival where the source has no clock, and the encoder did not see to it. */
  #timed({ announcedAt, ...entry }: AnnouncedPacket): IndexEntry {
    if (this.#options.media.hasClock || !this.#isCopy) return entry;
    this.#firstAnnouncedAt ??= announcedAt;
    return { ...entry, pts: announcedAt - this.#firstAnnouncedAt, duration: undefined };
  }

  /** JPEGs that are passed on as they are may differ in size from those that were probed. */
  #sized(entry: IndexEntry, data: ArrayBuffer): IndexEntry {
    const header = this.#isCopy ? readImageHeader(new Uint8Array(data)) : undefined;
    return header === undefined ? entry : { ...entry, width: header.width, height: header.height };
  }

  async #acquire(window: Window, bytes: number): Promise<boolean> {
    if (window.tryAcquire(bytes)) return true;
    const acquired = await window.acquire(bytes);
    this.#capture.held();
    return acquired;
  }

  /** A live frame is shown now; how long it lasts is a guess from the one before. */
  async #emitLive({ entry, data, time }: ReadFrame): Promise<void> {
    const step = this.#lastPts === undefined ? undefined : entry.pts - this.#lastPts;
    this.#lastPts = entry.pts;
    const duration = this.#options.media.hasClock ? (entry.duration ?? step) : step;
    await this.#emit({ entry, data, time: this.#capture.timeOf(entry.pts, time) }, duration);
  }

  async #emitLast(held: ReadFrame, exit: Exit): Promise<void> {
    const { frames, media, options, source } = this.#options;
    const duration =
      held.entry.duration ?? frames.lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    const length = isOnWeb(source) && options.end === undefined ? media.duration : undefined;
    const measured = length === undefined ? undefined : { reached: held.entry.pts + (duration ?? 0), length };
    const isWhole = exit.how === 'exited' && exit.code === 0 && !isCutOff(this.#ffmpeg.log, measured);
    if (measured !== undefined) this.#end = isWhole ? 'reached' : 'missed';
    await this.#emit(held, duration, isWhole && !options.loop);
  }

  async #emit(read: ReadFrame, duration: number | undefined, isLast = false): Promise<void> {
    const { source, options, frames, window, onFrame } = this.#options;
    const isPaced = options.realtime && source.recorded;
    const isEmitted = await frames.emit(read, {
      ...{ duration, isLive: !source.recorded, isLast, isPaced },
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
    const { complaints } = judgeExit(exit, { source, tools, position, log, frames: frames.count });
    if (this.#end === 'reached') return withoutHangUps(complaints);
    return this.#end === 'missed' && complaints.length === 0 ? ['the server hung up before the end'] : complaints;
  }
}
