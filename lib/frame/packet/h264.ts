import { nalUnits, payloadOf } from './annex-b';
import { BitReader } from './bit-reader';
import type { KeyHeader, PacketHeader } from './header';

/** Kinds of NAL units (Rec. ITU-T H.264, table 7-1). */
export const h264Nal = { idrSlice: 5, sps: 7, pps: 8, delimiter: 9 };

export function h264NalType(header: number): number {
  return header & 0x1f;
}

/** Whether it holds a part of the picture itself. */
export function isH264Slice(type: number): boolean {
  return type >= 1 && type <= 5;
}

/** An access unit of H.264 as a byte stream. Key: an IDR picture with the parameter sets it needs in front. */
export function readH264(bytes: Buffer): PacketHeader | undefined {
  const sequences = new Map<number, KeyHeader>();
  /** Which sequence each picture parameter set belongs to. */
  const pictures = new Map<number, number>();
  for (const nal of nalUnits(bytes)) {
    const header = bytes[nal.begin] as number;
    const type = h264NalType(header);
    if (header >= 0x80) return undefined;
    if (type === h264Nal.sps) readSps(payloadOf(bytes, nal), sequences);
    if (type === h264Nal.pps) readPps(payloadOf(bytes, nal), pictures);
    if (!isH264Slice(type)) continue;
    if (type !== h264Nal.idrSlice) return { key: false };
    const sequence = pictures.get(pictureSetOf(payloadOf(bytes, nal)));
    return (sequence === undefined ? undefined : sequences.get(sequence)) ?? { key: false };
  }
  return undefined;
}

/** Which picture parameter set a slice needs (7.3.3). */
function pictureSetOf(slice: Uint8Array): number {
  const reader = new BitReader(slice.subarray(1));
  reader.golomb(); // first_mb_in_slice
  reader.golomb(); // slice_type
  return reader.golomb();
}

function readPps(nal: Uint8Array, pictures: Map<number, number>): void {
  const reader = new BitReader(nal.subarray(1));
  const id = reader.golomb();
  const sequence = reader.golomb();
  if (!reader.isPastEnd) pictures.set(id, sequence);
}

/** Profiles whose sequence parameter sets say how colour is sampled (7.3.2.1.1). */
const withChroma = new Set([100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135]);

/** 7.3.2.1.1 */
function readSps(nal: Uint8Array, sequences: Map<number, KeyHeader>): void {
  const reader = new BitReader(nal.subarray(4));
  const id = reader.golomb();
  const { chroma, isSeparate } = withChroma.has(nal[1] ?? 0) ? readChroma(reader) : { chroma: 1, isSeparate: false };
  reader.golomb(); // log2_max_frame_num_minus4
  readPictureOrder(reader);
  reader.golomb(); // max_num_ref_frames
  reader.skip(1); // gaps_in_frame_num_value_allowed_flag
  const columns = reader.golomb() + 1;
  const rows = reader.golomb() + 1;
  const fields = reader.bit() === 1 ? 1 : 2;
  if (fields === 2) reader.skip(1); // mb_adaptive_frame_field_flag
  reader.skip(1); // direct_8x8_inference_flag
  const [left = 0, right = 0, top = 0, bottom = 0] =
    reader.bit() === 1 ? [reader.golomb(), reader.golomb(), reader.golomb(), reader.golomb()] : [];
  // Cropping counts samples of chroma where there are (table 6-1), and lines of both fields.
  const cropX = !isSeparate && (chroma === 1 || chroma === 2) ? 2 : 1;
  const cropY = (!isSeparate && chroma === 1 ? 2 : 1) * fields;
  const width = columns * 16 - (left + right) * cropX;
  const height = rows * 16 * fields - (top + bottom) * cropY;
  if (reader.isPastEnd || !(width > 0 && height > 0)) return;
  sequences.set(id, { key: true, profile: `avc1.${Buffer.from(nal.subarray(1, 4)).toString('hex')}`, width, height });
}

function readChroma(reader: BitReader): { chroma: number; isSeparate: boolean } {
  const chroma = reader.golomb();
  const isSeparate = chroma === 3 && reader.bit() === 1;
  reader.golomb(); // bit_depth_luma_minus8
  reader.golomb(); // bit_depth_chroma_minus8
  reader.skip(1); // qpprime_y_zero_transform_bypass_flag
  if (reader.bit() === 1) {
    for (let list = 0; list < (chroma === 3 ? 12 : 8); list += 1) {
      if (reader.bit() === 1) skipScalingList(reader, list < 6 ? 16 : 64);
    }
  }
  return { chroma, isSeparate };
}

/** 7.3.2.1.1.1 */
function skipScalingList(reader: BitReader, size: number): void {
  let last = 8;
  for (let index = 0; index < size; index += 1) {
    const next = (last + reader.signedGolomb() + 256) % 256;
    if (next === 0) return;
    last = next;
  }
}

function readPictureOrder(reader: BitReader): void {
  const type = reader.golomb();
  if (type === 0) reader.golomb(); // log2_max_pic_order_cnt_lsb_minus4
  if (type !== 1) return;
  reader.skip(1); // delta_pic_order_always_zero_flag
  reader.golomb(); // offset_for_non_ref_pic, signed
  reader.golomb(); // offset_for_top_to_bottom_field, signed
  const count = reader.golomb();
  for (let index = 0; index < count && !reader.isPastEnd; index += 1) reader.golomb(); // offset_for_ref_frame, signed
}
