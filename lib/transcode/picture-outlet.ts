import type { EncodedFrame, Frame } from '../frame/frame';
import type { RawPicture } from './transcode-run';

export interface DecodedPicture extends RawPicture {
  /** What it was made of. */
  packet: Frame;
}

/** Takes a picture; the next one is not given before a promise that it returns has settled. */
export type TakePicture = (picture: EncodedFrame, packet: Frame) => void | Promise<void>;

/** Gives the pictures of one ffmpeg to whoever takes them, one after the other, and marks the last one of a session. */
export class PictureOutlet {
  readonly #take: TakePicture;
  readonly #done: Promise<void>;
  #resolveDone: () => void = () => {};
  #waiting: { picture: DecodedPicture; onTaken: () => void }[] = [];
  #isGiving = false;
  /** Whether the newest picture waits to be known as the last one. */
  #holdsLast = false;
  #state: 'open' | 'complete' | 'closed' = 'open';

  constructor(take: TakePicture) {
    this.#take = take;
    this.#done = new Promise((resolve) => {
      this.#resolveDone = resolve;
    });
  }

  /** `onTaken` is called when it has been taken. */
  give(picture: DecodedPicture, onTaken: () => void): void {
    if (this.#state !== 'open') return;
    this.#waiting.push({ picture, onTaken });
    this.#giveNext();
  }

  /** The session ends: of the pictures that are still to be given, the one that turns out to be the last is marked. */
  holdLast(): void {
    this.#holdsLast = true;
  }

  /** No more pictures come. Resolves when all are taken. */
  finish(): Promise<void> {
    if (this.#state === 'open') this.#state = 'complete';
    this.#giveNext();
    return this.#done;
  }

  /** Gives nothing any more; returns the packets of what was left. */
  close(): Frame[] {
    this.#state = 'closed';
    this.#resolveDone();
    return this.#waiting.splice(0).map(({ picture }) => picture.packet);
  }

  #giveNext(): void {
    if (this.#isGiving) return;
    const isComplete = this.#state === 'complete';
    const [next, afterwards] = this.#waiting;
    if (next === undefined) {
      if (isComplete) this.#resolveDone();
      return;
    }
    if (this.#holdsLast && afterwards === undefined && !isComplete) return;
    this.#waiting.shift();
    this.#isGiving = true;
    const isLast = this.#holdsLast && afterwards === undefined;
    void this.#give(next.picture, isLast).then(() => {
      this.#isGiving = false;
      next.onTaken();
      this.#giveNext();
    });
  }

  async #give({ packet, width, height, data }: DecodedPicture, isLast: boolean): Promise<void> {
    const { key: _key, dts: _dts, profile: _profile, last: _last, ...rest } = packet;
    const frame: Frame = { ...rest, width, height, codec: 'jpeg', ...(isLast && { last: true as const }) };
    await this.#take({ frame, data }, packet);
  }
}
