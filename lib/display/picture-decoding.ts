import type { VideoError } from '../errors';
import type { EncodedFrame } from '../frame/frame';
import type { Clock, TimerHandle } from '../time/clock';
import type { Packet } from './packet-chain';
import type { Picture } from './picture';

/** Decodes compressed video to JPEGs. */
export interface PacketDecoder {
  /** Takes a packet, in decoding order; resolves when the next one may come. */
  push(packet: EncodedFrame): Promise<void>;
  close(): Promise<void>;
}

export interface DecoderHandlers {
  /** A picture: the frame of its packet, as a JPEG. */
  onPicture: (picture: EncodedFrame) => void;
  /** What hinders it; it goes on by itself at a key frame. */
  onError: (error: VideoError) => void;
}

export type OpenDecoder = (handlers: DecoderHandlers) => PacketDecoder;

export interface PictureDecodingOptions<M> {
  openDecoder: OpenDecoder;
  onPicture: (picture: Picture<M>) => void;
  onError: (error: VideoError) => void;
  clock: Clock;
}

/** Ms that a decoder is kept for whoever needs it next: pages are hidden and seen again, and viewers come and go. */
const patience = 5000;
/** Pictures shown of which the image is still to come; beyond, the oldest is passed over. */
const maxAwaited = 64;

/** Decodes what one screen shows, once for all viewers that cannot do it themselves. */
export class PictureDecoding<M> {
  readonly #options: PictureDecodingOptions<M>;
  #decoder: PacketDecoder | undefined;
  /** The last packet decoded. */
  #reached: Packet | undefined;
  /** Shown and not decoded yet, by session and `seq`. */
  readonly #awaited = new Map<string, Picture<M>>();
  /** Decoded and not shown yet. */
  readonly #ready = new Map<string, EncodedFrame>();
  /** The newest picture there was no time for. */
  #waiting: Picture<M> | undefined;
  #isBusy = false;
  #isClosed = false;
  /** Set while nobody needs it. */
  #rest: TimerHandle;
  /** The picture decoded last, for viewers that join. */
  #newest: Picture<M> | undefined;

  constructor(options: PictureDecodingOptions<M>) {
    this.#options = options;
  }

  get newest(): Picture<M> | undefined {
    return this.#newest;
  }

  /** A picture goes on screen: it is passed on when it is decoded. */
  show(picture: Picture<M>): void {
    this.#endRest();
    this.#waiting = picture;
    if (!this.#isBusy) void this.#work();
  }

  /** Nobody needs what is decoded now. */
  rest(): void {
    this.#waiting = undefined;
    const { clock } = this.#options;
    this.#rest ??= clock.setTimeout(() => void this.#closeDecoder(), patience);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#endRest();
    this.#awaited.clear();
    this.#ready.clear();
    await this.#closeDecoder();
  }

  async #work(): Promise<void> {
    this.#isBusy = true;
    try {
      while (this.#waiting !== undefined && !this.#isClosed) {
        const picture = this.#waiting;
        this.#waiting = undefined;
        await this.#decode(picture);
      }
    } catch (error) {
      // What comes next begins with a decoder of its own.
      await this.#closeDecoder();
      this.#options.onError(error as VideoError);
    } finally {
      this.#isBusy = false;
    }
  }

  async #decode(picture: Picture<M>): Promise<void> {
    const packet = picture.packet as Packet;
    const { chain } = packet;
    // The decoder itself begins anew at a key frame that does not follow on what it was given.
    const packets = chain.packetsTo(packet, this.#reached?.chain === chain ? this.#reached.index : undefined);
    if (packets === undefined) return;
    this.#await(picture, packet);
    for (const next of packets) {
      if (this.#isClosed) return;
      this.#decoder ??= this.#open();
      this.#reached = next;
      // What is passed over need not be made a JPEG.
      const isPassed = next.frame.pts < packet.frame.pts && next !== packet;
      await this.#decoder.push({ frame: isPassed ? { ...next.frame, preroll: true } : next.frame, data: next.data });
    }
  }

  #open(): PacketDecoder {
    return this.#options.openDecoder({
      onPicture: (picture) => this.#note(picture),
      onError: (error) => this.#options.onError(error),
    });
  }

  #await(picture: Picture<M>, { frame }: Packet): void {
    const key = keyOf(frame);
    this.#awaited.set(key, picture);
    if (this.#awaited.size > maxAwaited) this.#awaited.delete(this.#awaited.keys().next().value as string);
    const ready = this.#ready.get(key);
    if (ready !== undefined) this.#pass(key, ready);
  }

  #note(decoded: EncodedFrame): void {
    const key = keyOf(decoded.frame);
    if (this.#awaited.has(key)) this.#pass(key, decoded);
    else if (!this.#isClosed) this.#keep(key, decoded);
  }

  #keep(key: string, decoded: EncodedFrame): void {
    this.#ready.set(key, decoded);
    if (this.#ready.size > maxAwaited) this.#ready.delete(this.#ready.keys().next().value as string);
  }

  /** Whatever was shown before it is passed over. */
  #pass(key: string, { frame, data }: EncodedFrame): void {
    const picture = this.#awaited.get(key) as Picture<M>;
    for (const other of [...this.#awaited.keys()]) {
      this.#awaited.delete(other);
      if (other === key) break;
    }
    for (const [other, { frame: ready }] of this.#ready) {
      if (ready.session !== frame.session || ready.pts <= frame.pts) this.#ready.delete(other);
    }
    const { packet: _packet, ...shown } = picture;
    this.#newest = { ...shown, data, decoded: true };
    this.#options.onPicture(this.#newest);
  }

  #endRest(): void {
    this.#options.clock.clearTimeout(this.#rest);
    this.#rest = undefined;
  }

  async #closeDecoder(): Promise<void> {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    this.#reached = undefined;
    this.#awaited.clear();
    this.#ready.clear();
    await decoder?.close();
  }
}

const keyOf = ({ session, seq }: { session: string; seq: number }) => `${session}\n${seq}`;
