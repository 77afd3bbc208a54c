import { BitReader } from './bit-reader';
import { type PacketHeader, twoDigits } from './header';

const syncCode = 0x498342;
/** color_space of RGB. */
const rgb = 7;

/**
 * A frame of VP9, or several in one packet, of which one is shown and the first says whether decoding can begin with them
 * (VP9 bitstream specification, 6.2).
 */
export function readVp9(bytes: Buffer): PacketHeader | undefined {
  const reader = new BitReader(bytes.subarray(0, 64));
  if (bytes.length === 0 || reader.bits(2) !== 2) return undefined;
  const profile = reader.bit() + reader.bit() * 2;
  if (profile === 3 && reader.bit() === 1) return undefined;
  const isShownAgain = reader.bit() === 1;
  const isKey = !isShownAgain && reader.bit() === 0;
  if (!isKey) return { key: false };
  reader.skip(2); // show_frame, error_resilient_mode
  if (reader.bits(24) !== syncCode) return undefined;
  const depth = profile >= 2 ? 10 + reader.bit() * 2 : 8;
  if (reader.bits(3) !== rgb) reader.skip(profile % 2 === 1 ? 4 : 1);
  else if (profile % 2 === 1) reader.skip(1);
  else return undefined;
  const width = reader.bits(16) + 1;
  const height = reader.bits(16) + 1;
  if (reader.isPastEnd) return undefined;
  return {
    key: true,
    profile: `vp09.${twoDigits(profile)}.${twoDigits(levelOf(width, height))}.${twoDigits(depth)}`,
    width,
    height,
  };
}

/**
 * Each level with the samples a picture and a second may have at most, and the longer side
 * (https://www.webmproject.org/vp9/levels).
 */
const levels: [level: number, picture: number, second: number, side: number][] = [
  [10, 36_864, 829_440, 512],
  [11, 73_728, 2_764_800, 768],
  [20, 122_880, 4_608_000, 960],
  [21, 245_760, 9_216_000, 1344],
  [30, 552_960, 20_736_000, 2048],
  [31, 983_040, 36_864_000, 2752],
  [40, 2_228_224, 83_558_400, 4160],
  [41, 2_228_224, 160_432_128, 4160],
  [50, 8_912_896, 311_951_360, 8384],
  [51, 8_912_896, 588_251_136, 8384],
  [52, 8_912_896, 1_176_502_272, 8384],
  [60, 35_651_584, 1_176_502_272, 16_832],
  [61, 35_651_584, 2_353_004_544, 16_832],
  [62, 35_651_584, 4_706_009_088, 16_832],
];

/** The level is not in the packets. That for 60 pictures a second is enough for nearly all, and no decoder keeps to it. */
function levelOf(width: number, height: number): number {
  const samples = width * height;
  const enough = levels.find(
    ([, picture, second, side]) => samples <= picture && samples * 60 <= second && Math.max(width, height) <= side,
  );
  return enough?.[0] ?? 62;
}
