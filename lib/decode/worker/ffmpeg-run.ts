import { VideoError } from '../../errors';
import { canCopy, isOnWeb } from '../../ffmpeg/command';
import { isCutOff, judgeExit, withoutHangUps } from '../../ffmpeg/exit-verdict';
import type { Probe } from '../../ffmpeg/probe';
import type { Exit, FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import { readImageHeader } from '../../frame/image-header';
import type { Clock } from '../../time/clock';
import type { IndexEntry } from './frame-index';
import type { FrameSequence, ReadFrame } from './frame-sequence';
import { LiveConnection } from './live-connection';
import type { LiveFrames } from './live-frames';
import type { DecodeRequest } from './messages';
import { type AnnouncedPacket, PacketReader } from './packet-reader';
import { StallWatch } from './stall-watch';
import type { Timeline } from './timeline';

export interface FfmpegRunOptions extends Pick<DecodeRequest, 'tools' | 'source' | 'options'> {
  media: Probe;
  /** Decodes from `position` (ms). */
  ffmpeg: FfmpegProcess;
  position: number;
  /** Ms without a frame after which the source counts as stalled; undefined: it never does. */
  stallTimeout: number | undefined;
  /** Where each frame gets its room before it is read. */
  window: Window;
  frames: FrameSequence;
  timeline: Timeline;
  /** Takes the frames of a source that has only the present. */
  live: LiveFrames;
  /** A frame was emitted, or, of a live source, read. */
  onFrame: () => void;
  clock: Clock;
}

/** One ffmpeg process over a source, from a position to its end. */
export class FfmpegRun {
  readonly #options: FfmpegRunOptions;
  readonly #ffmpeg: FfmpegProcess;
  readonly #watch: StallWatch;
  /** Whether the images are the source's own JPEGs. */
  readonly #isCopy: boolean;
  #isInterrupted = false;
  #firstAnnouncedAt: number | undefined;
  #end: 'reached' | 'missed' | 'unknown' = 'unknown';

  constructor(options: FfmpegRunOptions) {
    const { ffmpeg, clock, stallTimeout } = options;
    // Where few frames are asked for, few come; the first one after its successor has begun.
    const patience = stallTimeout === undefined ? undefined : stallTimeout + 2000 / (options.options.fps ?? Infinity);
    this.#options = options;
    this.#isCopy = canCopy(options.media, options.options);
    this.#ffmpeg = ffmpeg;
    this.#watch = new StallWatch(clock, patience, () => void this.#ffmpeg.kill());
  }

  /**
   * Emits the frames. Resolves with what ffmpeg complained of, or undefined after `interrupt`. Throws what `judgeExit` does,
   * and SOURCE_STALLED. ffmpeg is gone when it settles.
   */
  async finish(): Promise<string[] | undefined> {
    const { index, images } = this.#ffmpeg;
    try {
      const reader = new PacketReader(index, images);
      const held = this.#options.source.recorded ? await this.#readRecorded(reader) : await this.#readLive(reader);
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
  async #readRecorded(reader: PacketReader): Promise<ReadFrame | undefined> {
    const { window } = this.#options;
    let held: ReadFrame | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let packet = await next(); packet !== undefined; packet = await next()) {
      if (this.#isInterrupted) return held;
      const entry = this.#timed(packet);
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
      held = { entry: this.#sized(entry, data), data, time: Date.now() };
    }
    return held;
  }

  /** Passes all frames on as they come. A live frame is shown now; how long it lasts is a guess from the one before. */
  async #readLive(reader: PacketReader): Promise<undefined> {
    const { live, window, media, clock, onFrame } = this.#options;
    const connection = new LiveConnection(media.format, live, window, clock);
    let lastPts: number | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let packet = await next(); packet !== undefined; packet = await next()) {
      const entry = this.#timed(packet);
      if (!(await connection.ready(entry.size))) break;
      const data = await this.#watch.during(reader.read(entry));
      if (this.#isInterrupted || data === undefined) {
        connection.miss(entry.size);
        break;
      }
      const step = lastPts === undefined ? undefined : entry.pts - lastPts;
      lastPts = entry.pts;
      const duration = media.hasClock ? (entry.duration ?? step) : step;
      connection.take({ entry: this.#sized(entry, data), data, pts: entry.pts, at: packet.announcedAt, duration });
      onFrame();
    }
    connection.close();
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

  async #emitLast(held: ReadFrame, exit: Exit): Promise<void> {
    const { timeline, media, options, source } = this.#options;
    const duration =
      held.entry.duration ?? timeline.lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    const length = isOnWeb(source) && options.end === undefined ? media.duration : undefined;
    const measured = length === undefined ? undefined : { reached: held.entry.pts + (duration ?? 0), length };
    const isWhole = exit.how === 'exited' && exit.code === 0 && !isCutOff(this.#ffmpeg.log, measured);
    if (measured !== undefined) this.#end = isWhole ? 'reached' : 'missed';
    await this.#emit(held, duration, isWhole && !options.loop);
  }

  async #emit(read: ReadFrame, duration: number | undefined, isLast = false): Promise<void> {
    const { options, frames, timeline, window, onFrame } = this.#options;
    const place = timeline.place(read.entry.pts, read.time, duration);
    const isEmitted = await frames.emit(read, place, {
      ...{ isLive: false, isLast, room: read.entry.size, isPaced: options.realtime },
      isWanted: () => !this.#isInterrupted,
    });
    if (isEmitted) onFrame();
    else window.release(read.entry.size);
  }

  #judge(exit: Exit): string[] {
    const { source, tools, position, stallTimeout = 0 } = this.#options;
    const frames = source.recorded ? this.#options.frames.count : this.#options.live.received;
    if (this.#watch.hasStalled) {
      const silence = `sent no frame for ${stallTimeout / 1000} s after ${frames} frames`;
      throw new VideoError('SOURCE_STALLED', `${source.name} ${silence}: check the connection`);
    }
    const { log } = this.#ffmpeg;
    const { complaints } = judgeExit(exit, { source, tools, position, log, frames });
    if (this.#end === 'reached') return withoutHangUps(complaints);
    return this.#end === 'missed' && complaints.length === 0 ? ['the server hung up before the end'] : complaints;
  }
}
