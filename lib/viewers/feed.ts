/** A frame as viewers get it. */
export interface Picture<M> {
  /** Which of the display's screens it is for. */
  screen: number;
  /** Counts what the display has shown on all screens; it is what viewers acknowledge. */
  number: number;
  meta: M;
  data: Buffer;
  /** When it was shown, by the display's clock. */
  shown: number;
  /** When it should be seen, by the display's clock; none for as soon as possible. */
  due?: number;
}

/** Pictures on the way to a viewer: one being decoded, one arriving meanwhile. */
const mostUnacknowledged = 2;

/** What one viewer gets of one screen: always the newest picture, as fast as it acknowledges them and no faster. */
export class Feed<M> {
  readonly #send: (picture: Picture<M>) => void;
  /** Number of the newest picture sent. */
  #sent = 0;
  /** Numbers sent and not acknowledged, oldest first. */
  #unacknowledged: number[] = [];

  constructor(send: (picture: Picture<M>) => void) {
    this.#send = send;
  }

  /** Sends the picture if it is new and there is room for it on the way. */
  offer(picture: Picture<M>): void {
    if (this.#sent >= picture.number || this.#unacknowledged.length >= mostUnacknowledged) return;
    this.#sent = picture.number;
    this.#unacknowledged.push(picture.number);
    this.#send(picture);
  }

  /** The viewer has decoded the picture of this number, or passed it over for a newer one. */
  acknowledge(number: number): void {
    this.#unacknowledged = this.#unacknowledged.filter((sent) => sent > number);
  }

  /** Nothing on the way is waited for any more. */
  forget(): void {
    this.#unacknowledged = [];
  }
}
