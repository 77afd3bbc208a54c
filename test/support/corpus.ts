import { execFile } from 'node:child_process';
import { mkdir, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg, toolEnvironment } from '../../lib/ffmpeg/lookup';
import { temporaryPath } from './media';

const run = promisify(execFile);

/** One file of the corpus. */
export interface CorpusCase {
  /** What is special about it. */
  name: string;
  file: string;
  /** ffmpeg's arguments that make it, without the output; `<name>` is the file of another case. */
  args: string[];
  /** An encoder the ffmpeg that makes it may lack. */
  encoder?: string;
  /** What is done to it then. */
  damage?: (path: string) => Promise<void>;
  /** Upright size, where it differs from 64x48. */
  size?: [width: number, height: number];
}

const picture = (size = '64x48', seconds = 1) => [
  '-f',
  'lavfi',
  '-i',
  `testsrc=size=${size}:rate=25:duration=${seconds}`,
];
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-bf', '2', '-g', '10'];

export const corpus: CorpusCase[] = [
  ...(['mp4', 'mov', 'mkv', 'avi', 'flv', 'ts'] as const).map((container) => ({
    name: `H.264 in ${container}`,
    file: `h264.${container}`,
    args: [...picture(), ...h264, ...(container === 'avi' ? ['-bf', '0'] : [])],
    encoder: 'libx264',
  })),
  {
    name: 'HEVC in mp4',
    file: 'hevc.mp4',
    args: [...picture(), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error'],
    encoder: 'libx265',
  },
  {
    name: 'HEVC in mkv',
    file: 'hevc.mkv',
    args: [...picture(), '-c:v', 'libx265', '-preset', 'ultrafast', '-x265-params', 'log-level=error'],
    encoder: 'libx265',
  },
  {
    name: 'VP8 in webm',
    file: 'vp8.webm',
    args: [...picture(), '-c:v', 'libvpx', '-deadline', 'realtime'],
    encoder: 'libvpx',
  },
  {
    name: 'VP9 in webm',
    file: 'vp9.webm',
    args: [...picture(), '-c:v', 'libvpx-vp9', '-deadline', 'realtime'],
    encoder: 'libvpx-vp9',
  },
  {
    name: 'AV1 in webm',
    file: 'av1.webm',
    args: [...picture('64x48', 0.4), '-pix_fmt', 'yuv420p', '-c:v', 'libaom-av1', '-cpu-used', '8', '-strict', '-2'],
    encoder: 'libaom-av1',
  },
  { name: 'MPEG-4 ASP in avi', file: 'asp.avi', args: [...picture(), '-c:v', 'mpeg4', '-bf', '2', '-flags', '+qpel'] },
  { name: 'MPEG-4 in mp4', file: 'mpeg4.mp4', args: [...picture(), '-c:v', 'mpeg4', '-bf', '2'] },
  { name: 'MPEG-2 in mpg', file: 'mpeg2.mpg', args: [...picture(), '-c:v', 'mpeg2video', '-bf', '2'] },
  { name: 'MPEG-2 in ts', file: 'mpeg2.ts', args: [...picture(), '-c:v', 'mpeg2video', '-bf', '2'] },
  { name: 'MJPEG in avi', file: 'mjpeg.avi', args: [...picture(), '-c:v', 'mjpeg'] },
  { name: 'ProRes in mov', file: 'prores.mov', args: [...picture(), '-c:v', 'prores_ks', '-profile:v', '3'] },
  { name: 'an animated GIF', file: 'animated.gif', args: picture() },
  { name: '4:4:4', file: 'yuv444.mp4', args: [...picture(), ...h264, '-pix_fmt', 'yuv444p'], encoder: 'libx264' },
  {
    name: '10 bit',
    file: 'tenbit.mkv',
    args: [...picture(), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-profile:v', '2', '-pix_fmt', 'yuv420p10le'],
    encoder: 'libvpx-vp9',
  },
  {
    name: '10 bit 4:4:4',
    file: 'prores4444.mov',
    args: [...picture(), '-c:v', 'prores_ks', '-profile:v', '4', '-pix_fmt', 'yuv444p10le'],
  },
  { name: 'RGB', file: 'rgb.mkv', args: [...picture(), '-c:v', 'ffv1', '-pix_fmt', 'bgr0'] },
  { name: 'grey', file: 'grey.mkv', args: [...picture(), '-c:v', 'ffv1', '-pix_fmt', 'gray'] },
  {
    name: 'an odd size',
    file: 'odd.mkv',
    args: [...picture('63x47'), '-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
    size: [63, 47],
  },
  {
    name: 'an odd size of 4:4:4',
    file: 'odd444.mp4',
    args: [...picture('63x47'), ...h264, '-pix_fmt', 'yuv444p'],
    encoder: 'libx264',
    size: [63, 47],
  },
  {
    name: 'one pixel',
    file: 'pixel.mkv',
    args: [...picture('1x1'), '-c:v', 'ffv1', '-pix_fmt', 'yuv420p'],
    size: [1, 1],
  },
  { name: 'one frame', file: 'single.mp4', args: [...picture('64x48', 0.04), '-c:v', 'mpeg4'] },
  {
    name: 'interlaced fields',
    file: 'interlaced.ts',
    args: [...picture(), '-vf', 'interlace', '-c:v', 'mpeg2video', '-flags', '+ildct+ilme', '-top', '1'],
  },
  {
    name: 'a variable rate',
    file: 'vfr.mkv',
    args: [
      ...picture(),
      '-vf',
      "settb=1/1000,setpts='N*N*4/1000/TB'",
      '-vsync',
      'vfr',
      '-enc_time_base',
      '1/1000',
      '-c:v',
      'mpeg4',
    ],
  },
  {
    name: 'a gap in time',
    file: 'gap.mkv',
    args: [...picture(), '-vf', "select='not(between(n,5,15))'", '-vsync', 'vfr', '-c:v', 'mpeg4'],
  },
  {
    name: 'BT.709 colours',
    file: 'bt709.mp4',
    args: [...picture(), ...h264, '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'],
    encoder: 'libx264',
  },
  {
    name: 'HDR (PQ)',
    file: 'pq.mkv',
    args: [
      ...picture(),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p10le',
      '-x265-params',
      'log-level=error:colorprim=bt2020:transfer=smpte2084:colormatrix=bt2020nc',
    ],
    encoder: 'libx265',
  },
  {
    name: 'HDR (HLG)',
    file: 'hlg.mkv',
    args: [
      ...picture(),
      '-c:v',
      'libx265',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p10le',
      '-x265-params',
      'log-level=error:colorprim=bt2020:transfer=arib-std-b67:colormatrix=bt2020nc',
    ],
    encoder: 'libx265',
  },
  {
    name: 'a negative first timestamp',
    file: 'negative.mkv',
    args: [...picture(), '-c:v', 'mpeg4', '-output_ts_offset', '-0.5', '-avoid_negative_ts', 'disabled'],
  },
  {
    name: 'a late first timestamp',
    file: 'late.ts',
    args: [...picture(), '-c:v', 'mpeg2video', '-output_ts_offset', '3600'],
  },
  {
    name: 'sound that begins before the pictures',
    file: 'early-sound.mkv',
    args: ['-itsoffset', '0.3', ...picture(), '-f', 'lavfi', '-i', 'sine=duration=1.3', '-c:v', 'mpeg4', '-c:a', 'aac'],
  },
];

export const rotations: CorpusCase[] = [90, 180, 270].map((degrees) => ({
  name: `turned by ${degrees} degrees`,
  file: `rotated${degrees}.mp4`,
  args: ['-i', '<mpeg4.mp4>', '-c', 'copy', '-metadata:s:v:0', `rotate=${degrees}`],
  size: degrees === 180 ? [64, 48] : [48, 64],
}));

/** Files with something wrong, each made of a whole one. */
export const damaged: CorpusCase[] = [
  {
    name: 'is cut off (mkv)',
    file: 'cut.mkv',
    args: ['-i', '<h264.mkv>', '-c', 'copy'],
    encoder: 'libx264',
    damage: (path) => cut(path, 0.6),
  },
  {
    name: 'is cut off (ts)',
    file: 'cut.ts',
    args: ['-i', '<mpeg2.ts>', '-c', 'copy'],
    damage: (path) => cut(path, 0.6),
  },
  {
    name: 'is cut off (mp4, index first)',
    file: 'cut.mp4',
    args: ['-i', '<mpeg4.mp4>', '-c', 'copy', '-movflags', '+faststart'],
    damage: (path) => cut(path, 0.6),
  },
  {
    name: 'has other bytes in its middle (ts)',
    file: 'spoilt.ts',
    args: ['-i', '<mpeg2.ts>', '-c', 'copy'],
    damage: spoil,
  },
  {
    name: 'has other bytes in its middle (avi)',
    file: 'spoilt.avi',
    args: ['-i', '<asp.avi>', '-c', 'copy'],
    damage: spoil,
  },
  {
    name: 'has other bytes in its middle (mp4)',
    file: 'spoilt.mp4',
    args: ['-i', '<mpeg4.mp4>', '-c', 'copy', '-movflags', '+faststart'],
    damage: spoil,
  },
  {
    name: 'has other bytes in its middle (gif)',
    file: 'spoilt.gif',
    args: ['-i', '<animated.gif>'],
    damage: spoil,
  },
];

async function cut(path: string, share: number): Promise<void> {
  const file = await open(path, 'r+');
  await file.truncate(Math.round((await stat(path)).size * share));
  await file.close();
}

async function spoil(path: string): Promise<void> {
  const { size } = await stat(path);
  const file = await open(path, 'r+');
  const length = Math.round(size / 10);
  const noise = Buffer.from(Array.from({ length }, (_, index) => (index * 89 + 17) % 251));
  await file.write(noise, 0, length, Math.round(size * 0.55));
  await file.close();
}

/** Makes a case's file with an ffmpeg. */
export async function makeCase(ffmpeg: string, folder: string, { file, args, damage }: CorpusCase): Promise<string> {
  const path = temporaryPath(join(folder, file));
  await mkdir(dirname(path), { recursive: true });
  const inputs = args.map((arg) => arg.replace(/^<(.*)>$/, (_, name: string) => join(dirname(path), name)));
  await run(ffmpeg, ['-v', 'error', '-y', ...inputs, path]);
  await damage?.(path);
  return path;
}

/** The encoders an ffmpeg has. */
export async function encodersOf(ffmpeg: string): Promise<Set<string>> {
  const { stdout } = await run(ffmpeg, ['-hide_banner', '-encoders']);
  return new Set([...stdout.matchAll(/^ V\S+ (\S+)/gm)].map(([, name]) => name as string));
}

/**
 * What ffprobe decodes of a file's first video: when each frame is shown, in ms from the file's beginning; NaN where it
 * does not know.
 */
export async function probeFrames(path: string): Promise<number[]> {
  const { ffprobe } = await findFfmpeg();
  const entries = 'format=start_time:frame=best_effort_timestamp_time';
  const { stdout } = await run(
    ffprobe,
    ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', path],
    { env: toolEnvironment(), maxBuffer: 1 << 26 },
  );
  const { frames, format } = JSON.parse(stdout) as {
    frames: { best_effort_timestamp_time: string }[];
    format: { start_time: string };
  };
  return frames.map(({ best_effort_timestamp_time }) => {
    return (Number(best_effort_timestamp_time) - Number(format.start_time)) * 1000;
  });
}

/** How many frames an ffmpeg decodes of a file by itself, and whether it complains. */
export async function decodeAlone(ffmpeg: string, path: string): Promise<{ frames: number; complains: boolean }> {
  const args = ['-v', 'error', '-i', path, '-map', '0:v:0', '-vsync', 'passthrough', '-f', 'framecrc', '-'];
  return new Promise((resolve) => {
    execFile(ffmpeg, args, { env: toolEnvironment(), maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      const frames = stdout.split('\n').filter((line) => /^\d/.test(line)).length;
      resolve({ frames, complains: error !== null || stderr !== '' });
    });
  });
}
