import type { EncodedFrame } from '../frame/frame';
import { sessionKey } from '../frame/name';
import { RecentMap } from '../recent-map';
import { type Packet, PacketChain } from './packet-chain';

/** Sessions whose packets are kept: that on screen, those after it, and streams that may be chosen. */
const maxChains = 8;

interface Decodable extends EncodedFrame {
  packet?: Packet;
}

/**
 * What a screen is entrusted with of compressed video, in decoding order. A frame is done when its bytes have been passed on:
 * that is with the first picture shown that takes them, which may be earlier than it is shown itself.
 */
export class DecodingOrder<T extends Decodable> {
  readonly #chains = new RecentMap<string, PacketChain>(maxChains);
  /** Not done yet. */
  #pending: T[] = [];

  /** Takes a frame, whose `packet` it sets; false where it cannot be decoded: see `PacketChain`. */
  push(item: T): boolean {
    const session = sessionKey(item.frame);
    const chain = this.#chains.get(session) ?? new PacketChain();
    this.#chains.set(session, chain);
    item.packet = chain.push(item);
    if (item.packet !== undefined) this.#pending.push(item);
    return item.packet !== undefined;
  }

  /** A picture goes on screen; returns what is done with it. */
  show(item: T): T[] {
    const { packet } = item;
    if (packet === undefined) return [item];
    const end = packet.chain.endOf(packet);
    packet.chain.forgetBefore(packet);
    const isTaken = ({ packet: other }: T) => other?.chain === packet.chain && other.index <= end;
    return this.#pending.splice(0, this.#pending.findLastIndex(isTaken) + 1);
  }

  /** No picture can be shown before more frames come, for which their source must not have to wait; returns what is done. */
  takeAll(): T[] {
    return this.#pending.splice(0);
  }

  /** A picture will not be shown; whether its frame is done with that. */
  drop(item: T): boolean {
    if (item.packet === undefined) return true;
    const place = this.#pending.indexOf(item);
    if (place >= 0) this.#pending.splice(place, 1);
    return place >= 0;
  }
}
