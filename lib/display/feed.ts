import type { Clock, TimerHandle } from '../time/clock';

/** A frame as viewers get it. */
export interface Picture<M> {
  /** Which of the display's screens it is for. */
  screen: number;
  /** Counts what this screen has shown; it is what viewers acknowledge. */
  number: number;
  meta: M;
  data: Buffer;
  /** Frames until then that should have been on this screen, and were not. */
  missed?: number;
  /** When it was shown, by the display's clock. */
  shown: number;
  /** When it should be seen, by the display's clock; none for as soon as possible. */
  due?: number;
}

/** The way to one viewer. */
export interface Transport<M> {
  send(picture: Picture<M>): void;
  /** Whether it still has to take what it was given: then it is given nothing more. */
  isCongested?(): boolean;
}

/** Ms until a line that was congested is looked at again. */
const congestionWait = 200;
/** Pictures on the way to a viewer: one being decoded, one arriving meanwhile. */
const maxUnacknowledged = 2;

/** Ms a picture may take on a line that nothing is known of. */
const unknownTrip = 2000;

/**
 * What one viewer gets of one screen: always the newest picture, as fast as it acknowledges them and no faster.
 *
 * The second picture goes when the first has been on the way for half as long as the last one took. On a quick line
 * that is at once. On a slow one two pictures sent together would queue up, the second behind the first; so they are
 * spread evenly over the time a picture takes, which keeps the line as busy and each picture fresh.
 */
export class Feed<M> {
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

  /** Sends the picture if it is new: at once, or when there is room on the way and no newer one has come. */
  offer(picture: Picture<M>): void {
    if (this.#sent >= picture.number) return;
    this.#waiting = picture;
    this.#proceed();
  }

  /** The viewer has decoded the picture of this number, or passed it over for a newer one. */
  acknowledge(number: number): void {
    const acknowledged = this.#onTheWay.findLast((sent) => sent.number <= number);
    if (acknowledged === undefined) return;
    this.#trip = this.#clock.now() - acknowledged.sentAt;
    this.#onTheWay = this.#onTheWay.filter((sent) => sent.number > number);
    this.#proceed();
  }

  /** Nothing on the way is waited for any more, and nothing sent until the next offer. */
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
