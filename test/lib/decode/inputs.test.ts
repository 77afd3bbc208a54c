import assert from 'node:assert/strict';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { Inputs } from '../../support/inputs';
import { bunny } from '../../support/media';
import { Player } from '../../support/player';

/** What leads to another file, by the name of its format. */
const playlists = {
  hls: (path: string) => `#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n${path}\n#EXT-X-ENDLIST\n`,
  concat: (path: string) => `ffconcat version 1.0\nfile '${path}'\n`,
  sdp: () => 'v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 32\n',
};

describe('inputs', () => {
  const inputs = new Inputs('inputs');

  describe('files', () => {
    const names = [
      'with a space.mkv',
      "it's.mkv",
      'double"quote.mkv',
      'br[ack]et{s}.mkv',
      '-i.mkv',
      '%d.mkv',
      '%04d of 100%.mkv',
      'time: 12:30.mkv',
      'concat:a|b.mkv',
      'Fluß 映画 🎬.mkv',
      'back\\slash.mkv',
      'new\nline.mkv',
      '*?.mkv',
      'http:.mkv',
    ];
    for (const name of names) {
      it(`play when their name is ${JSON.stringify(name)}`, async () => {
        await copyFile(inputs.clip, join(inputs.folder, name));
        const player = await inputs.play(join(inputs.folder, name), {}, { trusted: false });
        assert.equal(player.frames.length, 10);
      });
    }

    it('play as one picture when an image has the name of many', async () => {
      for (const name of ['%02d.jpg', '[a-z].png']) {
        await sharp(inputs.jpegs[0]).toFile(join(inputs.folder, name));
        assert.equal((await inputs.play(join(inputs.folder, name), {}, { trusted: false })).frames.length, 1);
      }
    });

    it('play as one picture in a folder that has the name of many', async () => {
      const folder = join(inputs.folder, '100%done [a-z]');
      await mkdir(folder, { recursive: true });
      await sharp(inputs.jpegs[0]).toFile(join(folder, 'shot.jpg'));
      assert.equal((await inputs.play(join(folder, 'shot.jpg'), {}, { trusted: false })).frames.length, 1);
    });

    it('cannot lead out of the allowed folders by a link', async () => {
      const inside = join(inputs.folder, 'inside');
      await mkdir(inside, { recursive: true });
      await copyFile(inputs.clip, join(inside, 'clip.mkv'));
      await symlink(inputs.clip, join(inside, 'link.mkv'));
      const settings = { allowedFolders: [inside] };
      assert.equal((await inputs.play(join(inside, 'clip.mkv'), {}, settings)).frames.length, 10);
      for (const path of [inputs.clip, join(inside, 'link.mkv'), join(inside, '..', 'clip.mkv')]) {
        await assert.rejects(inputs.play(path, {}, settings), { code: 'SOURCE_REFUSED', message: /allowedFolders/ });
      }
    });

    for (const [format, words] of Object.entries(playlists)) {
      it(`cannot lead out of the allowed folders by a playlist (${format})`, async () => {
        const inside = join(inputs.folder, 'inside');
        await mkdir(inside, { recursive: true });
        const list = join(inside, format === 'hls' ? 'list.m3u8' : `${format}.mp4`);
        await writeFile(list, words(inputs.clip));
        // Later ffmpegs do not take a file without its extension for HLS at all.
        await assert.rejects(inputs.play(list, {}, { allowedFolders: [inside] }), {
          code: format === 'hls' ? /SOURCE_REFUSED|SOURCE_UNREADABLE/ : 'SOURCE_REFUSED',
        });
      });
    }

    it('cannot lead out of the allowed folders by becoming a playlist once they were looked into', async () => {
      const inside = join(inputs.folder, 'inside');
      const tools = join(inputs.folder, 'tools');
      for (const folder of [inside, tools]) await mkdir(folder, { recursive: true });
      const [path, list] = [join(inside, 'changing.mkv'), join(inputs.folder, 'changed.txt')];
      await copyFile(inputs.clip, path);
      await writeFile(list, playlists.concat(inputs.clip));
      const { ffmpeg, ffprobe } = await findFfmpeg();
      await symlink(ffmpeg, join(tools, 'ffmpeg'));
      const script = `#!/bin/sh\n"${ffprobe}" "$@" && cat "${list}" > "${path}"\n`;
      await writeFile(join(tools, 'ffprobe'), script, { mode: 0o755 });
      const player = new Player(inputs.pool, { allowedFolders: [inside], ffmpegPath: join(tools, 'ffmpeg') });
      await player.start(path);
      assert.equal((await player.event('error')).code, 'SOURCE_REFUSED');
      assert.deepEqual(player.frames, []);
    });

    it('stay the ones that were looked into, where a link is turned elsewhere meanwhile', async () => {
      const inside = join(inputs.folder, 'turning');
      const tools = join(inputs.folder, 'turning-tools');
      for (const folder of [inside, tools]) await mkdir(folder, { recursive: true });
      await copyFile(inputs.clip, join(inside, 'clip.mkv'));
      const link = join(inside, 'link.mkv');
      await symlink(join(inside, 'clip.mkv'), link);
      const { ffmpeg, ffprobe } = await findFfmpeg();
      await symlink(ffmpeg, join(tools, 'ffmpeg'));
      const script = `#!/bin/sh\n"${ffprobe}" "$@" && ln -sf "${bunny}" "${link}"\n`;
      await writeFile(join(tools, 'ffprobe'), script, { mode: 0o755 });
      const settings = { allowedFolders: [inside], ffmpegPath: join(tools, 'ffmpeg') };
      assert.equal((await inputs.play(link, {}, settings)).frames.length, 10);
    });

    it('are no text, though ffmpeg plays the art of old terminals', async () => {
      const path = join(inputs.folder, 'notes.txt');
      await writeFile(path, 'Hello\n'.repeat(100));
      await assert.rejects(inputs.play(path), { code: 'SOURCE_UNREADABLE', message: /is a text file, not a video/ });
    });

    it('are images that may all be in the allowed folders only', async () => {
      const inside = join(inputs.folder, 'inside-shots');
      await mkdir(inside, { recursive: true });
      for (const number of [1, 2]) await writeFile(join(inside, `${number}.jpg`), inputs.jpegs[0] as Buffer);
      const settings = { allowedFolders: [inside] };
      const images = `images:${join(inside, '%d.jpg')}`;
      assert.equal((await inputs.play(images, {}, settings)).frames.length, 2);
      await symlink(join(inputs.folder, 'shots', 'shot-0017.jpg'), join(inside, '3.jpg'));
      await assert.rejects(inputs.play(images, {}, settings), { code: 'SOURCE_REFUSED' });
    });
  });

  describe('image sequences and generated pictures', () => {
    it('play every image from the lowest number on, at the rate that is set', async () => {
      const { frames } = await inputs.play(`images:${join(inputs.folder, 'shots', 'shot-%04d.jpg')}`, { fps: 10 });
      assert.deepEqual(
        frames.map(({ frame }) => frame.pts),
        Array.from({ length: 10 }, (_, index) => index * 100),
      );
    });

    it('play from a folder whose own name has a place for a number', async () => {
      for (const name of ['100%done', '%d', '%%', '%04d.jpg']) {
        const folder = join(inputs.folder, 'places', name);
        await mkdir(folder, { recursive: true });
        await writeFile(join(folder, '1.jpg'), inputs.jpegs[0] as Buffer);
        for (const settings of [{}, { allowedFolders: [folder] }]) {
          assert.equal((await inputs.play(`images:${join(folder, '%d.jpg')}`, {}, settings)).frames.length, 1);
        }
      }
    });

    it("are ffmpeg's test sources when the node itself asks for them", async () => {
      const { frames } = await inputs.play('lavfi:testsrc=size=64x48:rate=25:duration=0.2');
      assert.equal(frames.length, 5);
      assert.equal(frames.at(-1)?.frame.last, true);
    });

    it('are refused when a message asks for them', async () => {
      for (const source of ['lavfi:testsrc', 'v4l2:/dev/video0']) {
        await assert.rejects(inputs.play(source, {}, { trusted: false }), {
          code: 'SOURCE_REFUSED',
          message: /a message may only give/,
        });
      }
      await assert.rejects(inputs.play('images:shots/%d.jpg', {}, { trusted: false }), { code: 'BAD_OPTION' });
    });

    it('say that there is no such device, and go on looking for it', async () => {
      const player = new Player(inputs.pool);
      await player.start('v4l2:/dev/no-camera');
      assert.equal((await player.event('reconnecting')).attempt, 1);
      assert.equal(player.source.state, 'reconnecting');
      const [failure, ...others] = player.failures;
      assert.equal(failure?.code, 'SOURCE_UNREADABLE');
      assert.match(failure?.message ?? '', /v4l2:\/dev\/no-camera cannot be .* Retrying until it is stopped/);
      assert.deepEqual(others, []);
      await player.source.stop();
      assert.equal(player.source.state, 'idle');
    });
  });
});
