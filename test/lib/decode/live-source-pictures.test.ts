import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { EncodedFrame } from '../../../lib/frame/frame';
import { readPacketHeader } from '../../../lib/frame/packet-header';
import { Inputs } from '../../support/inputs';
import { temporaryPath } from '../../support/media';
import { Player } from '../../support/player';
import { type RtspCamera, startRtspCamera } from '../../support/rtsp-camera';

describe("a live source's pictures as they are", () => {
  const inputs = new Inputs('live-source-pictures');
  /** Runs with a camera that sends H.264 as they do, a key frame every 25 pictures. */
  async function withCamera(what: (camera: RtspCamera) => Promise<void>): Promise<void> {
    const picture = ['-v', 'fatal', '-re', '-f', 'lavfi', '-i', 'testsrc=size=128x72:rate=25', '-pix_fmt', 'yuv420p'];
    const encoder = ['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25'];
    const output = ['-bsf:v', 'dump_extra=freq=keyframe', '-f', 'rtp', '-payload_type', '96'];
    const camera = await startRtspCamera({
      ffmpeg: inputs.ffmpeg,
      format: 'H264/90000',
      film: (rtp) => spawn(inputs.ffmpeg, [...picture, ...encoder, ...output, rtp], { stdio: 'ignore' }),
    });
    try {
      await what(camera);
    } finally {
      await camera.close();
    }
  }

  /** The frames of a session are decodable from its first one on, in an order that grows. */
  function assertWhole(frames: EncodedFrame[]): void {
    for (const [index, { frame, data }] of frames.entries()) {
      const before = frames[index - 1]?.frame;
      assert.deepEqual([frame.seq, frame.codec, frame.live, frame.preroll], [index, 'h264', true, undefined]);
      assert.deepEqual([frame.width, frame.height], [128, 72]);
      assert.ok(frame.dts !== undefined && frame.dts > (before?.dts ?? -1000));
      assert.ok(frame.time >= (before?.time ?? 0));
      const header = readPacketHeader('h264', data);
      assert.deepEqual([header?.key === true, header?.profile], [frame.key === true, frame.profile]);
    }
    assert.equal(frames[0]?.frame.key, true);
  }

  it('begin with a key frame for whoever connects in between two, and can be decoded from there', () =>
    withCamera(async (camera) => {
      const player = new Player(inputs.pool);
      await player.start(camera.url, { pictures: 'source' });
      await player.frameCount(40);
      await player.source.stop();
      const opened = await player.event('opened');
      assert.deepEqual([opened.codec, opened.pictures], ['h264', 'h264']);
      assertWhole(player.frames);
      const path = temporaryPath('camera.h264');
      await writeFile(path, Buffer.concat(player.frames.map(({ data }) => data)));
      const decoder = spawn(inputs.ffmpeg, ['-v', 'error', '-i', path, '-f', 'framemd5', '-']);
      const [complaints, pictures] = [textOf(decoder.stderr), textOf(decoder.stdout)];
      await once(decoder, 'close');
      assert.equal(await complaints, '');
      assert.equal((await pictures).split('\n').filter((line) => /^\d/.test(line)).length, player.frames.length);
    }));

  it('begin with a key frame for whoever comes later, and after a pause, in one connection for all', () =>
    withCamera(async (camera) => {
      const [first, second] = [new Player(inputs.pool), new Player(inputs.pool)];
      await first.start(camera.url, { pictures: 'source' });
      await first.frameCount(5);
      await second.start(camera.url, { pictures: 'source' });
      await second.frameCount(5);
      first.source.pause();
      const paused = first.frames.length;
      await second.frameCount(10);
      first.source.resume();
      await first.frameCount(paused + 5);
      await Promise.all([first.source.stop(), second.source.stop()]);
      assertWhole(second.frames);
      assert.deepEqual([second.frames[0]?.frame.pts, second.frames[0]?.frame.dts], [0, 0]);
      assertWhole(first.frames);
      assert.equal(first.frames[paused]?.frame.key, true);
      assert.equal((await second.event('ended')).skipped, undefined);
      assert.equal(camera.transports.length, 1);
    }));

  it('go on with a key frame and later times after the connection was lost', () =>
    withCamera(async (camera) => {
      const player = new Player(inputs.pool);
      await player.start(camera.url, { pictures: 'source' });
      await player.frameCount(5);
      camera.interrupt();
      await player.event('reconnecting');
      const before = player.frames.length;
      await player.frameCount(before + 5);
      await player.source.stop();
      assertWhole(player.frames);
      assert.equal(player.frames[before]?.frame.key, true);
    }));
});

async function textOf(stream: NodeJS.ReadableStream): Promise<string> {
  let text = '';
  for await (const chunk of stream) text += String(chunk);
  return text;
}
