import assert from 'node:assert/strict';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { temporaryPath } from '../../support/media';

async function program(folder: string, name: string, mode = 0o755): Promise<string> {
  const path = join(temporaryPath(folder), name);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, '');
  await chmod(path, mode);
  return path;
}

describe('findFfmpeg', () => {
  it('takes the path it is given before the environment', async () => {
    const chosen = await program('chosen', 'ffmpeg');
    const other = await program('other', 'ffmpeg');
    const env = { FFMPEG_PATH: other, FFPROBE_PATH: await program('probe', 'ffprobe') };
    assert.equal((await findFfmpeg({ ffmpegPath: chosen, env })).ffmpeg, chosen);
  });

  it('takes FFMPEG_PATH before PATH', async () => {
    const chosen = await program('chosen', 'ffmpeg');
    const env = { FFMPEG_PATH: chosen, PATH: dirname(await program('both', 'ffmpeg')), FFPROBE_PATH: chosen };
    assert.equal((await findFfmpeg({ env })).ffmpeg, chosen);
  });

  it('takes the ffprobe beside ffmpeg before FFPROBE_PATH', async () => {
    const ffmpeg = await program('both', 'ffmpeg');
    const ffprobe = await program('both', 'ffprobe');
    const env = { FFPROBE_PATH: await program('probe', 'ffprobe') };
    assert.deepEqual(await findFfmpeg({ ffmpegPath: ffmpeg, env }), { ffmpeg, ffprobe });
  });

  it('takes no folder for a program', async () => {
    const ffmpeg = await program('beside-folder', 'ffmpeg');
    await mkdir(join(dirname(ffmpeg), 'ffprobe'), { recursive: true });
    const env = { FFPROBE_PATH: await program('probe', 'ffprobe') };
    assert.equal((await findFfmpeg({ ffmpegPath: ffmpeg, env })).ffprobe, env.FFPROBE_PATH);
  });

  it('looks through PATH', async () => {
    const ffmpeg = await program('both', 'ffmpeg');
    const PATH = ['', '/nowhere', dirname(ffmpeg)].join(delimiter);
    assert.equal((await findFfmpeg({ env: { PATH } })).ffmpeg, ffmpeg);
  });

  it('takes the npm binary where nothing else is, and makes it executable', async () => {
    const { ffmpeg, ffprobe } = await findFfmpeg({ env: {} });
    assert.match(ffmpeg, /ffmpeg-installer/);
    assert.match(ffprobe, /ffprobe-installer/);
    assert.ok(((await stat(ffmpeg)).mode & 0o111) !== 0);
  });

  it('refuses a chosen path that cannot be run, with the remedy', async () => {
    const path = await program('broken', 'ffmpeg', 0o644);
    await assert.rejects(findFfmpeg({ ffmpegPath: path }), {
      code: 'FFMPEG_MISSING',
      message: /No ffmpeg that can be run at .*: correct the path, or install ffmpeg/,
    });
  });
});
