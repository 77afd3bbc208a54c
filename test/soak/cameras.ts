import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { startRtspCamera } from '../support/rtsp-camera';
import { serveFolder } from '../support/web-server';
import { paintCode, type Size } from './capture-code';

/** A camera whose pictures tell when they were taken. Each keeps its address when it is switched off and on. */
export interface Camera {
  name: string;
  kind: 'mjpeg' | 'rtsp' | 'hls';
  url: string;
  fps: number;
  on(): Promise<void>;
  off(): Promise<void>;
}

export interface CameraOptions {
  name: string;
  port: number;
  fps: number;
  size: Size;
  /** `Date.now()` at the beginning of the run: what is painted counts from it. */
  epoch: number;
  ffmpeg: string;
  /** What it films, RGB; grey if it is not said. */
  scene?: Buffer;
}

/** Calls `take` with a new picture, RGB, and the moment painted into it, `fps` times a second, until it is told to stop. */
function film({ fps, size, epoch, scene }: CameraOptions, take: (pixels: Buffer, taken: number) => void): () => void {
  const pixels = scene === undefined ? Buffer.alloc(size.width * size.height * 3, 90) : Buffer.from(scene);
  const begin = performance.now();
  let count = 0;
  let timer: NodeJS.Timeout;
  const shoot = () => {
    // Something that moves, for encoders to have work.
    const row = Math.floor(size.height / 2) + (count % Math.floor(size.height / 3));
    pixels.fill((count * 5) % 256, row * size.width * 3, (row + 4) * size.width * 3);
    const taken = Date.now() - epoch;
    paintCode(pixels, size, taken);
    take(pixels, taken);
    count = Math.max(count + 1, Math.ceil(((performance.now() - begin) * fps) / 1000));
    timer = setTimeout(shoot, begin + (count * 1000) / fps - performance.now());
  };
  shoot();
  return () => clearTimeout(timer);
}

/** ffmpeg's arguments for pictures on stdin that are as old as they come, in ms: what it takes for their rate is its time base. */
function liveInput({ size }: CameraOptions): string[] {
  const format = ['-f', 'rawvideo', '-pixel_format', 'rgb24', '-video_size', `${size.width}x${size.height}`];
  return ['-v', 'fatal', '-use_wallclock_as_timestamps', '1', ...format, '-framerate', '1000', '-i', 'pipe:0'];
}

/** H.264 as cameras send it: no B-frames, a key frame a second. */
function h264({ fps }: CameraOptions): string[] {
  const speed = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p'];
  return [...speed, '-g', String(fps), '-bsf:v', 'dump_extra=freq=keyframe', '-vsync', 'passthrough'];
}

/** An encoder fed with pictures, each told to `onFed`; they are dropped while it does not keep up, as a camera's own would. */
function feed(options: CameraOptions, encoder: ChildProcess, onFed: (taken: number) => void = () => {}): () => void {
  const { stdin } = encoder;
  if (stdin === null) throw new Error('the encoder has no stdin');
  stdin.on('error', () => {}); // It was killed: the camera is off.
  return film(options, (pixels, taken) => {
    if (stdin.writableLength >= pixels.length * 2) return;
    stdin.write(Buffer.from(pixels));
    onFed(taken);
  });
}

async function kill(encoder: ChildProcess): Promise<void> {
  encoder.kill('SIGKILL');
  if (encoder.exitCode === null && encoder.signalCode === null) await once(encoder, 'close');
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
}

async function shut(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}

/** JPEGs over HTTP, `multipart/x-mixed-replace`: they bear no times at all. */
export function mjpegCamera(options: CameraOptions): Camera {
  const { name, port, fps, size } = options;
  let turnOff = async () => {};
  return {
    ...{ name, kind: 'mjpeg', url: `http://127.0.0.1:${port}/video.mjpg`, fps },
    async on() {
      const watching = new Set<ServerResponse>();
      const server = createServer((_request, response) => {
        response.writeHead(200, { 'content-type': 'multipart/x-mixed-replace; boundary=frame' });
        watching.add(response);
        response.on('close', () => watching.delete(response));
      });
      await listen(server, port);
      const raw = { width: size.width, height: size.height, channels: 3 as const };
      const stop = film(options, async (pixels) => {
        const jpeg = await sharp(Buffer.from(pixels), { raw }).jpeg({ quality: 80 }).toBuffer();
        const head = `--frame\r\nContent-Type: image/jpeg\r\nContent-Length: ${jpeg.length}\r\n\r\n`;
        for (const response of watching) {
          if (response.writableLength < 1e6)
            response.write(Buffer.concat([Buffer.from(head), jpeg, Buffer.from('\r\n')]));
        }
      });
      turnOff = async () => {
        stop();
        await shut(server);
      };
    },
    off: () => turnOff(),
  };
}

export interface RtspOptions extends CameraOptions {
  /** The picture that was taken at this moment has left the encoder. */
  onEncoded?: (taken: number) => void;
}

/** H.264 over RTSP. */
export function rtspCamera(options: RtspOptions): Camera {
  const { name, port, fps, ffmpeg, onEncoded } = options;
  let turnOff = async () => {};
  return {
    ...{ name, kind: 'rtsp', url: `rtsp://127.0.0.1:${port}/camera`, fps },
    async on() {
      let stop = () => {};
      const inEncoder: number[] = [];
      const camera = await startRtspCamera({
        ...{ ffmpeg, port, format: 'H264/90000' },
        onPicture() {
          const taken = inEncoder.shift();
          if (taken !== undefined) onEncoded?.(taken);
        },
        film(rtp) {
          const args = [...liveInput(options), ...h264(options), '-f', 'rtp', '-payload_type', '96', rtp];
          const encoder = spawn(ffmpeg, args, { stdio: ['pipe', 'ignore', 'inherit'] });
          stop = feed(options, encoder, (taken) => inEncoder.push(taken));
          return encoder;
        },
      });
      turnOff = async () => {
        stop();
        await camera.close();
      };
    },
    off: () => turnOff(),
  };
}

/** A live HLS of segments of a second. Switched on again, it goes on behind an EXT-X-DISCONTINUITY. */
export function hlsCamera(options: CameraOptions): Camera {
  const { name, port, fps, ffmpeg } = options;
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-hls-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  let turnOff = async () => {};
  return {
    ...{ name, kind: 'hls', url: `http://127.0.0.1:${port}/live.m3u8`, fps },
    async on() {
      const server = createServer(serveFolder(folder));
      await listen(server, port);
      const segments = ['-f', 'hls', '-hls_time', '1', '-hls_list_size', '6'];
      const flags = ['-hls_flags', 'delete_segments+append_list+omit_endlist+temp_file'];
      const args = [...liveInput(options), ...h264(options), ...segments, ...flags, join(folder, 'live.m3u8')];
      const encoder = spawn(ffmpeg, args, { stdio: ['pipe', 'ignore', 'inherit'] });
      const stop = feed(options, encoder);
      turnOff = async () => {
        stop();
        await kill(encoder);
        await shut(server);
      };
    },
    off: () => turnOff(),
  };
}
