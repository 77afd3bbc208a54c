import type { DisplayItem, Screen } from './screen';

/** Screens of a wall; what comes beyond is dropped until one is free. */
export const maxScreens = 16;

export interface ScreenSetOptions<T extends DisplayItem> {
  /** A screen for each stream, instead of one for all. */
  isWall: boolean;
  /** Makes a screen; `id` is unique among all made so far. */
  makeScreen: (id: number) => Screen<T>;
  onAdded: (screen: Screen<T>) => void;
  /** A screen was removed, for good. */
  onRemoved: (id: number) => void;
}

/** The screens of a display, and which of them a stream is shown on. */
export class ScreenSet<T extends DisplayItem> implements Iterable<Screen<T>> {
  readonly #options: ScreenSetOptions<T>;
  readonly #screens: Screen<T>[] = [];
  #made = 0;

  constructor(options: ScreenSetOptions<T>) {
    this.#options = options;
  }

  [Symbol.iterator](): Iterator<Screen<T>> {
    return this.#screens.values();
  }

  get first(): Screen<T> | undefined {
    return this.#screens[0];
  }

  get length(): number {
    return this.#screens.length;
  }

  /** Whether a live stream is on any of them. */
  get isLive(): boolean {
    return this.#screens.some(({ playout }) => playout.live.viewpoint !== undefined);
  }

  add(): Screen<T> {
    const screen = this.#options.makeScreen(this.#made);
    this.#made += 1;
    this.#screens.push(screen);
    this.#options.onAdded(screen);
    return screen;
  }

  /** The screen for a stream; undefined where there is none. `selected`: the only stream to be shown; '' for all. */
  screenFor(stream: string, selected: string): Screen<T> | undefined {
    if (!this.#options.isWall) return this.first;
    if (selected !== '' && stream !== selected) return undefined;
    const own = this.#screens.find((screen) => screen.stream === stream) ?? this.#claim();
    own?.dedicate(stream);
    return own;
  }

  /** Shows a stream, or with '' whichever comes; on a wall it alone, or all. */
  select(stream: string): void {
    if (!this.#options.isWall) this.first?.playout.setStream(stream);
    else if (stream !== '') this.#keepOnly(stream);
  }

  async close(): Promise<void> {
    await Promise.all(this.#screens.map((screen) => screen.close()));
  }

  #keepOnly(stream: string): void {
    for (const screen of [...this.#screens]) if (screen.stream !== stream) this.#remove(screen);
    if (this.#screens.length === 0) this.add();
  }

  /** A screen for a stream that has none: one that was never used, a new one, or one whose stream is over. */
  #claim(): Screen<T> | undefined {
    const unused = this.#screens.find((screen) => screen.stream === '' && !screen.isDedicated);
    if (unused !== undefined) return unused;
    if (this.#screens.length >= maxScreens) {
      const over = this.#screens.find(({ playout }) => playout.state === 'ended' || playout.state === 'waiting');
      if (over === undefined) return undefined;
      this.#remove(over);
    }
    return this.add();
  }

  /** What waits for it is given back; its frames go no further. */
  #remove(screen: Screen<T>): void {
    this.#screens.splice(this.#screens.indexOf(screen), 1);
    screen.playout.flush();
    void screen.close();
    this.#options.onRemoved(screen.id);
  }
}
