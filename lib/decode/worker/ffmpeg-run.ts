import { VideoError } from '../../errors';
import { keepsTimestamps } from '../../ffmpeg/command';
import { judgeExit } from '../../ffmpeg/exit-verdict';
import { copiedCodec } from '../../ffmpeg/pictures';
import type { Probe } from '../../ffmpeg/probe';
import type { Exit, FfmpegProcess } from '../../ffmpeg/process';
import type { Window } from '../../flow/window';
import { isVideoCodec } from '../../frame/frame';
import { readImageHeader } from '../../frame/image-header';
import type { Clock } from '../../time/clock';
import { roundToMicroseconds } from '../../time/round';
import type { IndexEntry } from './frame-index';
import type { FrameSequence, ReadFrame } from './frame-sequence';
import { LiveConnection } from './live-connection';
import type { LiveFrames } from './live-frames';
import type { DecodeRequest } from './messages';
import { type AnnouncedPacket, PacketReader } from './packet-reader';
import { Packets } from './packets';
import { RecordedEnd } from './recorded-end';
import { StallWatch } from './stall-watch';
import type { Timeline } from './timeline';

/** How a run ended. `began too late`: after the position that was asked for, so that nothing of it was emitted. */
export type RunEnd = { how: 'read'; complaints: string[] } | { how: 'interrupted' } | { how: 'began too late' };

export interface FfmpegRunOptions extends Pick<DecodeRequest, 'tools' | 'source' | 'options'> {
  media: Probe;
  /** Decodes from `from` (ms), where packets are copied at or before `position`. */
  ffmpeg: FfmpegProcess;
  from: number;
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
  readonly #recordedEnd: RecordedEnd;
  /** Whether the images are the source's own JPEGs. */
  readonly #isCopy: boolean;
  /** Where they are packets of compressed video. */
  readonly #packets: Packets | undefined;
  #isInterrupted = false;
  /** Whether the `end` that was asked for is reached. */
  #isAtEnd = false;
  #firstDts: number | undefined;
  #firstAnnouncedAt: number | undefined;

  constructor(options: FfmpegRunOptions) {
    const { ffmpeg, clock, stallTimeout } = options;
    // Where few frames are asked for, few come; the first one after its successor has begun.
    const patience = stallTimeout === undefined ? undefined : stallTimeout + 2000 / (options.options.fps ?? Infinity);
    this.#options = options;
    const codec = copiedCodec(options.media, options.options);
    this.#isCopy = codec !== undefined;
    const { source, from } = options;
    const position = source.recorded ? options.position : Number.NEGATIVE_INFINITY;
    if (codec !== undefined && isVideoCodec(codec)) {
      this.#packets = new Packets({ codec, source, position, mayBeginEarlier: source.recorded && from > 0 });
    }
    this.#ffmpeg = ffmpeg;
    this.#recordedEnd = new RecordedEnd(options);
    this.#watch = new StallWatch(clock, patience, () => void this.#ffmpeg.kill());
  }

