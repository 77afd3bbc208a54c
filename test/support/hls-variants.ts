import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryPath } from './media';

/** In the order of the playlist: neither the first nor the last is the largest. Each has a grey of its own. */
export const variants = [
  { name: 'small', size: '32x24', bitrate: 60_000, grey: 0x30 },
  { name: 'poor', size: '64x48', bitrate: 150_000, grey: 0x60 },
  { name: 'good', size: '64x48', bitrate: 300_000, grey: 0x90 },
  { name: 'middle', size: '48x36', bitrate: 100_000, grey: 0xc0 },
];

/** Has ffmpeg write all variants into a folder of `makeMaster`: `input` stands before each picture, `hls` before each playlist. */
export function filmVariants(ffmpeg: string, into: string, input: string[], hls: string[]): ChildProcess {
  const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '10'];
  const pictures = variants.flatMap(({ size, grey }) => {
    const colour = `0x${grey.toString(16).repeat(3)}`;
    return [...input, '-f', 'lavfi', '-i', `color=c=${colour}:size=${size}:rate=25`];
  });
  const outputs = variants.flatMap(({ name }, index) => {
    const playlist = ['-f', 'hls', '-hls_time', '0.4', ...hls, join(into, `${name}.m3u8`)];
    return ['-map', `${index}:v`, ...encoder, ...playlist];
  });
  return spawn(ffmpeg, ['-v', 'error', ...pictures, ...outputs], { stdio: 'ignore' });
}

/** A folder with the master playlist, by this name in the folder of the tests. */
export async function makeMaster(name: string): Promise<string> {
  const path = temporaryPath(name);
  await mkdir(path, { recursive: true });
  const lines = variants.map(
    ({ name, size, bitrate }) => `#EXT-X-STREAM-INF:BANDWIDTH=${bitrate},RESOLUTION=${size}\n${name}.m3u8\n`,
  );
  await writeFile(join(path, 'master.m3u8'), `#EXTM3U\n${lines.join('')}`);
  return path;
}
