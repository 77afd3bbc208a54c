/** A picture that is ready to be painted. */
export interface Presentable {
  number: number;
  /** Local time in ms when it should be seen; -Infinity for as soon as possible. */
  due: number;
}

/** Ms a screen's refresh may be early or late for a picture: half of what 60 Hz leaves between two. */
const halfRefresh = 8;
/** Pictures kept; with two on the way to a page at a time, and a short lead, there are never as many. */
const maxPictures = 16;

/** Decides at each refresh of the screen which picture is painted. Pictures are painted in order, each once. */
export class PresentationQueue<T extends Presentable> {
  readonly #release: (picture: T) => void;
  #pictures: T[] = [];
  #painted = 0;
  /** The picture after which those that are not painted count as skipped; undefined until one is painted. */
  #countedTo: number | undefined;
  #skipped = 0;

  /** `release` is called with each picture that is passed over. */
  constructor(release: (picture: T) => void) {
    this.#release = release;
  }

  get length(): number {
    return this.#pictures.length;
  }

  /** Pictures that were shown there, and not painted here, between those that were. */
  get skipped(): number {
    return this.#skipped;
  }

  /** What comes next follows on nothing: nobody was looking. */
  interrupt(): void {
    this.#countedTo = undefined;
  }

  /** Takes a picture; they may come in any order. */
  push(picture: T): void {
    if (picture.number <= this.#painted) {
      this.#release(picture);
      return;
    }
    const place = this.#pictures.findIndex(({ number }) => number > picture.number);
    this.#pictures.splice(place < 0 ? this.#pictures.length : place, 0, picture);
    if (this.#pictures.length > maxPictures) this.#release(this.#pictures.shift() as T);
  }

  /**
   * The picture to be painted at `now`; undefined when none is due. Of several that are due the oldest is painted,
   * unless the one after it is late already: so a picture that falls between two refreshes costs no other.
   */
  take(now: number): T | undefined {
    const late = this.#pictures.findLastIndex(({ due }) => due <= now - halfRefresh);
    for (const passed of this.#pictures.splice(0, Math.max(0, late))) this.#release(passed);
    const [picture] = this.#pictures;
    if (picture === undefined || picture.due > now + halfRefresh) return undefined;
    this.#pictures.shift();
    this.#painted = picture.number;
    this.#skipped += picture.number - (this.#countedTo ?? picture.number - 1) - 1;
    this.#countedTo = picture.number;
    return picture;
  }

  clear(): void {
    for (const picture of this.#pictures.splice(0)) this.#release(picture);
    this.#painted = 0;
    this.interrupt();
  }
}
