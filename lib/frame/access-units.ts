import type { VideoCodec } from './frame';
import { type NalUnit, nalUnits } from './packet/annex-b';
import { h264Nal, h264NalType, isH264Slice } from './packet/h264';
import { hevcNal, hevcNalType, isHevcRandomAccess, isHevcSlice } from './packet/hevc';

/** What there is to know of a codec's NAL units. */
interface NalKinds {
  typeOf(header: number): number;
  /** Whether it holds a part of the picture itself. */
  isSlice(type: number): boolean;
  /** Whether decoding can begin with its picture. */
  isStart(type: number): boolean;
  delimiter: number;
  /** Kinds of parameter sets, in the order they build on each other. */
  sets: number[];
}

const kindsOf: Partial<Record<VideoCodec, NalKinds>> = {
  h264: {
    typeOf: h264NalType,
    isSlice: isH264Slice,
    isStart: (type) => type === h264Nal.idrSlice,
    delimiter: h264Nal.delimiter,
    sets: [h264Nal.sps, h264Nal.pps],
  },
  hevc: {
    typeOf: hevcNalType,
    isSlice: isHevcSlice,
    isStart: isHevcRandomAccess,
    delimiter: hevcNal.delimiter,
    sets: [hevcNal.vps, hevcNal.sps, hevcNal.pps],
  },
};

const startCode = Buffer.from([0, 0, 0, 1]);

/**
 * Arranges a stream's packets so that decoders can begin with any key packet of it: of H.264 and HEVC, each that decoding can begin
 * with has the parameter sets in front that were sent before it, and the access unit delimiter comes first, as nothing may stand
 * before it (https://github.com/w3c/webcodecs/issues/650). What is right already, and any other codec, is left alone.
 */
export class AccessUnits {
  readonly #kinds: NalKinds | undefined;
  /** The parameter sets sent last, by their kind, in memory of their own. */
  readonly #sets = new Map<number, Buffer[]>();

  constructor(codec: VideoCodec) {
    this.#kinds = kindsOf[codec];
  }

  /** The packet as it is to be: the same memory, or memory of its own in no pool. */
  arrange(packet: Buffer): Buffer {
    if (this.#kinds === undefined) return packet;
    const { typeOf, isSlice, isStart, delimiter, sets } = this.#kinds;
    const front: { nal: NalUnit; type: number }[] = [];
    let picture: NalUnit | undefined;
    for (const nal of nalUnits(packet)) {
      const type = typeOf(packet[nal.begin] as number);
      if (isSlice(type)) {
        picture = nal;
        break;
      }
      front.push({ nal, type });
    }
    const bytesOf = (isWanted: (type: number) => boolean) =>
      front.filter(({ type }) => isWanted(type)).map(({ nal }) => packet.subarray(nal.begin, nal.end));
    for (const kind of sets) {
      const sent = bytesOf((type) => type === kind);
      if (sent.length > 0)
        this.#sets.set(
          kind,
          sent.map((set) => Buffer.from(set)),
        );
    }
    if (picture === undefined) return packet;
    const isMissing = (kind: number) => this.#sets.has(kind) && !front.some(({ type }) => type === kind);
    const isIncomplete = isStart(typeOf(packet[picture.begin] as number)) && sets.some(isMissing);
    const isLate = front.findIndex(({ type }) => type === delimiter) > 0;
    if (!isIncomplete && !isLate) return packet;
    const ordered = [
      ...bytesOf((type) => type === delimiter).slice(0, 1),
      ...(isIncomplete ? sets.flatMap((kind) => this.#sets.get(kind) ?? []) : bytesOf((type) => sets.includes(type))),
      ...bytesOf((type) => type !== delimiter && !sets.includes(type)),
    ];
    return join([...ordered.flatMap((nal) => [startCode, nal]), startCode, packet.subarray(picture.begin)]);
  }
}

function join(parts: Buffer[]): Buffer {
  const whole = Buffer.allocUnsafeSlow(parts.reduce((bytes, { length }) => bytes + length, 0));
  let at = 0;
  for (const part of parts) at += part.copy(whole, at);
  return whole;
}
