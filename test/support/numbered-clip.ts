import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../lib/ffmpeg/lookup';
import { temporaryPath } from './media';

const run = promisify(execFile);

export interface NumberedClip {
  codec?: 'h264' | 'vp9';
  frames: number;
  fps?: number;
  /** Pictures from one key frame to the next. */
  gop?: number;
  /** Pictures in a row that are decoded from a later one, too. */
  bFrames?: number;
  /** Such as `320x180`. */
  size?: string;
}

/** The number of each picture as 12 black or white fields along its top edge, lowest bit left, as test-frame-source paints it. */
const numbered =
  "geq=lum='if(lt(Y,W/12),if(mod(floor(N/pow(2,floor(X*12/W))),2),235,16),lum(X,Y))':cb='if(lt(Y*2,W/12),128,cb(X,Y))':cr='if(lt(Y*2,W/12),128,cr(X,Y))'";

/** A clip of compressed video whose pictures can be told apart by their pixels; made once for the same options. */
export async function makeNumberedClip(options: NumberedClip): Promise<string> {
  const { codec = 'h264', frames, fps = 30, gop = 30, bFrames = 2, size = '320x180' } = options;
  const path = temporaryPath(`${['numbered', codec, frames, fps, gop, bFrames, size].join('-')}.mkv`);
  if (existsSync(path)) return path;
  const { ffmpeg } = await findFfmpeg();
  const encoder =
    codec === 'h264'
      ? [
          '-c:v',
          'libx264',
          '-preset',
          'veryfast',
          '-crf',
          '18',
          '-sc_threshold',
          '0',
          '-bf',
          `${bFrames}`,
          '-b_strategy',
          '0',
        ]
      : ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-lag-in-frames', '0', '-b:v', '1M'];
  const picture = ['-f', 'lavfi', '-i', `testsrc=size=${size}:rate=${fps}`, '-frames:v', `${frames}`];
  const groups = ['-g', `${gop}`, '-keyint_min', `${gop}`, '-pix_fmt', 'yuv420p'];
  await run(ffmpeg, [
    '-v',
    'error',
    '-y',
    ...picture,
    '-vf',
    `format=yuv420p,${numbered}`,
    ...encoder,
    ...groups,
    path,
  ]);
  return path;
}
