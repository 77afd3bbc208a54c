import type { VideoError } from '../errors';
import type { VideoCodec } from '../frame/frame';
import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { Feed } from './feed';
import type { Packet } from './packet-chain';
import { PacketFeed } from './packet-feed';
import type { Picture, Transport, ViewerFeed } from './picture';
import { type OpenDecoder, PictureDecoding } from './picture-decoding';

export interface ViewersOptions {
  /** Called with the number of viewers when it has changed. */
  onCount?: (viewers: number, change: 'joined' | 'left') => void;
  /** Decodes compressed video for those who cannot; without it, they see none. */
  openDecoder?: OpenDecoder;
  /** It could not. */
  onError?: (error: VideoError) => void;
  clock?: Clock;
}

interface Viewer<M> {
  transport: Transport<M>;
  isVisible: boolean;
  /** The only screen looked at; undefined for all. */
  screen: number | undefined;
  /** Compressed video that it can decode; undefined while that is not known: then it gets none. */
  decodes: readonly VideoCodec[] | undefined;
  /** By screen. */
  feeds: Map<number, ViewerFeed<M>>;
  lastSeen: number;
}

const isSeen = ({ screen }: { screen?: number }, other: number) => screen === undefined || screen === other;

/** What the viewer takes: compressed video as it is where it can decode that, whole images otherwise. */
function takes<M>({ decodes }: Viewer<M>, { packet }: Picture<M>): 'packets' | 'images' | undefined {
  if (packet === undefined) return 'images';
  if (decodes === undefined) return undefined;
  return decodes.some((codec) => codec === packet.frame.codec) ? 'packets' : 'images';
}

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
  /** By screen, where there are viewers that cannot decode what is on it. */
  readonly #decodings = new Map<number, PictureDecoding<M>>();
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
  join(id: string, transport: Transport<M>, isVisible = true, screen?: number, decodes?: readonly VideoCodec[]): void {
    const isNew = !this.#viewers.has(id);
    const viewer = { transport, isVisible, screen, decodes, feeds: new Map(), lastSeen: this.#clock.now() };
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

  /** The viewer cannot decode what it was sent last of this screen. */
  skipToKey(id: string, screen: number): void {
    if (!this.touch(id)) return;
    const feed = this.#viewers.get(id)?.feeds.get(screen);
    if (feed instanceof PacketFeed) feed.skipToKey();
  }

  /**
   * A hidden viewer gets nothing, one that looks at one screen nothing of others; seen again, it gets the newest pictures.
   * `decodes`: the compressed video that it can decode.
   */
  setVisible(id: string, isVisible: boolean, screen?: number, decodes?: readonly VideoCodec[]): void {
    const viewer = this.#viewers.get(id);
    if (viewer === undefined || !this.touch(id)) return;
    Object.assign(viewer, { isVisible, screen, decodes });
    for (const other of viewer.feeds.keys()) if (!isSeen(viewer, other)) forget(viewer, other);
    // Pages that are hidden may not decode, so what was on its way may never be acknowledged.
    if (isVisible) this.#sendAll(viewer);
    else this.#resetFeeds(id);
    for (const other of [...this.#decodings.keys()]) this.#restUnneeded(other);
  }

  leave(id: string): void {
    this.#resetFeeds(id);
    if (!this.#viewers.delete(id)) return;
    for (const screen of [...this.#decodings.keys()]) this.#restUnneeded(screen);
    if (this.count === 0) this.#clock.clearTimeout(this.#sweep);
    this.#options.onCount?.(this.count, 'left');
  }

  /** Shows a picture on a screen to everyone who keeps up; `due`, `missed` and `packet` as in `Picture`. */
  show(screen: number, meta: M, data: Buffer, due?: number, missed = 0, packet?: Packet): void {
    const number = (this.#shown.get(screen) ?? 0) + 1;
    this.#shown.set(screen, number);
    const picture = { screen, number, meta, data, missed, shown: this.#clock.now(), due, packet };
    this.#newest.set(screen, picture);
    for (const viewer of this.#viewers.values()) this.#send(viewer, picture);
    if (this.#needsDecoding(picture)) this.#decode(picture);
    else this.#decodings.get(screen)?.rest();
  }

  /** Takes a screen away, for good. */
  clear(screen: number): void {
    this.#newest.delete(screen);
    this.#shown.delete(screen);
    this.#closeDecoding(screen);
    for (const viewer of this.#viewers.values()) forget(viewer, screen);
  }

  /** Forgets all viewers. */
  async close(): Promise<void> {
    for (const id of this.#viewers.keys()) this.#resetFeeds(id);
    this.#viewers.clear();
    this.#newest.clear();
    this.#clock.clearTimeout(this.#sweep);
    const decodings = [...this.#decodings.values()];
    this.#decodings.clear();
    await Promise.all(decodings.map((decoding) => decoding.close()));
  }

  #sendAll(viewer: Viewer<M>): void {
    for (const picture of this.#newest.values()) {
      this.#send(viewer, picture);
      if (!this.#mustDecodeFor(viewer, picture)) continue;
      const { newest } = this.#decodings.get(picture.screen) ?? {};
      if (newest?.number === picture.number) this.#sendImage(viewer, newest);
      else this.#decode(picture);
    }
  }

  #send(viewer: Viewer<M>, picture: Picture<M>): void {
    if (!viewer.isVisible || !isSeen(viewer, picture.screen)) return;
    const taken = takes(viewer, picture);
    if (taken === 'packets') this.#feedOf(viewer, picture.screen, PacketFeed).offer(picture);
    else if (taken === 'images' && picture.packet === undefined) this.#sendImage(viewer, picture);
  }

  #sendImage(viewer: Viewer<M>, picture: Picture<M>): void {
    this.#feedOf(viewer, picture.screen, Feed).offer(picture);
  }

  #feedOf(viewer: Viewer<M>, screen: number, Kind: typeof Feed | typeof PacketFeed): ViewerFeed<M> {
    const before = viewer.feeds.get(screen);
    if (before instanceof Kind) return before;
    before?.reset();
    const feed = new Kind<M>(viewer.transport, this.#clock);
    viewer.feeds.set(screen, feed);
    return feed;
  }

  #mustDecodeFor(viewer: Viewer<M>, picture: Picture<M>): boolean {
    if (!viewer.isVisible || !isSeen(viewer, picture.screen) || picture.packet === undefined) return false;
    return takes(viewer, picture) === 'images';
  }

  #needsDecoding(picture: Picture<M>): boolean {
    return [...this.#viewers.values()].some((viewer) => this.#mustDecodeFor(viewer, picture));
  }

  #decode(picture: Picture<M>): void {
    const { openDecoder, onError } = this.#options;
    if (openDecoder === undefined) return;
    let decoding = this.#decodings.get(picture.screen);
    if (decoding === undefined) {
      const onPicture = (decoded: Picture<M>) => {
        const shown = this.#newest.get(decoded.screen);
        if (shown === undefined) return;
        for (const viewer of this.#viewers.values()) {
          if (this.#mustDecodeFor(viewer, shown)) this.#sendImage(viewer, decoded);
        }
      };
      decoding = new PictureDecoding<M>({
        ...{ openDecoder, onPicture, onError: (error) => onError?.(error) },
        clock: this.#clock,
      });
      this.#decodings.set(picture.screen, decoding);
    }
    decoding.show(picture);
  }

  #restUnneeded(screen: number): void {
    const picture = this.#newest.get(screen);
    if (picture === undefined || !this.#needsDecoding(picture)) this.#decodings.get(screen)?.rest();
  }

  #closeDecoding(screen: number): void {
    const decoding = this.#decodings.get(screen);
    this.#decodings.delete(screen);
    void decoding?.close();
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
