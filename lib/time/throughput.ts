import { type Clock, systemClock } from './clock';

/** What passed since a beginning. */
export interface Passed {
  frames: number;
  bytes: number;
}

/** Turns running totals into rates. */
export class Throughput {
  readonly #clock: Clock;
  #last: Passed & { at: number };

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#last = { frames: 0, bytes: 0, at: clock.now() };
  }

  /** The rates since the last call, rounded to tenths. */
  sample({ frames, bytes }: Passed): { framesPerSecond: number; megabytesPerSecond: number } {
    const at = this.#clock.now();
    const seconds = Math.max((at - this.#last.at) / 1000, 0.001);
    const perSecond = (amount: number) => Math.round((amount / seconds) * 10) / 10;
    const framesPerSecond = perSecond(frames - this.#last.frames);
    const megabytesPerSecond = perSecond((bytes - this.#last.bytes) / 1e6);
    this.#last = { frames, bytes, at };
    return { framesPerSecond, megabytesPerSecond };
  }
}
