import type { VideoCodec } from '../../../lib/frame/frame';
import type { PictureMeta } from '../protocol';
import { usualProfiles } from './decodable';

type PacketInfo = NonNullable<PictureMeta['packets']>[number];

export interface VideoDecodingOptions {
  /** A picture that was asked for. Whoever is given it closes it. */
  onPicture: (meta: PictureMeta, picture: VideoFrame) => void;
  /** All that came with the picture is decoded, whether it can be seen yet or not: more may come. */
  onDecoded: (meta: PictureMeta) => void;
  /** What came with the picture is damaged, or nothing that can be decoded from what was there before. */
  onBroken: (meta: PictureMeta) => void;
  /** This browser cannot decode it at all. */
  onUnsupported: (codec: VideoCodec) => void;
}

/** Pictures that are decoded ahead of their turn: H.264 and HEVC allow 16. */
const mostEarly = 16;
/** Failures without a picture between them until the browser is taken not to be able to decode it, whatever it says. */
const mostFailures = 3;
/** Packets that a decoder takes without giving a picture, at most: far more than may be decoded ahead of their turn. */
const mostSilent = 60;
/** Microseconds between the timestamps of what follows on nothing and of what was before. */
const leap = 10_000_000;

/**
 * Decodes compressed video with WebCodecs: takes packets, and gives those pictures that are asked for. Others are decoded from
 * on the way to them, and closed.
 */
export class VideoDecoding {
  readonly #options: VideoDecodingOptions;
  #decoder: VideoDecoder | undefined;
  /** What the decoder was set to. */
  #config = '';
  /** Asked for and not decoded yet, by timestamp, in order. */
  readonly #wanted = new Map<number, PictureMeta>();
  /** Decoded and not asked for yet, by timestamp. */
  readonly #early = new Map<number, VideoFrame>();
  /** The latest picture asked for. */
  #latest: PictureMeta | undefined;
  /** Timestamps, in microseconds, run on from one session to the next: ms of `pts` from `origin` count from `base`. */
  #run = { session: '', origin: 0, base: 0, end: 0 };
  /** Whether it was told that what comes cannot be decoded, up to the next key frame. */
  #isGivenUp = false;
  #failures = 0;
  /** Packets since the last picture came out. */
  #silent = 0;
  #shownTo = Number.NEGATIVE_INFINITY;

  constructor(options: VideoDecodingOptions) {
    this.#options = options;
  }

