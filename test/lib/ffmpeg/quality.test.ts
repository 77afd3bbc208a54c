import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { quantiserOf } from '../../../lib/ffmpeg/quality';
import { bunny, temporaryPath } from '../../support/media';

const run = promisify(execFile);

/** How alike a picture is to the frame at 2 s of the clip: 1 = the same. */
async function similarity(ffmpeg: string, picture: string, original: string): Promise<number> {
  const graph = '[0:v]format=yuvj420p[a];[1:v]scale=out_range=pc,format=yuvj420p[b];[a][b]ssim';
  const { stderr } = await run(ffmpeg, [
    '-hide_banner',
    '-i',
    picture,
    '-i',
    original,
    '-lavfi',
    graph,
    '-f',
    'null',
    '-',
  ]);
  return Number(/SSIM .*All:([\d.]+)/.exec(stderr)?.[1]);
}

describe('quantiserOf', () => {
  it('is finest for the best quality and never out of range', () => {
    assert.equal(quantiserOf(100), 1);
    assert.equal(quantiserOf(1), 69);
    for (let quality = 2; quality <= 100; quality++) assert.ok(quantiserOf(quality) <= quantiserOf(quality - 1));
  });

  it("makes pictures as good as libjpeg's at the same number", async () => {
    const { ffmpeg } = await findFfmpeg();
    const original = temporaryPath('original.png');
    const ours = temporaryPath('ours.jpg');
    const theirs = temporaryPath('theirs.jpg');
    const frame = ['-v', 'error', '-y', '-ss', '2', '-i', bunny, '-frames:v', '1'];
    await run(ffmpeg, [...frame, original]);
    for (const quality of [50, 75, 90, 95]) {
      await run(ffmpeg, [...frame, '-c:v', 'mjpeg', '-qmin', '1', '-q:v', String(quantiserOf(quality)), ours]);
      await writeFile(theirs, await sharp(original).jpeg({ quality }).toBuffer());
      const difference = (await similarity(ffmpeg, ours, original)) - (await similarity(ffmpeg, theirs, original));
      assert.ok(Math.abs(difference) < 0.004, `quality ${quality}: SSIM differs by ${difference}`);
    }
  });
});
