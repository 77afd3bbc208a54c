import type { Frame } from '../frame/frame';

/** Where a frame lies in a Kafka topic. */
export interface Place {
  partition: number;
  offset: string;
}

/** Wall-clock times in ms since the epoch. */
export interface TopicRange {
  begin: number;
  end: number;
}

/** Ms within which a consumer has sought; whatever comes later is shown, wherever it is from. */
const seekPatience = 3000;

/**
 * What is known of the topic that feeds a display, and which frames are still from before a seek: the consumer goes on
 * reading until it has sought, and what it has read until then is of no interest any more.
 */
export class TimeShift {
  #range: TopicRange | undefined;
  /** Newest frame taken of each stream. */
  readonly #newest = new Map<string, Frame>();
  #soughtAt = Number.NEGATIVE_INFINITY;
  /** The seek that the newest frame came after, as its reader says; undefined for a reader that does not say. */
  #seek: unknown;
  #seekBefore: unknown;
  /** For each stream that ran when it was sought: the newest frame from before. */
  #before = new Map<string, Frame>();

  /** What the topic holds, as far as was told or seen; undefined for frames that come from elsewhere. */
  get range(): TopicRange | undefined {
    return this.#range;
  }

  setRange(range: TopicRange): void {
    this.#range = range;
  }

  /** A frame that was read from the topic. The range is what its reader says of it, or grows with what is seen. */
  notePlace({ time }: Frame, said: TopicRange | undefined = this.#range): void {
    const { begin, end } = said ?? { begin: time, end: time };
    this.#range = { begin: Math.min(begin, time), end: Math.max(end, time) };
  }

  /** The consumer is told to seek at `now`. */
  noteSeek(now: number): void {
    this.#soughtAt = now;
    this.#before = new Map(this.#newest);
    this.#seekBefore = this.#seek;
  }

  /** Whether a frame that comes at `now` is to be shown. `seek`: the last seek its reader had done when it read it. */
  admits(frame: Frame, now: number, seek?: unknown): boolean {
    this.#newest.set(frame.stream, frame);
    this.#seek = seek;
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

  /** Streams that are gone take no room. */
  forget(stream: string): void {
    this.#newest.delete(stream);
    this.#before.delete(stream);
  }
}
