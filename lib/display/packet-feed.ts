import type { Clock, TimerHandle } from '../time/clock';
import type { Packet } from './packet-chain';
import { congestionWait, type PacketInfo, type Picture, type Transport, type ViewerFeed } from './picture';

/** On the way to a viewer at most. */
const maxPictures = 12;
const maxBytes = 1024 * 1024;
/** Packets by which a viewer may be behind: it would have to decode them all to be where the others are. */
const maxBehind = 45;

/**
 * What one viewer gets of one screen that shows compressed video: all packets, as they are decoded one from the other, and of
 * the pictures the newest, as fast as it acknowledges them and no faster. One that begins, or comes back, gets the group of
 * pictures from its key frame. One that falls behind gets nothing more until the next key frame, and is told so.
 */
export class PacketFeed<M> implements ViewerFeed<M> {
  readonly #transport: Transport<M>;
  readonly #clock: Clock;
  /** Number of the newest picture sent. */
  #sent = 0;
  /** The last packet sent, from which decoding goes on. */
  #reached: Packet | undefined;
  /** After which there has to be a key frame. */
  #skipsFrom: Packet | undefined;
  /** Sent and not acknowledged, oldest first. */
  #onTheWay: { number: number; bytes: number }[] = [];
  /** The newest picture there was no room for. */
  #waiting: Picture<M> | undefined;
  #timer: TimerHandle;
  /** Whether the viewer knows that it waits for a key frame. */
  #isTold = false;

  constructor(transport: Transport<M>, clock: Clock) {
    this.#transport = transport;
    this.#clock = clock;
  }

  offer(picture: Picture<M>): void {
    if (this.#sent >= picture.number) return;
    this.#waiting = picture;
    this.#proceed();
  }

  acknowledge(number: number): void {
    this.#onTheWay = this.#onTheWay.filter((sent) => sent.number > number);
    this.#proceed();
  }

  reset(): void {
    this.#onTheWay = [];
    this.#waiting = undefined;
    this.#reached = undefined;
    this.#skipsFrom = undefined;
    this.#isTold = false;
    this.#clock.clearTimeout(this.#timer);
  }

  /** The viewer cannot go on from what it was sent: it gets nothing more until the next key frame. */
  skipToKey(): void {
    this.#skipsFrom = this.#reached ?? this.#skipsFrom;
    this.#reached = undefined;
    this.#onTheWay = [];
  }

  #proceed(): void {
    this.#clock.clearTimeout(this.#timer);
    const picture = this.#waiting;
    const bytes = this.#onTheWay.reduce((sum, sent) => sum + sent.bytes, 0);
    if (picture?.packet === undefined || this.#onTheWay.length >= maxPictures || bytes >= maxBytes) return;
    if (this.#transport.isCongested?.()) {
      this.#timer = this.#clock.setTimeout(() => this.#proceed(), congestionWait);
      return;
    }
    this.#waiting = undefined;
    const packets = this.#packetsTo(picture.packet);
    if (packets === undefined) this.#tellOfSkipping(picture);
    else this.#send(picture, packets);
  }

  /** What it takes to show the picture; undefined where the next key frame has to be waited for. */
  #packetsTo(packet: Packet): Packet[] | undefined {
    const { chain } = packet;
    if (this.#reached?.chain === chain) {
      const packets = chain.packetsTo(packet, this.#reached.index);
      if (packets !== undefined && packets.length <= maxBehind) return packets;
      this.skipToKey();
    }
    const isSkipping = this.#skipsFrom?.chain === chain;
    const key = chain.groupOf(packet);
    if (isSkipping && (key === undefined || key <= (this.#skipsFrom as Packet).index)) return undefined;
    return chain.packetsTo(packet);
  }

  #send(picture: Picture<M>, packets: Packet[]): void {
    const data = packets.length === 1 ? (packets[0] as Packet).data : Buffer.concat(packets.map((each) => each.data));
    this.#sent = picture.number;
    this.#reached = packets.at(-1) ?? this.#reached;
    this.#skipsFrom = undefined;
    this.#isTold = false;
    this.#onTheWay.push({ number: picture.number, bytes: data.length });
    this.#transport.send({ ...picture, packets: packets.map(infoOf), data });
  }

  #tellOfSkipping(picture: Picture<M>): void {
    if (!this.#isTold) this.#transport.send({ ...picture, data: Buffer.alloc(0), awaitsKey: true });
    this.#isTold = true;
  }
}

function infoOf({ frame, data }: Packet): PacketInfo {
  const { pts, key, profile, last } = frame;
  return {
    size: data.length,
    pts,
    ...(key && { key }),
    ...(profile !== undefined && { profile }),
    ...(last && { last }),
  };
}
