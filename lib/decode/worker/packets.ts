import { noStartError, noTimesError } from '../../ffmpeg/pictures';
import { AccessUnits } from '../../frame/access-units';
import type { VideoCodec } from '../../frame/frame';
import { readPacketHeader } from '../../frame/packet-header';
import type { Source } from '../../source/source';
import { roundToMicroseconds } from '../../time/round';
import type { IndexEntry } from './frame-index';
import type { ReadFrame } from './frame-sequence';

/** Pictures passed over that ffmpeg takes for key frames and browsers do not, after which no other is expected. */
const mostFalseStarts = 10;
/** Ms: what two packets are apart at least. */
const tick = 0.001;

export interface PacketsOptions {
  codec: VideoCodec;
  source: Source;
  /** Ms. What comes before is decoded, and not shown. */
  position: number;
  /** Whether the packets are those of a later place than was wanted, if they begin after `position`. */
  mayBeginEarlier: boolean;
}

/** The packets of one ffmpeg as a session's frames: from a key packet on, in an order that grows. */
export class Packets {
  readonly #options: PacketsOptions;
  readonly #units: AccessUnits;
  #state: 'before a key' | 'begun' | 'begun too late' = 'before a key';
  #falseStarts = 0;
  #passedOver = 0;
  #size: { width: number; height: number } | undefined;
  #lastDts = Number.NEGATIVE_INFINITY;

  constructor(options: PacketsOptions) {
    this.#options = options;
    this.#units = new AccessUnits(options.codec);
  }

  /** Whether frames were taken, the first of them a key packet. */
  get hasBegun(): boolean {
    return this.#state === 'begun';
  }

  /** Whether there is no key packet at the position asked for or before it: ffmpeg is to begin earlier. */
  get hasBegunTooLate(): boolean {
    return this.#state === 'begun too late';
  }

  /**
   * The frame of a packet that was read; undefined where it is none, or comes before the first key packet. Throws CODEC_UNSUPPORTED
   * where no packet will do.
   */
  take(entry: IndexEntry, bytes: ArrayBuffer): Omit<ReadFrame, 'time'> | undefined {
    const { codec, source, position } = this.#options;
    if (!entry.isTimed) throw noTimesError(source);
    const data = this.#units.arrange(Buffer.from(bytes));
    const header = readPacketHeader(codec, data);
    if (header === undefined) return undefined;
    if (this.#state !== 'begun' && !this.#begins(entry, header.key)) return undefined;
    if (header.width !== undefined && header.height !== undefined) {
      this.#size = { width: header.width, height: header.height };
    }
    const dts = roundToMicroseconds(Math.max(entry.dts, this.#lastDts + tick));
    this.#lastDts = dts;
    return {
      entry: { ...entry, ...this.#size, dts },
      data: data.buffer as ArrayBuffer,
      packet: { codec, isKey: header.key, profile: header.profile, isPreroll: entry.pts <= position - tick },
    };
  }

  /** The packets are at their end. Throws CODEC_UNSUPPORTED where there were some from the beginning on, but none to begin with. */
  end(): void {
    if (this.#state !== 'before a key') return;
    if (this.#options.mayBeginEarlier) this.#state = 'begun too late';
    else if (this.#passedOver > 0) throw noStartError(this.#options.source);
  }

  #begins({ pts, isKey: isFalseStart }: IndexEntry, isKey: boolean): boolean {
    const { position, mayBeginEarlier, source } = this.#options;
    if (mayBeginEarlier && pts > position) this.#state = 'begun too late';
    else if (isKey) this.#state = 'begun';
    else {
      this.#passedOver += 1;
      if (isFalseStart) this.#falseStarts += 1;
      if (this.#falseStarts >= mostFalseStarts) throw noStartError(source);
    }
    return this.#state === 'begun';
  }
}

/** Ms that ffmpeg begins before a position where it did not find the key frame before it; each time four times as many. */
const stepBack = 2000;

/**
 * Where ffmpeg is to begin to read packets from a position (ms), one place after the other until they begin at it or before it. Not
 * every container leads to the key frame before a place, and not every key frame of theirs is one for browsers.
 */
export function* placesBefore(position: number): Generator<number> {
  // In whole ms, which all time bases of containers can tell.
  const first = Math.floor(position);
  yield first;
  for (let back = stepBack, from = first; from > 0; back *= 4) {
    from = Math.max(0, first - back);
    yield from;
  }
}
