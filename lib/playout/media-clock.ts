import { VideoError } from '../errors';
import type { Clock } from '../time/clock';

/**
 * Maps video positions to the clock: anchored, at a certain time the video is at a certain position, and from there on
 * it runs at `speed`. Times are counted from the anchor and never summed up, so errors do not add up.
 */
export class MediaClock {
  readonly #clock: Clock;
  #anchor: { time: number; position: number } | undefined;
  #speed: number;

  constructor(clock: Clock, speed: number) {
    this.#clock = clock;
    this.#speed = validSpeed(speed);
  }

  get isAnchored(): boolean {
    return this.#anchor !== undefined;
  }

  /** Ms of video per ms. */
  get speed(): number {
    return this.#speed;
  }

  /** Says that the video is at `position` now. */
  anchorAt(position: number): void {
    this.#anchor = { time: this.#clock.now(), position };
  }

  release(): void {
    this.#anchor = undefined;
  }

  /** Says that the video is now where it was when it was anchored last: nothing went on meanwhile. */
  resume(): void {
    if (this.#anchor !== undefined) this.#anchor.time = this.#clock.now();
  }

  /** Anchors at the position of this moment, at most `end`, so that a new speed counts from here. */
  hold(end: number): void {
    if (this.#anchor === undefined) return;
    const { time, position } = this.#anchor;
    this.anchorAt(Math.min(position + (this.#clock.now() - time) * this.#speed, end));
  }

  /** Counts from `position` from now on, which is when it was. */
  rebaseAt(position: number): void {
    if (this.#anchor !== undefined) this.#anchor = { time: this.timeOf(position), position };
  }

  /** Takes effect from the anchor on. Throws BAD_OPTION when out of range. */
  setSpeed(speed: number): void {
    this.#speed = validSpeed(speed);
  }

  /** Clock time of a video position; now while nothing is anchored. */
  timeOf(position: number): number {
    if (this.#anchor === undefined) return this.#clock.now();
    return this.#anchor.time + (position - this.#anchor.position) / this.#speed;
  }
}

/** Throws BAD_OPTION unless it is a number from 0.1 to 16. */
export function validSpeed(speed: number): number {
  if (typeof speed === 'number' && speed >= 0.1 && speed <= 16) return speed;
  throw new VideoError('BAD_OPTION', `Speed ${speed} is out of range: give a number from 0.1 to 16.`);
}
