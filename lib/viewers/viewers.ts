import { type Clock, systemClock, type TimerHandle } from '../clock';

/** A frame as viewers get it: `number` counts what this display has shown and is what they acknowledge. */
export interface Picture<M> {
  number: number;
  meta: M;
  data: Buffer;
}

/** The way to one viewer. */
export interface Transport<M> {
  send(picture: Picture<M>): void;
}

export interface ViewersOptions {
  /** Called with the number of viewers when it has changed. */
  onCount?: (viewers: number, change: 'joined' | 'left') => void;
  clock?: Clock;
}

interface Viewer<M> {
  transport: Transport<M>;
  isVisible: boolean;
  /** Number of the newest picture sent. */
  sent: number;
  /** Numbers sent and not acknowledged, oldest first; at most `mostUnacknowledged`. */
  unacknowledged: number[];
  lastSeen: number;
}

/** Pictures on the way to a viewer: one being painted, one arriving meanwhile. */
const mostUnacknowledged = 2;
/** Ms without a sign of life until a viewer is forgotten. Viewers report every few seconds. */
export const viewerLifetime = 10_000;

/**
 * The browsers that watch one display. Each gets pictures as fast as it acknowledges them and no faster, always the
 * newest: a slow one skips pictures, it neither lags nor costs memory. Hidden ones get none.
 */
export class Viewers<M> {
  readonly #options: ViewersOptions;
  readonly #clock: Clock;
  readonly #viewers = new Map<string, Viewer<M>>();
  #newest: Picture<M> | undefined;
  #sweep: TimerHandle;

  constructor(options: ViewersOptions = {}) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get count(): number {
    return this.#viewers.size;
  }

  /** Adds a viewer, who gets the picture on screen at once. Joining again starts afresh. */
  join(id: string, transport: Transport<M>, isVisible = true): void {
    const isNew = !this.#viewers.has(id);
    const viewer = { transport, isVisible, sent: 0, unacknowledged: [], lastSeen: this.#clock.now() };
    this.#viewers.set(id, viewer);
    if (isNew) this.#options.onCount?.(this.count, 'joined');
    if (this.count === 1) this.#startSweep();
    this.#sendNewest(viewer);
  }

  /** Whether the viewer is known; tells that it lives. */
  touch(id: string): boolean {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined) return false;
    viewer.lastSeen = this.#clock.now();
    return true;
  }

  /** The viewer has painted the picture of this number, or passed it over for a newer one. */
  acknowledge(id: string, number: number): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined || !this.touch(id)) return;
    viewer.unacknowledged = viewer.unacknowledged.filter((sent) => sent > number);
    this.#sendNewest(viewer);
  }

  /** A hidden viewer gets nothing; seen again, it gets the newest picture. */
  setVisible(id: string, isVisible: boolean): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined || !this.touch(id)) return;
    viewer.isVisible = isVisible;
    // Pages that are hidden do not paint, so what was on its way may never be acknowledged.
    if (!isVisible) viewer.unacknowledged = [];
    else this.#sendNewest(viewer);
  }

  leave(id: string): void {
    if (!this.#viewers.delete(id)) return;
    if (this.count === 0) this.#clock.clearTimeout(this.#sweep);
    this.#options.onCount?.(this.count, 'left');
  }

  /** Shows a picture to everyone who keeps up. */
  show(meta: M, data: Buffer): void {
    this.#newest = { number: (this.#newest?.number ?? 0) + 1, meta, data };
    for (const viewer of this.#viewers.values()) this.#sendNewest(viewer);
  }

  /** Forgets all viewers. */
  async close(): Promise<void> {
    this.#viewers.clear();
    this.#clock.clearTimeout(this.#sweep);
    this.#newest = undefined;
  }

  #sendNewest(viewer: Viewer<M>): void {
    const picture = this.#newest;
    if (picture === undefined || !viewer.isVisible || viewer.sent >= picture.number) return;
    if (viewer.unacknowledged.length >= mostUnacknowledged) return;
    viewer.sent = picture.number;
    viewer.unacknowledged.push(picture.number);
    viewer.transport.send(picture);
  }

  #startSweep(): void {
    this.#clock.clearTimeout(this.#sweep);
    this.#sweep = this.#clock.setTimeout(() => {
      const oldest = this.#clock.now() - viewerLifetime;
      for (const [id, viewer] of [...this.#viewers]) if (viewer.lastSeen <= oldest) this.leave(id);
      if (this.count > 0) this.#startSweep();
    }, viewerLifetime / 10);
  }
}
