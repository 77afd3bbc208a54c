/** Ms after a look begins in which nothing counts: a page needs a moment to be as quick as it will be. */
const warmUp = 1000;

/** A picture that was painted, as far as it says how many were not. */
interface Painted {
  stream: string;
  session: string;
  /** Counts the pictures that were shown there. */
  number: number;
  /** Frames until then that could not even be shown there. */
  missed?: number;
}

/**
 * Counts the frames of a session that should have been seen here and were not: too many for this page, its line, or the
 * display. What came while nobody looked, or while the page was only getting started, counts for nothing.
 */
export class DropCount {
  #session: Pick<Painted, 'stream' | 'session'> = { stream: '', session: '' };
  #last: Painted | undefined;
  /** When the look began; local time in ms. */
  #since = 0;
  #count = 0;

  /** A picture was painted at `now`, in ms; the count then. */
  note(painted: Painted, now: number): number {
    const { stream, session } = painted;
    if (stream !== this.#session.stream || session !== this.#session.session) {
      this.#count = 0;
      this.interrupt();
    }
    this.#session = { stream, session };
    if (this.#last === undefined) this.#since = now;
    else if (now - this.#since > warmUp) this.#count += dropsBetween(this.#last, painted);
    this.#last = painted;
    return this.#count;
  }

  /** Nobody looks, or looks at something that stands still: what comes next follows on nothing. */
  interrupt(): void {
    this.#last = undefined;
  }
}

function dropsBetween(one: Painted, next: Painted): number {
  // A page that joins again is given the picture on screen once more.
  return Math.max(0, next.number - one.number - 1) + Math.max(0, (next.missed ?? 0) - (one.missed ?? 0));
}
