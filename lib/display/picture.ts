import type { Packet } from './packet-chain';

/** A frame as viewers get it. */
export interface Picture<M> {
  /** Which of the display's screens it is for. */
  screen: number;
  /** Counts what this screen has shown; it is what viewers acknowledge. */
  number: number;
  meta: M;
  /** A whole image, or one after the other the packets that it takes to show it: those of `packets`. */
  data: Buffer;
  /** Frames until then that should have been on this screen, and were not. */
  missed?: number;
  /** When it was shown, by the display's clock. */
  shown: number;
  /** When it should be seen, by the display's clock; none for as soon as possible. */
  due?: number;
  /** Of compressed video: the picture's own packet. Not for viewers. */
  packet?: Packet;
  /** Of compressed video that the viewer decodes: what `data` is made of. */
  packets?: PacketInfo[];
  /** Of compressed video: the viewer cannot go on from what it has. Nothing more comes until the next key frame. */
  awaitsKey?: true;
  /** `data` is a JPEG that was made of compressed video, which this viewer cannot decode. */
  decoded?: true;
}

/** What a viewer has to know of a packet to decode it. */
export interface PacketInfo {
  /** Bytes. */
  size: number;
  /** Ms: tells its picture from the others in the group. */
  pts: number;
  key?: true;
  /** On key frames: what to decode it with, as RFC 6381 writes it. */
  profile?: string;
  /** Nothing comes after it: what is decoded ahead of its turn can be let go. */
  last?: true;
}

/** The way to one viewer. */
export interface Transport<M> {
  send(picture: Picture<M>): void;
  /** Whether it still has to take what it was given: then it is given nothing more. */
  isCongested?(): boolean;
}

/** What one viewer gets of one screen. */
export interface ViewerFeed<M> {
  /** Sends the picture if it is new: at once, or when there is room on the way and no newer one has come. */
  offer(picture: Picture<M>): void;
  /** The viewer has decoded the picture of this number, or passed it over for a newer one. */
  acknowledge(number: number): void;
  /** Nothing on the way is waited for any more, and nothing sent until the next offer. */
  reset(): void;
}

/** Ms until a line that was congested is looked at again. */
export const congestionWait = 200;