  /**
   * Emits the frames. Throws what `judgeExit` does, SOURCE_STALLED, and CODEC_UNSUPPORTED. ffmpeg is gone when it settles.
   */
  async finish(): Promise<RunEnd> {
    const { index, images } = this.#ffmpeg;
    try {
      const reader = new PacketReader(index, images);
      const held = this.#options.source.recorded ? await this.#readRecorded(reader) : await this.#readLive(reader);
      if (this.#isInterrupted) {
        if (held !== undefined) this.#options.window.release(held.entry.size);
        return { how: 'interrupted' };
      }
      if (this.#packets?.hasBegunTooLate) return { how: 'began too late' };
      const exit = this.#isAtEnd ? await this.#endEarly() : await this.#ffmpeg.exit;
      this.#packets?.end();
      if (this.#packets?.hasBegunTooLate) return { how: 'began too late' };
      if (held !== undefined) await this.#emitLast(held, exit);
      // An interruption that came meanwhile has ended ffmpeg itself.
      return this.#isInterrupted ? { how: 'interrupted' } : { how: 'read', complaints: this.#judge(exit) };
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
      if (this.#isBeyondEnd(entry)) return held;
      if (held !== undefined) {
        await this.#emit(held, entry.dts - held.entry.dts);
        held = undefined;
      }
      if (this.#isInterrupted || !(await window.acquire(entry.size))) return undefined;
      const data = await this.#watch.during(reader.read(entry));
      if (data === undefined) {
        window.release(entry.size);
        return undefined;
      }
      held = this.#frameOf(entry, data, Date.now());
      if (held === undefined) window.release(entry.size);
      if (this.#packets?.hasBegunTooLate) return undefined;
    }
    return held;
  }

  /** Passes all frames on as they come. A live frame is shown now; how long it lasts is a guess from the one before. */
  async #readLive(reader: PacketReader): Promise<undefined> {
    const { live, window, media, clock, onFrame } = this.#options;
    const connection = new LiveConnection(media.format, live, window, clock);
    let lastDts: number | undefined;
    const next = () => this.#watch.during(reader.next());
    for (let packet = await next(); packet !== undefined; packet = await next()) {
      const entry = this.#timed(packet);
      if (this.#isBeyondEnd(entry)) break;
      if (!(await connection.ready(entry.size))) break;
      const data = await this.#watch.during(reader.read(entry));
      if (this.#isInterrupted || data === undefined) {
        connection.miss(entry.size);
        break;
      }
      const frame = this.#frameOf(entry, data, packet.announcedAt);
      if (frame === undefined) {
        connection.miss(entry.size);
        continue;
      }
      const { dts } = frame.entry;
      const step = lastDts === undefined ? undefined : dts - lastDts;
      lastDts = dts;
      const duration = media.hasClock ? (entry.duration ?? step) : step;
      connection.take({ ...frame, pts: dts, at: packet.announcedAt, duration });
      onFrame();
    }
    connection.close();
  }

  /** The packet's time is that of its arrival where the source has no clock, and the encoder did not see to it. */
  #timed({ announcedAt, ...entry }: AnnouncedPacket): IndexEntry {
    const { media, options, from } = this.#options;
    if (!media.hasClock && this.#isCopy) {
      this.#firstAnnouncedAt ??= announcedAt;
      const pts = announcedAt - this.#firstAnnouncedAt;
      return { ...entry, pts, dts: pts, isTimed: true, duration: undefined };
    }
    // An image is decoded when it is seen.
    if (this.#packets === undefined) return { ...entry, dts: entry.pts };
    const offset = keepsTimestamps(media, options) ? 0 : from;
    return { ...entry, pts: roundToMicroseconds(entry.pts + offset), dts: roundToMicroseconds(entry.dts + offset) };
  }

  /**
   * Whether packets are at the end that was asked for (ffmpeg sees to that itself where it decodes): in the order of decoding, so
   * that all that is seen before is there.
   */
  #isBeyondEnd({ dts }: IndexEntry): boolean {
    const { source, options, from } = this.#options;
    if (this.#packets === undefined || options.end === undefined) return false;
    // Where it began too late, that is what counts.
    if (source.recorded && from > 0 && !this.#packets.hasBegun) return false;
    this.#firstDts ??= dts;
    this.#isAtEnd = dts - (source.recorded ? 0 : this.#firstDts) >= options.end * 1000;
    return this.#isAtEnd;
  }

  /** Ends an ffmpeg that has given all that was asked for. */
  async #endEarly(): Promise<Exit> {
    await this.#ffmpeg.kill();
    return { how: 'exited', code: 0 };
  }

  /** Undefined where a packet is no frame of the session. */
  #frameOf(entry: IndexEntry, data: ArrayBuffer, time: number): ReadFrame | undefined {
    if (this.#packets === undefined) return { entry: this.#sized(entry, data), data, time };
    const frame = this.#packets.take(entry, data);
    return frame === undefined ? undefined : { ...frame, time };
  }

  /** JPEGs that are passed on as they are may differ in size from those that were probed. */
  #sized(entry: IndexEntry, data: ArrayBuffer): IndexEntry {
    const header = this.#isCopy ? readImageHeader(new Uint8Array(data)) : undefined;
    return header === undefined ? entry : { ...entry, width: header.width, height: header.height };
  }

  async #emitLast(held: ReadFrame, exit: Exit): Promise<void> {
    const { timeline, media, options } = this.#options;
    const duration =
      held.entry.duration ?? timeline.lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    const isWell = exit.how === 'exited' && exit.code === 0;
    const isWhole =
      isWell && (this.#isAtEnd || (await this.#recordedEnd.isReachedBy(held.entry, duration, this.#ffmpeg.log)));
    await this.#emit(shown(held), duration, isWhole && !options.loop);
  }

  async #emit(read: ReadFrame, duration: number | undefined, isLast = false): Promise<void> {
    const { options, frames, timeline, window, onFrame } = this.#options;
    const place = timeline.place(read.entry.dts, read.time, duration);
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
    return this.#recordedEnd.complaints(complaints);
  }
}

/** The last packet is shown wherever it is, as where all of them come before the position asked for. */
function shown(read: ReadFrame): ReadFrame {
  return read.packet === undefined ? read : { ...read, packet: { ...read.packet, isPreroll: false } };
}
