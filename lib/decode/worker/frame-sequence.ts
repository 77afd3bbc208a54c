import type { Frame, VideoCodec } from '../../frame/frame';
import type { Clock } from '../../time/clock';
import { roundToMicroseconds } from '../../time/round';
import type { IndexEntry } from './frame-index';
import { withHuffmanTables } from './huffman';
import type { DecodeRequest } from './messages';
import { Pacer } from './pacer';
import { Pause } from './pause';
import type { Place } from './timeline';

/** A frame as read from ffmpeg. */
export interface ReadFrame {
  /** Its `dts` is its place in the session; of an image that is its `pts`, too. */
  entry: IndexEntry;
  data: ArrayBuffer;
  /** Set where it is a packet of compressed video. */
  packet?: PacketKind;
  /** When it was read, of a live source when it came in; ms since the epoch. */
  time: number;
}

/** What of a frame only packets have: see `Frame`. */
export interface PacketKind {
  codec: VideoCodec;
  isKey: boolean;
  profile: string | undefined;
  isPreroll: boolean;
}

export interface FrameKind {
  /** Whether its source has only the present. */
  isLive: boolean;
  /** Whether it is the session's last frame. */
  isLast: boolean;
  /** Bytes it takes up in the window until it is finished; 0 where it does not count. */
  room: number;
}

export interface EmitOptions extends FrameKind {
  /** Whether it waits for its time, as recorded. */
  isPaced: boolean;
  /** Asked once the frame is due: no drops it. */
  isWanted: () => boolean;
}

/** Takes a frame, its image, and the bytes it takes up in the window. */
type Emit = (frame: Frame, data: ArrayBuffer, room: number) => void;

/** A session's frames in order: numbers them, and emits each when it is due. */
export class FrameSequence {
  readonly #ids: Pick<DecodeRequest, 'stream' | 'session'>;
  readonly #emit: Emit;
  readonly #pacer: Pacer;
  readonly #pause = new Pause();
  #count = 0;
  #lastTime = Number.NEGATIVE_INFINITY;

  constructor({ stream, session }: Pick<DecodeRequest, 'stream' | 'session'>, clock: Clock, emit: Emit) {
    this.#ids = { stream, session };
    this.#emit = emit;
    this.#pacer = new Pacer(clock);
  }

  /** Frames emitted so far. */
  get count(): number {
    return this.#count;
  }

  get isPaused(): boolean {
    return this.#pause.isOn;
  }

  pause(): void {
    this.#pause.begin();
  }

  resume(): void {
    this.#pacer.restart();
    this.#pause.end();
  }

  /** A frame that waits for its time waits no longer. */
  skipWait(): void {
    this.#pacer.restart();
  }

  close(): void {
    this.#pacer.close();
    this.#pause.end();
  }

  /** Waits until the frame is due and emits it if it is still wanted then. Resolves with whether it was emitted. */
  async emit(read: ReadFrame, place: Place, { isPaced, isWanted, ...kind }: EmitOptions): Promise<boolean> {
    if (isPaced && !read.packet?.isPreroll) await this.#pacer.next(place.step);
    await this.#pause.over();
    if (!isWanted()) return false;
    this.emitNow(read, place, kind);
    return true;
  }

  emitNow(read: ReadFrame, { pts: place, duration }: Place, { isLive, isLast, room }: FrameKind): void {
    const { entry, data, packet } = read;
    // It orders the records, whatever becomes of the machine's clock.
    this.#lastTime = Math.max(this.#lastTime, read.time);
    const frame: Frame = {
      ...this.#ids,
      seq: this.#count,
      pts: roundToMicroseconds(place + entry.pts - entry.dts),
      ...(duration === undefined ? {} : { duration }),
      time: this.#lastTime,
      width: entry.width,
      height: entry.height,
      codec: packet?.codec ?? 'jpeg',
      ...(isLive ? { live: true as const } : {}),
      ...(isLast ? { last: true as const } : {}),
      ...(packet === undefined ? {} : packetFields(packet, place)),
    };
    this.#count += 1;
    this.#emit(frame, packet === undefined ? withHuffmanTables(data) : data, room);
  }
}

function packetFields({ isKey, profile, isPreroll }: PacketKind, dts: number): Partial<Frame> {
  return {
    dts,
    ...(isKey ? { key: true as const } : {}),
    ...(profile === undefined ? {} : { profile }),
    ...(isPreroll ? { preroll: true as const } : {}),
  };
}
