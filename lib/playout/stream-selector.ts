import type { Frame } from '../frame/frame';
import { sessionKey } from '../frame/name';
import { RecentMap } from '../recent-map';

/** What becomes of an arriving frame, and which sessions that are queued already turn out to be in its way. */
export interface Admission {
  admitted: boolean;
  /** Whether a queued frame has to go because its stream runs beside the one that is followed. */
  isExpelled?: (frame: Frame) => boolean;
}

/** Sessions that are told apart; who sends more than these at a time sees the oldest of them come back. */
const maxSessions = 1000;

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
  readonly #aside = new RecentMap<string, true>(maxSessions);

  constructor(stream: string) {
    this.stream = stream;
  }

  admit(frame: Frame): Admission {
    if (this.stream !== '') return { admitted: frame.stream === this.stream };
    const session = sessionKey(frame);
    if (this.#aside.get(session)) return { admitted: false };
    const place = this.#following.indexOf(session);
    const beside = place < 0 ? [] : this.#following.splice(place + 1);
    for (const other of beside) this.#aside.set(other, true);
    if (place < 0) this.#following.push(session);
    // The one on screen stays.
    if (this.#following.length > maxSessions) this.#following.splice(1, 1);
    if (frame.last) this.#following = this.#following.filter((followed) => followed !== session);
    return beside.length === 0
      ? { admitted: true }
      : { admitted: true, isExpelled: (queued) => beside.includes(sessionKey(queued)) };
  }

  /** A frame went on screen: sessions before its own are over. */
  noteShown(frame: Frame): void {
    const place = this.#following.indexOf(sessionKey(frame));
    if (place > 0) this.#following.splice(0, place);
  }

  /** Nothing is left to show: whoever was put aside may come now. */
  noteIdle(): void {
    this.#aside.clear();
  }
}
