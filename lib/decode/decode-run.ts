import { type Clock, systemClock } from '../clock';
import { Window } from '../flow/window';
import type { Frame } from '../frame/frame';
import { type Capabilities, capabilitiesOf } from './capabilities';
import { decodeArguments } from './command';
import { judgeExit, noFramesError, quote } from './exit-verdict';
import { type Exit, FfmpegProcess } from './ffmpeg-process';
import { type IndexEntry, roundToMicroseconds } from './frame-index';
import { Gate } from './gate';
import type { DecodeRequest, DecoderReport, EndReason } from './messages';
import { Pacer } from './pacer';
import { PacketReader } from './packet-reader';
import { type Probe, probe } from './probe';

export interface DecodeRunContext {
  /** Takes what there is to tell; a frame's `data` is handed over for good. */
  report: (report: DecoderReport) => void;
  clock?: Clock;
}

/** A frame that was read and waits for what comes after it, to know its duration. */
interface Held {
  entry: IndexEntry;
  data: ArrayBuffer;
  time: number;
}

type PassEnd = 'end of source' | 'seek' | 'stopped';

/**
 * One session of a source, from opening to its end: ffmpeg is run once for each pass over the source. A pass ends
 * with the source, with a seek, or with a stop; a loop is one pass after the other within the same session. (ffmpeg's
 * own `-stream_loop` goes back to the file's beginning even where `-ss` said otherwise, and estimates durations.)
 *
 * A frame is read only when the window has room for it, so a flow that doesn't finish its frames holds ffmpeg.
 */
export class DecodeRun {
  readonly #request: DecodeRequest;
  readonly #report: DecodeRunContext['report'];
  readonly #window: Window;
  readonly #gate = new Gate();
  readonly #pacer: Pacer;
  #process: FfmpegProcess | undefined;
  /** What is to happen after the present pass is broken off. */
  #interruption: { what: 'seek'; position: number } | { what: 'stop' } | undefined;
  #seq = 0;
  /**
   * What is added to the source's timestamps (ms), so that they go on growing when a loop starts again.
   * Undefined at the beginning of another round, until its first frame tells.
   */
  #offset: number | undefined = 0;
  /** When the frame after the last one given out is due (ms, on the frames' own time scale). */
  #nextPts: number | undefined;
  #lastDuration: number | undefined;
  /** A damaged file is damaged on every pass of a loop; once is enough to say so. */
  #hasWarned = false;

  constructor(request: DecodeRequest, { report, clock = systemClock }: DecodeRunContext) {
    this.#request = request;
    this.#report = report;
    this.#window = new Window(request.limits);
    this.#pacer = new Pacer(clock);
  }

