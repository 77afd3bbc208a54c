import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort } from '../demo/ports';
import { root } from '../demo/user-dir';
import { rtspCamera } from '../test/soak/cameras';

/** What a camera process is started with, and what it tells whoever started it. */
export interface CameraProcessOptions {
  ffmpeg: string;
  width: number;
  height: number;
  fps: number;
  /** `Date.now()` from which the moments in its pictures count. */
  epoch: number;
}
export type CameraMessage = { url: string } | { taken: number; sentAt: number };

/** A picture of the example clip, RGB: 165 KB as a JPEG of the usual quality. */
function sceneOf({ ffmpeg, width, height }: CameraProcessOptions): Buffer {
  const clip = join(root, 'examples', 'bigbuckbunny.mp4');
  const picture = ['-ss', '2', '-i', clip, '-frames:v', '1', '-s', `${width}x${height}`];
  const args = ['-v', 'error', ...picture, '-f', 'rawvideo', '-pix_fmt', 'rgb24', 'pipe:1'];
  return execFileSync(ffmpeg, args, { maxBuffer: width * height * 3 + 1 });
}

/*
 * An RTSP camera in a process of its own, so that what is measured does not hold it up. Tells its address, and of each picture
 * the moment painted into it and when it was sent. It ends with whoever started it.
 */
async function main(): Promise<void> {
  const options = JSON.parse(process.argv[2] as string) as CameraProcessOptions;
  const { width, height, ffmpeg, fps, epoch } = options;
  const tell = (message: CameraMessage) => process.send?.(message);
  const camera = rtspCamera({
    ...{ name: 'camera', port: await freePort(), ffmpeg, fps, epoch },
    ...{ size: { width, height }, scene: sceneOf(options) },
    onEncoded: (taken) => tell({ taken, sentAt: Date.now() }),
  });
  await camera.on();
  tell({ url: camera.url });
  await once(process, 'disconnect');
  await camera.off();
}

void main();
