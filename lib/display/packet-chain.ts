import type { EncodedFrame, Frame } from '../frame/frame';

/** What is kept of one session: a group of pictures of 10 s has 600 at 60 fps, and 12 MB at 10 Mbit/s. */
const maxPackets = 1200;
const maxBytes = 16 * 1024 * 1024;

/** A picture of compressed video, and where it is in its chain. */
export interface Packet extends EncodedFrame {
  chain: PacketChain;
  /** Counts the packets of the chain, in decoding order. */
  index: number;
}

/**
 * The packets of one session in decoding order, from the key frame of the picture on screen on: what it takes to show any of
 * these pictures to somebody who has seen none of them. Bounded: what is older than that is gone until the next key frame.
 */
export class PacketChain {
  /** Without a gap in their indexes; the oldest first. */
  #packets: Packet[] = [];
  #bytes = 0;
  #next = 0;
  /** Whether the last one that came could be decoded. */
  #isWhole = false;
  #last: Frame | undefined;

  /** Appends a packet; undefined for one that cannot be decoded, as one before it is missing: up to the next key frame. */
  push({ frame, data }: EncodedFrame): Packet | undefined {
    const isNext = this.#last !== undefined && frame.seq === this.#last.seq + 1;
    this.#isWhole = frame.key === true || (this.#isWhole && isNext);
    this.#last = frame;
    if (!this.#isWhole) return undefined;
    const packet = { frame, data, chain: this, index: this.#next };
    this.#next += 1;
    this.#packets.push(packet);
    this.#bytes += data.length;
    while (this.#packets.length > maxPackets || this.#bytes > maxBytes) this.#forgetOldest();
    return packet;
  }

  /** What lies before this picture's group is not shown any more. */
  forgetBefore(picture: Packet): void {
    const key = this.groupOf(picture);
    while (key !== undefined && this.#first < key) this.#forgetOldest();
  }

  /** Index of the key frame from which a picture is decoded, if it is still there. */
  groupOf({ index, frame }: Packet): number | undefined {
    const isKey = (packet: Packet) => packet.frame.key === true && packet.frame.pts <= frame.pts;
    return this.#packets.findLast((packet) => packet.index <= index && isKey(packet))?.index;
  }

  /**
   * The packets to decode, in order, until a picture can be shown, after those up to the index `reached`, or from a key frame on:
   * also where one comes later than that. None where all are decoded; undefined where they are gone.
   */
  packetsTo(picture: Packet, reached = -1): Packet[] | undefined {
    const key = this.groupOf(picture) ?? -1;
    const from = key > reached ? key : reached + 1;
    const isThere = reached >= 0 || key >= 0;
    if (!isThere || from < this.#first) return undefined;
    const end = Math.max(from, this.endOf(picture) + 1);
    return this.#packets.slice(from - this.#first, end - this.#first);
  }

  /** Index of the packet with which a decoder can let a picture go: no later one is shown before it. */
  endOf({ index, frame }: Packet): number {
    let end = index;
    for (let next = this.#at(end + 1); next !== undefined; next = this.#at(end + 1)) {
      const goesOn = next.frame.seq === (this.#at(end)?.frame ?? frame).seq + 1;
      if (!goesOn || (next.frame.dts ?? next.frame.pts) > frame.pts) break;
      end += 1;
    }
    return end;
  }

  get #first(): number {
    return this.#packets[0]?.index ?? this.#next;
  }

  #at(index: number): Packet | undefined {
    return this.#packets[index - this.#first];
  }

  #forgetOldest(): void {
    this.#bytes -= this.#packets.shift()?.data.length ?? 0;
  }
}
