import { BitReader } from './bit-reader';
import { type KeyHeader, type PacketHeader, twoDigits } from './header';

/** Kinds of OBUs (AV1 bitstream specification, 6.2.2). */
const obuKinds = { sequenceHeader: 1, frameHeader: 3, frame: 6 };

interface Sequence extends KeyHeader {
  /** Of a still picture: its frame headers say nothing of what they are. */
  isReduced: boolean;
}

/** A temporal unit of AV1. Key: a key frame that is shown, with its sequence header in front. */
export function readAv1(bytes: Buffer): PacketHeader | undefined {
  let sequence: Sequence | undefined;
  let isKey: boolean | undefined;
  for (let at = 0; at < bytes.length; ) {
    const obu = readObu(bytes, at);
    if (obu === undefined) return undefined;
    if (obu.kind === obuKinds.sequenceHeader) sequence = readSequence(obu.payload);
    else if (obu.kind === obuKinds.frameHeader || obu.kind === obuKinds.frame) {
      if (obu.payload.length === 0) return undefined;
      isKey ??= sequence !== undefined && (sequence.isReduced || isShownKey(obu.payload));
    }
    at = obu.end;
  }
  if (isKey === undefined) return undefined;
  if (!isKey || sequence === undefined) return { key: false };
  const { profile, width, height } = sequence;
  return { key: true, profile, width, height };
}

interface Obu {
  kind: number;
  payload: Uint8Array;
  end: number;
}

/** 5.3. Without a size of its own it reaches to the end. */
function readObu(bytes: Buffer, begin: number): Obu | undefined {
  const header = bytes[begin] as number;
  if (header >= 0x80) return undefined;
  let at = begin + ((header & 4) === 0 ? 1 : 2);
  let size = bytes.length - at;
  if ((header & 2) !== 0) {
    size = 0;
    // 4.10.5: up to 8 bytes of 7 bits, the lowest first.
    for (let index = 0, more = true; more; index += 1) {
      const byte = bytes[at];
      if (byte === undefined || index === 8) return undefined;
      size += (byte & 0x7f) * 2 ** (index * 7);
      more = byte >= 0x80;
      at += 1;
    }
  }
  const end = at + size;
  return size < 0 || end > bytes.length
    ? undefined
    : { kind: (header >> 3) & 15, payload: bytes.subarray(at, end), end };
}

/** 5.9.2 */
function isShownKey(frameHeader: Uint8Array): boolean {
  const reader = new BitReader(frameHeader);
  const isShownAgain = reader.bit() === 1;
  return !isShownAgain && reader.bits(2) === 0 && reader.bit() === 1;
}

/** 5.5.1 */
function readSequence(payload: Uint8Array): Sequence | undefined {
  const reader = new BitReader(payload);
  const profile = reader.bits(3);
  reader.skip(1); // still_picture
  const isReduced = reader.bit() === 1;
  const { level, tier } = isReduced ? { level: reader.bits(5), tier: 0 } : readOperatingPoints(reader);
  const widthBits = reader.bits(4) + 1;
  const heightBits = reader.bits(4) + 1;
  const width = reader.bits(widthBits) + 1;
  const height = reader.bits(heightBits) + 1;
  skipTools(reader, isReduced);
  // 5.5.2
  const isHigh = reader.bit() === 1;
  const depth = isHigh ? (profile === 2 && reader.bit() === 1 ? 12 : 10) : 8;
  if (reader.isPastEnd || profile > 2) return undefined;
  const name = `av01.${profile}.${twoDigits(level)}${tier === 1 ? 'H' : 'M'}.${twoDigits(depth)}`;
  return { key: true, profile: name, width, height, isReduced };
}

/** Level and tier of the first operating point, which is the whole video. */
function readOperatingPoints(reader: BitReader): { level: number; tier: number } {
  let delayBits: number | undefined;
  if (reader.bit() === 1) {
    reader.skip(64); // num_units_in_display_tick, time_scale
    if (reader.bit() === 1) reader.golomb(); // num_ticks_per_picture_minus_1
    if (reader.bit() === 1) {
      delayBits = reader.bits(5) + 1;
      reader.skip(42); // num_units_in_decoding_tick, buffer_removal_time and frame_presentation_time lengths
    }
  }
  const hasDisplayDelay = reader.bit() === 1;
  const points = reader.bits(5) + 1;
  let first = { level: 0, tier: 0 };
  for (let point = 0; point < points; point += 1) {
    reader.skip(12); // operating_point_idc
    const level = reader.bits(5);
    const tier = level > 7 ? reader.bit() : 0;
    if (point === 0) first = { level, tier };
    if (delayBits !== undefined && reader.bit() === 1) reader.skip(2 * delayBits + 1);
    if (hasDisplayDelay && reader.bit() === 1) reader.skip(4);
  }
  return first;
}

/** What stands between the size and the colours. */
function skipTools(reader: BitReader, isReduced: boolean): void {
  if (!isReduced && reader.bit() === 1) reader.skip(7); // lengths of frame ids
  reader.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!isReduced) {
    reader.skip(4); // interintra, masked and warped compounds, dual filter
    const hasOrder = reader.bit() === 1;
    if (hasOrder) reader.skip(2); // jnt_comp, ref_frame_mvs
    const screenContent = reader.bit() === 1 ? 2 : reader.bit();
    if (screenContent > 0 && reader.bit() === 0) reader.skip(1); // seq_force_integer_mv
    if (hasOrder) reader.skip(3); // order_hint_bits_minus_1
  }
  reader.skip(3); // enable_superres, enable_cdef, enable_restoration
}
