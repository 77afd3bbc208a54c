import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import type { EncodedFrame, VideoCodec } from '../../lib/frame/frame';
import { temporaryPath } from './media';

const run = promisify(execFile);

/** How a clip of a test picture is to be compressed. */
export interface ClipOptions {
  codec?: VideoCodec;
  /** Pictures, at 25 per second. */
  frames?: number;
  /** Pictures from one key frame to the next. */
  gop?: number;
  /** H.264 and HEVC: pictures in a row that are decoded from a later one, too. */
  bFrames?: number;
  /** H.264 and HEVC: whether pictures that are shown before a key frame may need those before it, too. */
  openGop?: boolean;
  /** H.264: parts that each picture is cut into. */
  slices?: number;
  /** Such as `64x36`. */
  size?: string;
  /** Bits a second; as many as the picture takes unless set. */
  bitrate?: number;
}

const encoders: Record<VideoCodec, string[]> = {
  h264: ['-c:v', 'libx264', '-preset', 'veryfast', '-sc_threshold', '0', '-pix_fmt', 'yuv420p'],
  hevc: ['-c:v', 'libx265', '-preset', 'ultrafast'],
  av1: ['-c:v', 'libaom-av1', '-strict', 'experimental', '-cpu-used', '8', '-lag-in-frames', '0'],
  vp9: ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-lag-in-frames', '0'],
  vp8: ['-c:v', 'libvpx', '-deadline', 'realtime', '-lag-in-frames', '0'],
};

/** Makes a clip with ffmpeg, once for the same options; returns its path. */
export async function makeClip(options: ClipOptions = {}): Promise<string> {
  const { codec = 'h264', frames = 20, gop = 10, bFrames = 0, size = '64x36', bitrate } = options;
  const { openGop = false, slices = 1 } = options;
  const path = temporaryPath(`${[codec, frames, gop, bFrames, size, bitrate, openGop, slices].join('-')}.mkv`);
  if (existsSync(path)) return path;
  const { ffmpeg } = await findFfmpeg();
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=25`, '-frames:v', String(frames)];
  const rate = bitrate === undefined ? [] : ['-b:v', String(bitrate)];
  const groups = ['-g', String(gop), '-keyint_min', String(gop), ...formOf(codec, { gop, bFrames, openGop, slices })];
  await run(ffmpeg, ['-v', 'error', '-y', ...picture, ...encoders[codec], ...rate, ...groups, path]);
  return path;
}

type Form = Required<Pick<ClipOptions, 'gop' | 'bFrames' | 'openGop' | 'slices'>>;

function formOf(codec: VideoCodec, { gop, bFrames, openGop, slices }: Form): string[] {
  // As many B-frames as it may, whether they help or not.
  const common = `open-gop=${openGop ? 1 : 0}:b-adapt=0:bframes=${bFrames}`;
  if (codec === 'h264') return ['-x264-params', `${common}:slices=${slices}`];
  // Its encoder does not take `-g`.
  return codec === 'hevc'
    ? ['-x265-params', `log-level=none:scenecut=0:keyint=${gop}:min-keyint=${gop}:${common}`]
    : [];
}

/** The forms in which H.264 and HEVC go through Kafka: Annex B, with parameter sets in front of each key frame. */
const filters: Partial<Record<string, string>> = { h264: 'h264_mp4toannexb', hevc: 'hevc_mp4toannexb' };

/**
 * The access units of a file's video, in decoding order, as frames: what is told by the container, so without `profile`.
 * Their time is that of decoding, from 1000 s after the epoch on.
 */
export async function packetsOf(path: string, stream = 'clip'): Promise<EncodedFrame[]> {
  const { ffmpeg, ffprobe } = await findFfmpeg();
  const probe = ['-v', 'error', '-select_streams', 'v:0', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', path];
  const codec = (await run(ffprobe, probe)).stdout.trim() as VideoCodec;
  const name = randomUUID();
  const [index, bytes] = [temporaryPath(`${name}.index`), temporaryPath(`${name}.bytes`)];
  const filter = filters[codec] === undefined ? [] : ['-bsf:v', filters[codec]];
  await run(ffmpeg, [
    ...['-v', 'error', '-y', '-i', path, '-map', '0:v:0', '-c', 'copy', ...filter],
    ...['-f', 'tee', `[f=framecrc]${index}|[f=data]${bytes}`],
  ]);
  const lines = (await readFile(index, 'latin1')).split('\n').filter((line) => line !== '');
  const told = (name: string) => lines.find((line) => line.startsWith(`#${name} 0: `))?.split(': ')[1] ?? '';
  const [numerator = 0, denominator = 1] = told('tb').split('/').map(Number);
  const [width = 0, height = 0] = told('dimensions').split('x').map(Number);
  const ms = (ticks: number) => Math.round((ticks * numerator * 1e6) / denominator) / 1000;
  const packets = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => {
      const [, dts = 0, pts = 0, duration = 0, size = 0] = line.split(',').map(Number);
      const flags = /F=0x([\da-f]+)/i.exec(line)?.[1];
      return { dts, pts, duration, size, isKey: flags === undefined || (Number.parseInt(flags, 16) & 1) === 1 };
    });
  const beginning = Math.min(...packets.map(({ pts }) => pts));
  const data = await readFile(bytes);
  let at = 0;
  return packets.map(({ dts, pts, duration, size, isKey }, seq) => {
    const decoded = ms(dts - beginning);
    at += size;
    return {
      frame: {
        ...{ stream, session: 'first', seq, pts: ms(pts - beginning), dts: decoded, duration: ms(duration) },
        ...{ time: 1_000_000 + decoded, width, height, codec },
        ...(isKey && { key: true as const }),
      },
      data: data.subarray(at - size, at),
    };
  });
}
