import { VideoError } from '../errors';
import { type Frame, isVideoCodec } from '../frame/frame';
import { CredibleTimes, type TimeRange, union } from '../time/credible-times';
import { SessionMap, type SessionSpan } from './session-map';

/** Where a frame lies in a Kafka topic. */
export interface Place {
  partition: number;
  offset: string;
}

/** Whether a place lies before another that is known. */
export function isBefore(place: Place | undefined, other: Place | undefined): boolean {
  if (place === undefined || other === undefined || place.partition !== other.partition) return false;
  return BigInt(place.offset) < BigInt(other.offset);
}

/** Where to seek, as kafka-frame-in takes it. */
export type SeekPosition = 'beginning' | 'end' | { time: number } | { offset: string; partition: number };

/** A time in ms since the epoch, an end of the topic, or a moment of a session: `pts` in ms of video. */
export type SeekTarget = number | 'beginning' | 'end' | { session: string; pts: number };

/** Records that a consumer may rather be let pass over than be made to seek. */
const fewRecords = 500n;
/** Ms within which a consumer has sought; whatever comes later is shown, wherever it is from. */
const seekPatience = 3000;

/**
 * What is known of the topic that feeds a display, and which frames are still from before a seek: the consumer goes on
 * reading until it has sought, and what it has read until then is of no interest any more.
 */
export class TimeShift {
  #range: TimeRange | undefined;
  /** What was told of it. */
  #told: TimeRange | undefined;
  readonly #times = new CredibleTimes();
  readonly #sessions = new SessionMap(this.#times);
  /** Newest frame taken of each stream. */
  readonly #newest = new Map<string, Frame>();
  /** Newest place read of each partition. */
  readonly #reached = new Map<number, Place>();
  /** What lies before it in its partition is of no interest. */
  #target: Place | undefined;
  /** The moment of a session that was sought, until it is reached. */
  #moment: { session: string; pts: number } | undefined;
  #soughtAt = Number.NEGATIVE_INFINITY;
  /** The seek that the newest frame came after, as its reader says; undefined for a reader that does not say. */
  #seek: unknown;
  #seekBefore: unknown;
  /** For each stream that ran when it was sought: the newest frame from before. */
  #before = new Map<string, Frame>();

  /** What the topic holds, as far as was told or seen; undefined for frames that come from elsewhere. */
  get range(): TimeRange | undefined {
    return this.#range;
  }

  /** What there is to say of the topic. */
  get report(): { range?: TimeRange; sessions?: SessionSpan[] } {
    return this.#range === undefined ? {} : { range: this.#range, sessions: this.#sessions.within(this.#range) };
  }

  /** Where to seek what a command asks for. Throws BAD_OPTION for a session that is not known. */
  positionOf(target: SeekTarget): SeekPosition {
    if (typeof target === 'string') return target;
    if (typeof target === 'number') return { time: target };
    const time = this.#sessions.timeOf(target.session, target.pts);
    if (time !== undefined) return { time };
    throw new VideoError(
      'BAD_OPTION',
      `Session "${target.session}" is not known: no frame of it was read from a topic.`,
    );
  }

  setRange(range: TimeRange): void {
    this.#told = range;
    this.#range = range;
  }

  /**
   * A frame that was read from the topic. The range is what its reader says of it, or grows with what is seen; not by a few
   * frames whose time is far from that of all others.
   */
  notePlace(frame: Frame, said?: TimeRange): void {
    const { time } = frame;
    this.#times.note({ begin: time, end: time });
    this.#sessions.note(frame);
    this.#told = said ?? this.#told;
    const own = this.#times.has(time) ? { begin: time, end: time } : undefined;
    const seen = said === undefined ? this.#times.range : own;
    this.#range = seen === undefined ? this.#told : union(this.#told, seen);
  }

  /** What lies before this place is of no interest any more. Tells whether the consumer, which reads on, had better seek it. */
  skipTo(place: Place): boolean {
    this.#target = place;
    const reached = this.#reached.get(place.partition);
    return reached !== undefined && BigInt(place.offset) - BigInt(reached.offset) > fewRecords;
  }

  /** The consumer is told to seek at `now`, for this target. */
  noteSeek(now: number, target?: SeekTarget): void {
    this.#moment = typeof target === 'object' && 'pts' in target ? { ...target } : undefined;
    this.#target = undefined;
    this.#soughtAt = now;
    this.#before = new Map(this.#newest);
    this.#seekBefore = this.#seek;
  }

  /**
   * Whether a frame that comes at `now` is to be shown. `seek`: the last seek its reader had done when it read it; `place`:
   * where it read it.
   */
  admits(frame: Frame, now: number, seek?: unknown, place?: Place): boolean {
    if (place !== undefined) this.#reached.set(place.partition, place);
    this.#newest.set(frame.stream, frame);
    this.#seek = seek;
    if (isBefore(place, this.#target)) return false;
    if (this.#before.size === 0) return true;
    const before = this.#before.get(frame.stream);
    const isSought = seek !== this.#seekBefore;
    const goesOn =
      !isSought && before !== undefined && frame.session === before.session && frame.seq === before.seq + 1;
    if (goesOn && now - this.#soughtAt < seekPatience) {
      this.#before.set(frame.stream, frame);
      return false;
    }
    this.#before.clear();
    return true;
  }

  /**
   * Whether a frame of compressed video only leads to the moment sought: it is to be decoded and not shown. Where a camera's or a
   * file's packets were read together, their records have the same time, so the reader comes to a place before it.
   */
  leadsToMoment(frame: Frame): boolean {
    const moment = this.#moment;
    if (moment === undefined || !isVideoCodec(frame.codec) || frame.session !== moment.session) return false;
    const { pts, dts = pts, duration = 0 } = frame;
    if (dts >= moment.pts) this.#moment = undefined;
    // The last picture stays, wherever after it somebody seeks.
    const end = this.#sessions.endOf(moment.session) ?? moment.pts;
    return pts + duration <= Math.min(moment.pts, end - 1);
  }

  /** Streams that are gone take no room. */
  forget(stream: string): void {
    this.#newest.delete(stream);
    this.#before.delete(stream);
  }
}
