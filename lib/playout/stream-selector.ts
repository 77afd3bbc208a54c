import type { Frame } from '../frame/frame';

/** What becomes of an arriving frame, and which sessions that are queued already turn out to be in its way. */
export interface Admission {
  admitted: boolean;
  /** Whether a queued frame has to go because its stream runs beside the one that is followed. */
  isExpelled?: (frame: Frame) => boolean;
}

/**
 * Decides which frames of a mixed input belong to the one picture shown.
 *
 * With a name, that stream's. Without, one session after the other in order of arrival. Several sessions at once
 * cannot be told from successive ones until an earlier one goes on, so a newcomer is queued; when the earlier one
 * does go on, the newcomer is put aside until the earlier one is over.
 */
export class StreamSelector {
  /** The stream's name, '' for whichever comes. */
  readonly stream: string;
  /** Sessions in the order in which they are shown; the first is on screen. */
  #following: string[] = [];
  readonly #aside = new Set<string>();

  constructor(stream: string) {
    this.stream = stream;
  }

  admit(frame: Frame): Admission {
    if (this.stream !== '') return { admitted: frame.stream === this.stream };
    const session = sessionOf(frame);
    if (this.#aside.has(session)) return { admitted: false };
    const place = this.#following.indexOf(session);
    const beside = place < 0 ? [] : this.#following.splice(place + 1);
    for (const other of beside) this.#aside.add(other);
    if (place < 0) this.#following.push(session);
    if (frame.last) this.#following = this.#following.filter((followed) => followed !== session);
    return beside.length === 0
      ? { admitted: true }
      : { admitted: true, isExpelled: (queued) => beside.includes(sessionOf(queued)) };
  }

  /** A frame went on screen: sessions before its own are over. */
  noteShown(frame: Frame): void {
    const place = this.#following.indexOf(sessionOf(frame));
    if (place > 0) this.#following.splice(0, place);
  }

  /** Nothing is left to show: whoever was put aside may come now. */
  noteIdle(): void {
    this.#aside.clear();
  }
}

const sessionOf = (frame: Frame) => `${frame.stream}\n${frame.session}`;
