import { nalUnits, payloadOf } from './annex-b';
import { BitReader } from './bit-reader';
import type { KeyHeader, PacketHeader } from './header';

/** Kinds of NAL units (Rec. ITU-T H.265, table 7-1). */
export const hevcNal = { vps: 32, sps: 33, pps: 34, delimiter: 35 };

export function hevcNalType(header: number): number {
  return (header >> 1) & 0x3f;
}

/** Whether it holds a part of the picture itself. */
export function isHevcSlice(type: number): boolean {
  return type < 32;
}

/** Whether it is of a picture that decoding can begin with (IRAP): BLA, IDR and CRA. */
export function isHevcRandomAccess(type: number): boolean {
  return type >= 16 && type <= 21;
}

/** An access unit of HEVC as a byte stream. Key: a random access picture with the parameter sets it needs in front. */
export function readHevc(bytes: Buffer): PacketHeader | undefined {
  const sequences = new Map<number, KeyHeader>();
  /** Which sequence each picture parameter set belongs to. */
  const pictures = new Map<number, number>();
  let hasVps = false;
  for (const nal of nalUnits(bytes)) {
    const header = bytes[nal.begin] as number;
    const second = bytes[nal.begin + 1] ?? 0;
    const type = hevcNalType(header);
    // The temporal id, plus 1, is never 0.
    if (header >= 0x80 || (second & 7) === 0) return undefined;
    // A further layer, as of a second eye.
    if (((header & 1) << 5) + (second >> 3) > 0) continue;
    if (type === hevcNal.vps) hasVps = true;
    if (type === hevcNal.sps) readSps(payloadOf(bytes, nal), sequences);
    if (type === hevcNal.pps) readPps(payloadOf(bytes, nal), pictures);
    if (!isHevcSlice(type)) continue;
    if (!isHevcRandomAccess(type) || !hasVps) return { key: false };
    const sequence = pictures.get(pictureSetOf(payloadOf(bytes, nal)));
    return (sequence === undefined ? undefined : sequences.get(sequence)) ?? { key: false };
  }
  return undefined;
}

/** Which picture parameter set a slice of a random access picture needs (7.3.6.1). */
function pictureSetOf(slice: Uint8Array): number {
  const reader = new BitReader(slice.subarray(2));
  reader.skip(2); // first_slice_segment_in_pic_flag, no_output_of_prior_pics_flag
  return reader.golomb();
}

function readPps(nal: Uint8Array, pictures: Map<number, number>): void {
  const reader = new BitReader(nal.subarray(2));
  const id = reader.golomb();
  const sequence = reader.golomb();
  if (!reader.isPastEnd) pictures.set(id, sequence);
}

/** 7.3.2.2.1 */
function readSps(nal: Uint8Array, sequences: Map<number, KeyHeader>): void {
  const reader = new BitReader(nal.subarray(2));
  reader.skip(4); // sps_video_parameter_set_id
  const subLayers = reader.bits(3);
  reader.skip(1); // sps_temporal_id_nesting_flag
  const profile = readProfile(reader, subLayers);
  const id = reader.golomb();
  const chroma = reader.golomb();
  const isSeparate = chroma === 3 && reader.bit() === 1;
  const codedWidth = reader.golomb();
  const codedHeight = reader.golomb();
  const [left = 0, right = 0, top = 0, bottom = 0] =
    reader.bit() === 1 ? [reader.golomb(), reader.golomb(), reader.golomb(), reader.golomb()] : [];
  // The window counts samples of chroma, where there are (table 6-1).
  const width = codedWidth - (left + right) * (!isSeparate && (chroma === 1 || chroma === 2) ? 2 : 1);
  const height = codedHeight - (top + bottom) * (!isSeparate && chroma === 1 ? 2 : 1);
  if (reader.isPastEnd || !(width > 0 && height > 0)) return;
  sequences.set(id, { key: true, profile, width, height });
}

/** profile_tier_level (7.3.3), as ISO/IEC 14496-15, E.3 has it written: `hev1.1.6.L93.B0`. */
function readProfile(reader: BitReader, subLayers: number): string {
  const space = ['', 'A', 'B', 'C'][reader.bits(2)] ?? '';
  const tier = reader.bit() === 1 ? 'H' : 'L';
  const idc = reader.bits(5);
  let compatibility = 0;
  // The other way round than they are sent.
  for (let flag = 0; flag < 32; flag += 1) compatibility += reader.bit() * 2 ** flag;
  const constraints = Array.from({ length: 6 }, () => reader.bits(8));
  while (constraints.at(-1) === 0) constraints.pop();
  const level = reader.bits(8);
  skipSubLayers(reader, subLayers);
  const hex = (number: number) => number.toString(16).toUpperCase();
  return [`hev1.${space}${idc}`, hex(compatibility), `${tier}${level}`, ...constraints.map(hex)].join('.');
}

function skipSubLayers(reader: BitReader, subLayers: number): void {
  if (subLayers === 0) return;
  const bits = Array.from({ length: 8 }, () => {
    const hasProfile = reader.bit();
    const hasLevel = reader.bit();
    return hasProfile * 88 + hasLevel * 8;
  });
  for (const count of bits.slice(0, subLayers)) reader.skip(count);
}
