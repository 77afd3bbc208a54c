import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../demo/user-dir';
import { startRtspCamera } from '../test/support/rtsp-camera';

/** What a process of cameras is started with, and what it tells whoever started it. */
export interface StreetOptions {
  ffmpeg: string;
  /** How many cameras. */
  cameras: number;
  fps: number;
  /** Where the clip that they send is written. */
  clip: string;
}
export type StreetMessage = { urls: string[] };

/** A clip as a camera would send it: 720p, a key frame every two seconds, no B-frames, 2 Mbit/s. */
function makeClip({ ffmpeg, clip, fps }: StreetOptions): void {
  const film = join(root, 'examples', 'bigbuckbunny.mp4');
  const picture = ['-an', '-vf', `fps=${fps},scale=1280:720`, '-pix_fmt', 'yuv420p'];
  const rate = ['-b:v', '2M', '-maxrate', '2M', '-bufsize', '1M', '-g', String(2 * fps), '-bf', '0'];
  const encoder = ['-c:v', 'libx264', '-preset', 'veryfast', '-tune', 'zerolatency', ...rate];
  execFileSync(ffmpeg, ['-v', 'error', '-y', '-i', film, ...picture, ...encoder, clip]);
}

/*
 * RTSP cameras in a process of their own, so that what is measured does not hold them up. They send one clip again and again, each
 * packet in its time. They end with whoever started them.
 */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] as string) as StreetOptions;
  const { ffmpeg, cameras, clip } = options;
  makeClip(options);
  const film = (rtp: string) => {
    const input = ['-v', 'fatal', '-re', '-stream_loop', '-1', '-i', clip];
    const copy = ['-c', 'copy', '-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe'];
    return spawn(ffmpeg, [...input, ...copy, '-f', 'rtp', '-payload_type', '96', rtp], { stdio: 'ignore' });
  };
  const street = await Promise.all(
    Array.from({ length: cameras }, () => startRtspCamera({ ffmpeg, format: 'H264/90000', film })),
  );
  process.send?.({ urls: street.map(({ url }) => url) } satisfies StreetMessage);
  await once(process, 'disconnect');
  await Promise.all(street.map((camera) => camera.close()));
}

void main();
