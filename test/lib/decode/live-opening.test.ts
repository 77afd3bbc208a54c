import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import sharp from 'sharp';
import { Inputs } from '../../support/inputs';
import { Player } from '../../support/player';
import { startRtspCamera } from '../../support/rtsp-camera';
import { sendCamera, serveFolder } from '../../support/web-server';

/** Encoder options for ffmpeg: a key frame every second. */
const h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-pix_fmt', 'yuv420p', '-g', '25'];
const testPicture = ['-f', 'lavfi', '-i', 'testsrc=size=64x48:rate=25'];

describe('opening live sources', () => {
  const inputs = new Inputs('live-opening');

  /** Sends what ffmpeg makes of this, as it makes it. `pass` may change or leave out a piece. */
  function film(response: ServerResponse, args: string[], pass: (piece: Buffer) => Buffer | undefined = (all) => all) {
    const camera = spawn(inputs.ffmpeg, ['-v', 'error', '-re', ...args, 'pipe:1'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    camera.stdout.on('data', (data: Buffer) => {
      const piece = pass(data);
      if (piece !== undefined) response.write(piece);
    });
    response.on('close', () => camera.kill('SIGKILL'));
  }

  async function playSome(url: string, options: object = {}): Promise<Player> {
    const player = new Player(inputs.pool);
    await player.start(url, options);
    await player.frameCount(5);
    await player.source.stop();
    assert.deepEqual(player.failures, []);
    return player;
  }

  it('plays FLV that announces sound and sends none', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      let isHeader = true;
      film(response, [...testPicture, ...h264, '-f', 'flv'], (piece) => {
        // Of the header's fifth byte one bit stands for sound, and one for pictures.
        if (isHeader) piece[4] = 5;
        isHeader = false;
        return piece;
      });
    });
    await playSome(`${url}/live.flv`, { stallTimeout: 3 });
    assert.equal(requests.length, 1);
  });

  it('plays FLV of pictures alone in one connection', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      film(response, [...testPicture, ...h264, '-f', 'flv']);
    });
    await playSome(`${url}/live`, { stallTimeout: 3 });
    assert.equal(requests.length, 1);
  });

  it('plays a transport stream that is joined long before its next key frame', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      // What the first piece holds is the key frame, and what there is in the stream.
      let count = requests.length > 1 ? 1 : 0;
      const rareKeys = [...testPicture, ...h264, '-g', '500', '-f', 'mpegts'];
      film(response, rareKeys, (piece) => (count++ > 0 ? piece : undefined));
    });
    const player = await playSome(`${url}/live.ts`);
    assert.equal((await player.event('opened')).width, 64);
    assert.equal(requests.length, 2);
  });

  it('plays from an RTSP camera in one connection', async () => {
    const film = (rtp: string) =>
      spawn(inputs.ffmpeg, ['-v', 'error', '-re', ...testPicture, ...h264, '-f', 'rtp', rtp], { stdio: 'ignore' });
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, format: 'H264/90000', film });
    try {
      const player = await playSome(camera.url);
      const { codec, width, height, fps, format } = await player.event('opened');
      assert.deepEqual([codec, width, height, fps, format], ['h264', 64, 48, 25, 'rtsp']);
      assert.equal(camera.transports.length, 1);
    } finally {
      await camera.close();
    }
  });

  it('connects once more in all after an interruption, knowing what it was', async () => {
    const connections: ServerResponse[] = [];
    const { url, requests } = await inputs.serve((_request, response) => {
      connections.push(response);
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/live`);
    await player.frameCount(2);
    const { length } = requests;
    for (const connection of connections) connection.destroy();
    await player.event('reconnected');
    await player.source.stop();
    assert.equal(requests.length, length + 1);
  });

  for (const { path, connections } of [
    { path: '/mjpg/video.mjpg', connections: 1 },
    { path: '/?action=stream&pwd=secret', connections: 1 },
    { path: '/live', connections: 2 },
  ]) {
    it(`passes a camera's JPEGs on as they are, which it shows at ${path}`, async () => {
      const { url, requests } = await inputs.serve((_request, response) => {
        sendCamera(response, inputs.jpegs);
      });
      const { frames } = await playSome(url + path);
      for (const { data } of frames) assert.ok(inputs.jpegs.some((jpeg) => jpeg.equals(data)));
      assert.equal(requests.length, connections);
    });
  }

  it('converts the colours as the source is found to mean them', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      const red = ['-f', 'lavfi', '-i', 'color=c=0x20a040:size=64x48:rate=25', '-vf', 'scale=out_color_matrix=bt709'];
      const tags = ['-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709'];
      film(response, [...red, ...h264, ...tags, '-f', 'mpegts']);
    });
    const { frames } = await playSome(`${url}/live.ts`);
    const { data } = await sharp(frames[0]?.data).raw().toBuffer({ resolveWithObject: true });
    const [red, green, blue] = [data[0], data[1], data[2]] as [number, number, number];
    assert.ok(Math.hypot(red - 0x20, green - 0xa0, blue - 0x40) < 8, `${red}, ${green}, ${blue}`);
    assert.equal(requests.length, 1);
  });

  it('finds out where a source has pictures of another kind, and connects again', async () => {
    const { url, requests } = await inputs.serve((_request, response) => {
      film(response, [
        ...testPicture,
        '-c:v',
        'mpeg2video',
        '-pix_fmt',
        'yuv420p',
        '-vf',
        'scale=64:47,setsar=1',
        '-f',
        'mpegts',
      ]);
    });
    const { frames } = await playSome(`${url}/live.ts`);
    assert.deepEqual([frames[0]?.frame.width, frames[0]?.frame.height], [64, 47]);
    assert.equal(requests.length, 2);
  });

  it('plays a recording to its end whose URL looks like a live source', async () => {
    const { url } = await inputs.serve((request, response) => {
      request.url = '/clip.mkv';
      return serveFolder(inputs.folder)(request, response);
    });
    const { frames } = await inputs.play(`${url}/watch?v=1`, { start: 0.2 });
    assert.deepEqual([frames.length, frames.at(-1)?.frame.last], [5, true]);
  });

  it('says that there is only sound', async () => {
    const { url } = await inputs.serve((_request, response) => {
      film(response, ['-f', 'lavfi', '-i', 'sine', '-c:a', 'aac', '-f', 'flv']);
    });
    await assert.rejects(playSome(`${url}/live.flv`, { stallTimeout: 4 }), {
      code: 'SOURCE_NO_VIDEO',
      message: /holds only sound/,
    });
  });

  it('goes on without hardware that is not there, and says so', async () => {
    const { url } = await inputs.serve((_request, response) => {
      film(response, [...testPicture, ...h264, '-f', 'flv']);
    });
    const player = await playSome(`${url}/live.flv`, { hwaccel: 'nothing' });
    assert.match((await player.event('warning')).message, /is decoded without hardware \(nothing\)/);
  });
});
