/** Ms between two questions. */
export const questionInterval = 800;
/** Questions that may stay without an answer, on a quick line. */
const patience = 2;
/** Ms an answer may take as long as no picture has come: the first shows how slow the line is. */
const unknownTrip = 2000;

/**
 * Whether the node is still there, though its connection may seem to be: a line can go dead without a word, and a server can
 * hang. It is asked again and again, and everything that comes from it is an answer. On a slow line, where an answer waits
 * behind a picture, more time is given.
 *
 * Counts questions and no time: a page that was asleep, or throttled, has asked nothing meanwhile.
 */
export class Liveness {
  #unanswered = 0;
  #trip = unknownTrip;
  #hasPicture = false;

  /** Something came from the node. */
  noteAnswer(): void {
    this.#unanswered = 0;
  }

  /** An answer has taken so many ms, there and back. */
  noteTrip(ms: number): void {
    if (this.#hasPicture) this.#trip = ms;
  }

  /** A picture came. */
  notePicture(): void {
    if (!this.#hasPicture) this.#trip = 0;
    this.#hasPicture = true;
  }

  /** Asks once more; whether the node can still be taken to be there. */
  ask(): boolean {
    const isThere = this.#unanswered < patience + Math.ceil((2 * this.#trip) / questionInterval);
    this.#unanswered += 1;
    return isThere;
  }

  /** Another connection. */
  reset(): void {
    this.#unanswered = 0;
    this.#trip = unknownTrip;
    this.#hasPicture = false;
  }
}
