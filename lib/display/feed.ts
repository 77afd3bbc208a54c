import type { Clock, TimerHandle } from '../time/clock';
import { congestionWait, type Picture, type Transport, type ViewerFeed } from './picture';

/** Pictures on the way to a viewer: one being decoded, one arriving meanwhile. */
const maxUnacknowledged = 2;

/** Ms a picture may take on a line that nothing is known of. */
const unknownTrip = 2000;

/**
 * What one viewer gets of one screen that shows whole images: always the newest picture, as fast as it acknowledges them and no
 * faster.
 *
 * The second picture goes when the first has been on the way for half as long as the last one took. On a quick line
 * that is at once. On a slow one two pictures sent together would queue up, the second behind the first; so they are
 * spread evenly over the time a picture takes, which keeps the line as busy and each picture fresh.
 */
export class Feed<M> implements ViewerFeed<M> {
  readonly #transport: Transport<M>;
  readonly #clock: Clock;
  /** Number of the newest picture sent. */
  #sent = 0;
  /** Sent and not acknowledged, oldest first. */
  #onTheWay: { number: number; sentAt: number }[] = [];
  /** The newest picture there was no room for. */
  #waiting: Picture<M> | undefined;
  /** Ms from sending to acknowledging, of the picture acknowledged last; before the first, as on a slow line. */
  #trip = unknownTrip;
  #timer: TimerHandle;

  constructor(transport: Transport<M>, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  offer(picture: Picture<M>): void {
    if (this.#sent >= picture.number) return;
    this.#waiting = picture;
    this.#proceed();
  }

  acknowledge(number: number): void {
    const acknowledged = this.#onTheWay.findLast((sent) => sent.number <= number);
    if (acknowledged === undefined) return;
    this.#trip = this.#clock.now() - acknowledged.sentAt;
    this.#onTheWay = this.#onTheWay.filter((sent) => sent.number > number);
    this.#proceed();
  }

  reset(): void {
    this.#onTheWay = [];
    this.#waiting = undefined;
    this.#clock.clearTimeout(this.#timer);
  }

  #proceed(): void {
    this.#clock.clearTimeout(this.#timer);
    const picture = this.#waiting;
    if (picture === undefined || this.#onTheWay.length >= maxUnacknowledged) return;
    const wait = this.#msToRoom();
    if (wait > 0) {
      this.#timer = this.#clock.setTimeout(() => this.#proceed(), wait);
      return;
    }
    this.#waiting = undefined;
    this.#sent = picture.number;
    this.#onTheWay.push({ number: picture.number, sentAt: this.#clock.now() });
    this.#transport.send(picture);
  }

  #msToRoom(): number {
    if (this.#transport.isCongested?.()) return congestionWait;
    const last = this.#onTheWay.at(-1);
    return last === undefined ? 0 : last.sentAt + this.#trip / 2 - this.#clock.now();
  }
}
