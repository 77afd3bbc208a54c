import { type Frame, isVideoCodec } from '../frame/frame';
import type { Playable } from './frame-queue';

/** Pictures that may be decoded before one that is shown ahead of them: what H.264 and HEVC allow at most. */
const mostAhead = 16;

/**
 * Puts pictures of compressed video, which come in decoding order, in the order in which they are shown. Each is let go as soon
 * as no earlier one can come: once decoding has reached its time. Whole images, which are decoded when they are shown, pass as
 * they come.
 */
export class PresentationOrder<T extends Playable> {
  /** By `pts`; all of one session. */
  #held: T[] = [];

  /** Takes a picture; returns those whose turn it is now, in order. A session's last picture shown becomes its `last`. */
  push(item: T): T[] {
    const { frame } = item;
    const released = this.#goesOnWith(frame) ? [] : this.#held.splice(0);
    const place = this.#held.findIndex((held) => held.frame.pts > frame.pts);
    this.#held.splice(place < 0 ? this.#held.length : place, 0, item);
    if (frame.last) return [...released, ...this.#end(item)];
    const decodedTo = (isVideoCodec(frame.codec) ? frame.dts : undefined) ?? frame.pts;
    const waiting = this.#held.findIndex((held) => held.frame.pts > decodedTo);
    const count = Math.max(waiting < 0 ? this.#held.length : waiting, this.#held.length - mostAhead);
    return [...released, ...this.#held.splice(0, count)];
  }

  /** Takes out and returns all pictures held that match. */
  remove(matches: (item: T) => boolean): T[] {
    const removed = this.#held.filter(matches);
    this.#held = this.#held.filter((item) => !removed.includes(item));
    return removed;
  }

  /** Whether the frame belongs to what is held: not where its source went somewhere else, which begins with a key frame. */
  #goesOnWith({ stream, session, key, pts }: Frame): boolean {
    const newest = this.#held.at(-1)?.frame;
    if (newest === undefined) return true;
    return stream === newest.stream && session === newest.session && !(key && pts <= newest.pts);
  }

  /** The last picture decoded need not be the last one shown. */
  #end(last: T): T[] {
    const all = this.#held.splice(0);
    const { last: _last, ...rest } = last.frame;
    last.frame = rest;
    const end = all.at(-1) as T;
    end.frame = { ...end.frame, last: true };
    return all;
  }
}
