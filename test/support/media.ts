import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { copyFile, open, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';

const run = promisify(execFile);

/** The repository's root: tests run from dist/test/support. */
export const root = resolve(__dirname, '../../..');
export const bunny = join(root, 'examples/bigbuckbunny.mp4');

/** A clip of the repository and how many frames it has: see test/media/README.md. */
export interface Clip {
  path: string;
  frames: number;
  width: number;
  height: number;
}

export const clips: Clip[] = [
  { path: bunny, frames: 132, width: 1280, height: 720 },
  { path: join(root, 'test/media/bikes.mp4'), frames: 250, width: 640, height: 272 },
  { path: join(root, 'test/media/vp8.webm'), frames: 24, width: 1280, height: 720 },
  { path: join(root, 'test/media/no_duration.webm'), frames: 74, width: 1280, height: 720 },
  { path: join(root, 'test/media/rotated_90.mov'), frames: 3, width: 320, height: 568 },
  { path: join(root, 'test/media/animation.gif'), frames: 30, width: 314, height: 273 },
];

let folder: string | undefined;

/** A path in a folder that is gone when the tests are over. */
export function temporaryPath(name: string): string {
  if (folder === undefined) {
    const created = mkdtempSync(join(tmpdir(), 'kafka-video-test-'));
    folder = created;
    process.once('exit', () => rmSync(created, { recursive: true, force: true }));
  }
  return join(folder, name);
}

/** Makes a file with ffmpeg, once per name. */
async function make(name: string, args: string[]): Promise<string> {
  const path = temporaryPath(name);
  if (existsSync(path)) return path;
  const { ffmpeg } = await findFfmpeg();
  await run(ffmpeg, ['-v', 'error', '-y', ...args, path]);
  return path;
}

/** The clip `bunny` so many times, 132 frames each. */
export function makeRepeated(times: number): Promise<string> {
  return make(`repeated-${times}.mp4`, ['-stream_loop', String(times - 1), '-i', bunny, '-an', '-c', 'copy']);
}

const testPicture = (seconds: number) => ['-f', 'lavfi', '-i', `testsrc=size=320x240:rate=25:duration=${seconds}`];

export function makeAudioOnly(): Promise<string> {
  return make('audio.wav', ['-f', 'lavfi', '-i', 'sine=duration=1']);
}

/** 25 JPEGs in an AVI. */
export function makeMotionJpeg(): Promise<string> {
  return make('mjpeg.avi', [...testPicture(1), '-c:v', 'mjpeg', '-q:v', '3']);
}

/** Frame n stands at n * n * 4 ms: every frame lasts longer than the one before. */
export function makeVariableRate(): Promise<string> {
  const times = "setpts='N*N*4/1000/TB'";
  return make('vfr.mkv', [
    ...testPicture(1),
    '-vf',
    `settb=1/1000,${times}`,
    '-vsync',
    'vfr',
    '-enc_time_base',
    '1/1000',
    '-c:v',
    'mpeg4',
    '-bf',
    '0',
  ]);
}

/** 10 s of small pictures. */
export function makeLong(): Promise<string> {
  return make('long.mp4', [...testPicture(10), '-c:v', 'mpeg4', '-g', '25']);
}

/** A song with a cover: its only picture is no video. */
export async function makeSongWithCover(): Promise<string> {
  const cover = await make('cover.jpg', [...testPicture(1), '-frames:v', '1']);
  const song = await makeAudioOnly();
  return make('song.mp4', [
    '-i',
    song,
    '-i',
    cover,
    '-map',
    '0',
    '-map',
    '1',
    '-c:a',
    'aac',
    '-c:v',
    'copy',
    '-disposition:v',
    'attached_pic',
  ]);
}

/** A clip whose last 40 percent are missing, but whose index (at its front) is whole. */
export async function makeTruncated(): Promise<string> {
  const whole = await make('faststart.mp4', ['-i', bunny, '-c', 'copy', '-movflags', '+faststart']);
  const path = temporaryPath('truncated.mp4');
  await copyFile(whole, path);
  const file = await open(path, 'r+');
  await file.truncate(Math.round((await stat(path)).size * 0.6));
  await file.close();
  return path;
}

/**
 * What ffprobe, independently of the decoder, says of a file's pictures: their times in ms from the file's beginning,
 * in the order they are shown, and their sizes in bytes.
 */
export async function probePackets(path: string): Promise<{ pts: number; size: number }[]> {
  const { ffprobe } = await findFfmpeg();
  const entries = 'format=start_time:packet=pts_time,size';
  const { stdout } = await run(
    ffprobe,
    ['-v', 'error', '-select_streams', 'v:0', '-show_entries', entries, '-of', 'json', path],
    { maxBuffer: 1 << 26 },
  );
  const { packets, format } = JSON.parse(stdout) as {
    packets: { pts_time: string; size: string }[];
    format: { start_time: string };
  };
  return packets
    .map(({ pts_time, size }) => ({
      pts: (Number(pts_time) - Number(format.start_time)) * 1000,
      size: Number(size),
    }))
    .sort((a, b) => a.pts - b.pts);
}

/** Pids of this process' ffmpegs and ffprobes that are alive: a thread that dies cannot clear away its dead ones. */
export async function runningFfmpegs(): Promise<number[]> {
  const { stdout } = await run('ps', ['-o', 'pid=,stat=,comm=', '--ppid', String(process.pid)]);
  return stdout
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, state, command]) => /^ff(mpeg|probe)$/.test(command ?? '') && !state?.startsWith('Z'))
    .map(([pid]) => Number(pid));
}