  /** Decodes the packets, which are one after the other in `bytes`, until the picture can be shown. */
  show(meta: PictureMeta, bytes: ArrayBuffer): void {
    const packets = meta.packets ?? [];
    // A decoder that failed, or was never there, begins with a key frame.
    if (this.#decoder === undefined && packets[0]?.key === undefined) {
      this.#giveUp(meta);
      return;
    }
    this.#isGivenUp = false;
    this.#latest = meta;
    try {
      let at = 0;
      for (const packet of packets) {
        this.#decode(meta, packet, new Uint8Array(bytes, at, packet.size));
        at += packet.size;
      }
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#want(meta);
    if (packets.length === 0) this.#options.onDecoded(meta);
  }

  /** Forgets what it was given: what comes next begins with a key frame. */
  reset(): void {
    const decoder = this.#decoder;
    this.#decoder = undefined;
    if (decoder?.state !== 'closed') decoder?.close();
    for (const picture of this.#early.values()) picture.close();
    this.#early.clear();
    this.#wanted.clear();
    this.#latest = undefined;
    this.#silent = 0;
    this.#config = '';
  }

  #decode(meta: PictureMeta, packet: PacketInfo, data: Uint8Array<ArrayBuffer>): void {
    if (packet.key) this.#startGroup(meta, packet);
    const timestamp = this.#timestampOf(packet.pts);
    this.#run.end = Math.max(this.#run.end, timestamp);
    const type = packet.key ? 'key' : 'delta';
    this.#decoder?.decode(new EncodedVideoChunk({ type, timestamp, data }));
    this.#silent += 1;
    if (packet.last) this.#flush();
  }

  #startGroup(meta: PictureMeta, { pts, profile }: PacketInfo): void {
    const codec = meta.codec as VideoCodec;
    const config = { codec: profile ?? usualProfiles[codec], optimizeForLatency: true };
    const goesOn = meta.session === this.#run.session && this.#timestampOf(pts) > this.#run.end;
    const name = `${config.codec} ${meta.width}x${meta.height}`;
    const isOther = this.#config !== name;
    if (!goesOn || isOther) this.#flush();
    if (!goesOn)
      this.#run = { session: meta.session, origin: pts, base: this.#run.end + leap, end: this.#run.end + leap };
    if (this.#decoder !== undefined && !isOther) return;
    this.#decoder ??= this.#open();
    this.#decoder.configure(config);
    this.#config = name;
  }

  #open(): VideoDecoder {
    const decoder: VideoDecoder = new VideoDecoder({
      output: (picture) => (decoder === this.#decoder ? this.#note(picture) : picture.close()),
      error: (error) => (decoder === this.#decoder ? this.#fail(error) : undefined),
    });
    decoder.ondequeue = () => {
      if (decoder === this.#decoder) this.#noteTaken(decoder.decodeQueueSize);
    };
    return decoder;
  }

  /** The decoder has taken all packets but so many. */
  #noteTaken(left: number): void {
    if (this.#silent - left > mostSilent) {
      this.#failures = mostFailures;
      this.#fail(new Error('It gives no picture.'));
    } else if (left === 0 && this.#latest !== undefined) this.#options.onDecoded(this.#latest);
  }

  /** Lets pictures go that were decoded ahead of their turn: nothing follows that would come before them. */
  #flush(): void {
    const decoder = this.#decoder;
    if (decoder?.state !== 'configured') return;
    // What makes it fail is told to `error`, and closing it makes it fail, too.
    decoder.flush().catch(() => {});
  }

  #note(picture: VideoFrame): void {
    this.#failures = 0;
    this.#silent = 0;
    const meta = this.#wanted.get(picture.timestamp);
    if (meta !== undefined) this.#pass(meta, picture);
    else if (picture.timestamp <= this.#shownTo) picture.close();
    else {
      this.#early.set(picture.timestamp, picture);
      if (this.#early.size > mostEarly) this.#closeEarly(Math.min(...this.#early.keys()));
    }
  }

  #want(meta: PictureMeta): void {
    const timestamp = this.#timestampOf(meta.pts);
    this.#wanted.set(timestamp, meta);
    // Those before it are not asked for any more.
    this.#shownTo = timestamp;
    for (const other of [...this.#early.keys()]) if (other < timestamp) this.#closeEarly(other);
    const picture = this.#early.get(timestamp);
    this.#early.delete(timestamp);
    if (picture !== undefined) this.#pass(meta, picture);
  }

  #pass(meta: PictureMeta, picture: VideoFrame): void {
    for (const [timestamp] of this.#wanted) if (timestamp <= picture.timestamp) this.#wanted.delete(timestamp);
    this.#options.onPicture(meta, picture);
  }

  #closeEarly(timestamp: number): void {
    this.#early.get(timestamp)?.close();
    this.#early.delete(timestamp);
  }

  #fail(error: unknown): void {
    const latest = this.#latest;
    this.reset();
    if (latest === undefined) return;
    this.#failures += 1;
    const isUnsupported = error instanceof DOMException && error.name === 'NotSupportedError';
    if (isUnsupported || this.#failures >= mostFailures) this.#options.onUnsupported(latest.codec as VideoCodec);
    else this.#giveUp(latest);
  }

  #giveUp(meta: PictureMeta): void {
    if (!this.#isGivenUp) this.#options.onBroken(meta);
    this.#isGivenUp = true;
    this.#options.onDecoded(meta);
  }

  #timestampOf(pts: number): number {
    return this.#run.base + Math.round((pts - this.#run.origin) * 1000);
  }
}