  /** Opens the source and gives out its frames. Throws VideoError; ffmpeg is gone when it settles. */
  async run(): Promise<EndReason> {
    const { tools, source, options, session } = this.#request;
    const capabilities = await capabilitiesOf(tools.ffmpeg);
    const media = await probe(tools, source);
    const { ffmpeg } = tools;
    this.#report({
      type: 'opened',
      opened: { ...media, session, ffmpeg, ffmpegVersion: capabilities.version },
    });

    const beginning = (options.start ?? 0) * 1000;
    let position = beginning;
    while (this.#interruption?.what !== 'stop') {
      const framesBefore = this.#seq;
      const passEnd = await this.#pass(media, capabilities, position);
      if (passEnd === 'stopped') break;
      if (passEnd === 'seek') {
        position = this.#takeSeek();
        continue;
      }
      if (!this.#loops) return 'end of source';
      // Sought to the very end, a loop goes on from the beginning; but from there, nothing means nothing.
      if (this.#seq === framesBefore && position === beginning) throw noFramesError(source, position);
      position = beginning;
      this.#offset = undefined;
    }
    return 'stopped';
  }

  /** A frame of `bytes` is finished: its room is free. */
  finished(bytes: number): void {
    this.#window.release(bytes);
  }

  pause(): void {
    this.#gate.close();
  }

  resume(): void {
    this.#pacer.restart();
    this.#gate.open();
  }

  /** Goes on at `position` (ms from the source's beginning). */
  seek(position: number): void {
    if (this.#interruption?.what === 'stop') return;
    this.#interruption = { what: 'seek', position };
    this.#pacer.restart();
    void this.#process?.kill();
  }

  stop(): void {
    this.#interruption = { what: 'stop' };
    this.#window.close();
    this.#pacer.close();
    this.#gate.open();
    void this.#process?.kill();
  }

  get #loops(): boolean {
    return this.#request.options.loop && this.#request.source.recorded;
  }

  async #pass(media: Probe, capabilities: Capabilities, position: number): Promise<PassEnd> {
    const { tools, source, options } = this.#request;
    const args = decodeArguments(source, media, options, capabilities, position);
    const ffmpeg = new FfmpegProcess(tools.ffmpeg, args);
    this.#process = ffmpeg;
    if (ffmpeg.pid !== undefined) this.#report({ type: 'spawned', pid: ffmpeg.pid });
    try {
      const held = await this.#readFrames(new PacketReader(ffmpeg.index, ffmpeg.images));
      if (this.#interruption !== undefined) {
        if (held !== undefined) this.#window.release(held.entry.size);
        return this.#passEnd();
      }
      const exit = await ffmpeg.exit;
      if (held !== undefined) await this.#giveLast(held, media, exit);
      // A seek or stop that came meanwhile still counts, and has ended ffmpeg itself.
      if (this.#interruption === undefined) this.#judge(exit, ffmpeg.log, position);
      return this.#passEnd();
    } finally {
      await ffmpeg.kill();
      this.#process = undefined;
      if (ffmpeg.pid !== undefined) this.#report({ type: 'gone', pid: ffmpeg.pid });
    }
  }

  #passEnd(): PassEnd {
    if (this.#interruption === undefined) return 'end of source';
    return this.#interruption.what === 'seek' ? 'seek' : 'stopped';
  }

  /** Gives out all frames but the last, which it returns: only its successor tells how long a frame lasts. */
  async #readFrames(reader: PacketReader): Promise<Held | undefined> {
    let held: Held | undefined;
    for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
      if (this.#interruption !== undefined) return held;
      if (held !== undefined) {
        await this.#give(held, entry.pts - held.entry.pts);
        held = undefined;
      }
      if (this.#interruption !== undefined || !(await this.#window.acquire(entry.size))) return undefined;
      const data = await reader.read(entry);
      if (data === undefined) {
        this.#window.release(entry.size);
        return undefined;
      }
      const read = { entry, data, time: Date.now() };
      if (this.#request.source.recorded) held = read;
      // A live frame is shown now; how long it lasts is a guess from the one before.
      else await this.#give(read, entry.duration ?? this.#lastDuration);
    }
    return held;
  }

  async #giveLast(held: Held, media: Probe, exit: Exit): Promise<void> {
    const isLast = exit.how === 'exited' && exit.code === 0 && !this.#loops;
    const duration =
      held.entry.duration ?? this.#lastDuration ?? (media.fps === undefined ? undefined : 1000 / media.fps);
    await this.#give(held, duration, isLast);
  }

  async #give({ entry, data, time }: Held, duration: number | undefined, isLast = false): Promise<void> {
    const { options, source, stream, session } = this.#request;
    this.#offset ??= (this.#nextPts ?? entry.pts) - entry.pts;
    const pts = roundToMicroseconds(entry.pts + this.#offset);
    if (options.realtime && source.recorded) {
      await this.#pacer.next(this.#nextPts === undefined ? 0 : pts - this.#nextPts + (this.#lastDuration ?? 0));
    }
    await this.#gate.pass();
    if (this.#interruption !== undefined) {
      this.#window.release(entry.size);
      return;
    }
    // A live source's clock may jump back; time between frames never does.
    const lasting = duration !== undefined && duration >= 0 ? roundToMicroseconds(duration) : this.#lastDuration;
    const frame: Frame = {
      stream,
      session,
      seq: this.#seq,
      pts,
      ...(lasting === undefined ? {} : { duration: lasting }),
      time,
      width: entry.width,
      height: entry.height,
      codec: 'jpeg',
      ...(isLast ? { last: true as const } : {}),
    };
    this.#seq += 1;
    this.#lastDuration = lasting;
    this.#nextPts = pts + (lasting ?? 0);
    this.#report({ type: 'frame', frame, data });
  }

  #takeSeek(): number {
    const position = this.#interruption?.what === 'seek' ? this.#interruption.position : 0;
    if (this.#interruption?.what === 'seek') this.#interruption = undefined;
    this.#offset = 0;
    this.#nextPts = undefined;
    return position;
  }

  #judge(exit: Exit, log: readonly string[], position: number): void {
    const { source, tools } = this.#request;
    const { complaints } = judgeExit(exit, { source, tools, position, log, frames: this.#seq });
    if (complaints.length === 0 || this.#hasWarned) return;
    this.#hasWarned = true;
    const message = `${source.name} is damaged or incomplete; ffmpeg gave ${this.#seq} frames of it${quote(complaints)}`;
    this.#report({ type: 'warning', message, log: complaints });
  }
}
