import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { Inputs } from '../../support/inputs';

const run = promisify(execFile);

describe('large pictures', () => {
  const inputs = new Inputs('large-pictures');

  /** One picture of a single colour, which takes a few KB. */
  const paint = async (codec: string, size: string): Promise<string> => {
    const path = join(inputs.folder, `${codec}-${size}.mkv`);
    const picture = ['-v', 'error', '-y', '-f', 'lavfi', '-i', `color=size=${size}:rate=25`, '-frames:v', '1'];
    await run(inputs.ffmpeg, [...picture, '-c:v', codec, path]);
    return path;
  };
  const photograph = (width: number) =>
    sharp({ create: { width, height: width, channels: 3, background: 'grey' } })
      .jpeg()
      .toBuffer();

  it('play up to 8K', async () => {
    const { frames } = await inputs.play(await paint('mpeg2video', '7680x4320'));
    assert.equal(frames.length, 1);
    assert.equal((await sharp(frames[0]?.data).metadata()).width, 7680);
  });

  // The first is known from the container before a picture is decoded; the second takes ffprobe more than it is given.
  for (const [codec, size] of [
    ['mpeg2video', '8000x8000'],
    ['ffv1', '16000x8000'],
  ] as const) {
    it(`are one clear error above that, though the file is small (${codec})`, async () => {
      await assert.rejects(inputs.play(await paint(codec, size)), {
        code: 'SOURCE_UNREADABLE',
        message: new RegExp(`${size.replace('x', ' × ')} pixels, are too large to decode: give a video of at most`),
      });
    });
  }

  it('are left out where a video comes to them later', async () => {
    const path = join(inputs.folder, 'grows.mjpeg');
    const small = inputs.jpegs[0] as Buffer;
    await writeFile(path, Buffer.concat([small, small, await photograph(8200)]));
    const player = await inputs.play(path, { width: 32 });
    assert.equal(player.frames.length, 2);
    assert.match((await player.event('warning')).message, /8200x8200/);
  });
});
