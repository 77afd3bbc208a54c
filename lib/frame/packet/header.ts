/** What one packet of compressed video (an access unit, a temporal unit of AV1) says of itself. */
export interface PacketHeader {
  /** Whether decoding can begin with it, and it alone holds all that takes. */
  key: boolean;
  /** What a decoder has to be able to do, as RFC 6381 writes it. On key packets. */
  profile?: string;
  /** Pixels, as the decoder gives them out. On key packets. */
  width?: number;
  height?: number;
}

/** What every key packet has. */
export type KeyHeader = Required<PacketHeader>;

/** Two digits, as profiles write numbers. */
export function twoDigits(number: number): string {
  return String(number).padStart(2, '0');
}
