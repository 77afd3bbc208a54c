import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { Feed, type Picture, type Transport } from './feed';

export interface ViewersOptions {
  /** Called with the number of viewers when it has changed. */
  onCount?: (viewers: number, change: 'joined' | 'left') => void;
  clock?: Clock;
}

interface Viewer<M> {
  transport: Transport<M>;
  isVisible: boolean;
  /** The only screen looked at; undefined for all. */
  screen: number | undefined;
  /** By screen. */
  feeds: Map<number, Feed<M>>;
  lastSeen: number;
}

const isSeen = ({ screen }: { screen?: number }, other: number) => screen === undefined || screen === other;

/** What the viewer had of this screen is gone from its page. */
function forget<M>({ feeds }: Viewer<M>, screen: number): void {
  feeds.get(screen)?.reset();
  feeds.delete(screen);
}

/** Ms without a sign of life until a viewer is forgotten. Viewers report every few seconds. */
export const viewerLifetime = 10_000;
const sweepInterval = viewerLifetime / 20;

/**
 * The browsers that watch one display. Each gets pictures as fast as it acknowledges them and no faster, always the
 * newest: a slow one skips pictures, it neither lags nor costs memory. Hidden ones get none.
 */
export class Viewers<M> {
  readonly #options: ViewersOptions;
  readonly #clock: Clock;
  readonly #viewers = new Map<string, Viewer<M>>();
  /** What is on each screen. */
  readonly #newest = new Map<number, Picture<M>>();
  /** Pictures shown so far, by screen. */
  readonly #shown = new Map<number, number>();
  #sweep: TimerHandle;

  constructor(options: ViewersOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get count(): number {
    return this.#viewers.size;
  }

  /** Adds a viewer, who gets the pictures on screen at once. Joining again starts afresh. */
  join(id: string, transport: Transport<M>, isVisible = true, screen?: number): void {
    const isNew = !this.#viewers.has(id);
    const viewer = { transport, isVisible, screen, feeds: new Map(), lastSeen: this.#clock.now() };
    this.#resetFeeds(id);
    this.#viewers.set(id, viewer);
    if (isNew) this.#options.onCount?.(this.count, 'joined');
    if (this.count === 1) this.#startSweep();
    this.#sendAll(viewer);
  }

  /** Whether the viewer is known; tells that it lives. */
  touch(id: string): boolean {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined) return false;
    viewer.lastSeen = this.#clock.now();
    return true;
  }

  /** The viewer has decoded the picture of this number, or passed it over for a newer one. */
  acknowledge(id: string, screen: number, number: number): void {
    if (this.touch(id)) this.#viewers.get(id)?.feeds.get(screen)?.acknowledge(number);
  }

  /** A hidden viewer gets nothing, one that looks at one screen nothing of others; seen again, it gets the newest pictures. */
  setVisible(id: string, isVisible: boolean, screen?: number): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined || !this.touch(id)) return;
    viewer.isVisible = isVisible;
    viewer.screen = screen;
    for (const other of viewer.feeds.keys()) if (!isSeen(viewer, other)) forget(viewer, other);
    // Pages that are hidden may not decode, so what was on its way may never be acknowledged.
    if (isVisible) this.#sendAll(viewer);
    else this.#resetFeeds(id);
  }

  leave(id: string): void {
    this.#resetFeeds(id);
    if (!this.#viewers.delete(id)) return;
    if (this.count === 0) this.#clock.clearTimeout(this.#sweep);
    this.#options.onCount?.(this.count, 'left');
  }

  /** Shows a picture on a screen to everyone who keeps up; `due` and `missed` as in `Picture`. */
  show(screen: number, meta: M, data: Buffer, due?: number, missed = 0): void {
    const number = (this.#shown.get(screen) ?? 0) + 1;
    this.#shown.set(screen, number);
    const picture = { screen, number, meta, data, missed, shown: this.#clock.now(), due };
    this.#newest.set(screen, picture);
    for (const viewer of this.#viewers.values()) this.#send(viewer, picture);
  }

  /** Takes a screen away, for good. */
  clear(screen: number): void {
    this.#newest.delete(screen);
    this.#shown.delete(screen);
    for (const viewer of this.#viewers.values()) forget(viewer, screen);
  }

  /** Forgets all viewers. */
  async close(): Promise<void> {
    for (const id of this.#viewers.keys()) this.#resetFeeds(id);
    this.#viewers.clear();
    this.#newest.clear();
    this.#clock.clearTimeout(this.#sweep);
  }

  #sendAll(viewer: Viewer<M>): void {
    for (const picture of this.#newest.values()) this.#send(viewer, picture);
  }

  #send(viewer: Viewer<M>, picture: Picture<M>): void {
    if (!viewer.isVisible || !isSeen(viewer, picture.screen)) return;
    let feed = viewer.feeds.get(picture.screen);
    if (feed === undefined) {
      feed = new Feed(viewer.transport, this.#clock);
      viewer.feeds.set(picture.screen, feed);
    }
    feed.offer(picture);
  }

  #resetFeeds(id: string): void {
    for (const feed of this.#viewers.get(id)?.feeds.values() ?? []) feed.reset();
  }

  #startSweep(): void {
    this.#clock.clearTimeout(this.#sweep);
    this.#sweep = this.#clock.setTimeout(() => {
      // Forgotten before its time is over rather than after.
      const oldest = this.#clock.now() + sweepInterval - viewerLifetime;
      for (const [id, viewer] of [...this.#viewers]) if (viewer.lastSeen < oldest) this.leave(id);
      if (this.count > 0) this.#startSweep();
    }, sweepInterval);
  }
}
