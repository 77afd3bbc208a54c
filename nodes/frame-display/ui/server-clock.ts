/** Answers kept: at about one question a second, clocks cannot drift apart noticeably in that time. */
const maxSamples = 12;

/**
 * What time it is on a server's clock, seen from a page: each answer to "what time is it?" tells it to within half of
 * its round trip, so the quickest of the latest answers counts (as in NTP).
 */
export class ServerClock {
  readonly #samples: { roundTrip: number; offset: number }[] = [];

  /** An answer: `asked` and `answered` by the local clock, `time` by the server's, all in ms. */
  note(asked: number, time: number, answered: number): void {
    const roundTrip = answered - asked;
    this.#samples.push({ roundTrip, offset: time - (asked + roundTrip / 2) });
    if (this.#samples.length > maxSamples) this.#samples.shift();
  }

  /** Local time of a time on the server's clock; undefined before the first answer. */
  toLocal(time: number): number | undefined {
    const best = this.#best();
    return best === undefined ? undefined : time - best.offset;
  }

  /** Ms there and back, at best; undefined before the first answer. */
  get roundTrip(): number | undefined {
    return this.#best()?.roundTrip;
  }

  /** Another server, or the same one restarted. */
  reset(): void {
    this.#samples.length = 0;
  }

  #best() {
    return this.#samples.reduce<{ roundTrip: number; offset: number } | undefined>(
      (best, sample) => (best === undefined || sample.roundTrip < best.roundTrip ? sample : best),
      undefined,
    );
  }
}
