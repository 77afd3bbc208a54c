import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import type { ErrorCode } from '../../../lib/errors';
import { resolveSource as resolveBy } from '../../../lib/source/resolve';
import type { Source, SourceRules } from '../../../lib/source/source';
import { bunny, root, temporaryPath } from '../../support/media';

const run = promisify(execFile);

const resolveSource = (source: unknown, folders: string[], rules: Partial<SourceRules> = {}): Promise<Source> =>
  resolveBy(source, { folders, trusted: false, ...rules });

const refuses = (source: unknown, code: ErrorCode, words: RegExp) =>
  assert.rejects(resolveSource(source, [root]), { code, message: words });

describe('resolveSource', () => {
  it('takes a path', async () => {
    assert.equal((await resolveSource(bunny, [root])).input, `file:${bunny}`);
  });

  it('looks for a relative path in each folder, in their order', async () => {
    const source = await resolveSource(basename(bunny), [root, dirname(bunny)]);
    assert.equal(source.input, `file:${bunny}`);
    assert.equal(source.name, basename(bunny));
  });

  it('takes the URL of a local file', async () => {
    assert.equal((await resolveSource(pathToFileURL(bunny).href, [root])).input, `file:${bunny}`);
  });

  it('takes a file whatever its name looks like', async () => {
    for (const name of ['concat:a.mp4', '-i', "it's [a] %d.mp4", 'video: 1.mp4']) {
      const path = temporaryPath(name);
      await writeFile(path, 'x');
      assert.equal((await resolveSource(name, [dirname(path)])).input, `file:${path}`);
    }
  });

  it('lets a file open files only, and a playlist of the web nothing local', async () => {
    const file = await resolveSource(bunny, [root]);
    const web = await resolveSource('https://example.org/live.m3u8', [root]);
    assert.ok(!/http|tcp/.test(file.protocols));
    assert.ok(!web.protocols.split(',').includes('file'));
  });

  it('hides user and password', async () => {
    const source = await resolveSource('rtsp://me:p@ss@camera.local/1', [root]);
    assert.equal(source.name, 'rtsp://camera.local/1');
    assert.equal(source.input, 'rtsp://me:p@ss@camera.local/1');
    assert.equal(source.recorded, false);
  });

  it('hides a password in what is no URL of a local file', () =>
    refuses('file://me:s3cret@server/clip.mp4', 'BAD_OPTION', /^file:\/\/server\/clip\.mp4 is not the URL/));

  it("refuses ffmpeg's own syntax", async () => {
    for (const source of [
      'concat:a.mp4|b.mp4',
      'subfile,,start,0,end,9,,:/etc/passwd',
      'data:video/mp4;base64,AA',
      'crypto:/etc/passwd',
      'crypto+file:///etc/passwd',
      'async:http://h/',
      'cache:http://h/',
      'fd:',
      'unix:/run/x.sock',
      'unix:///run/x.sock',
      'httpproxy://h/h:1',
      'tls://h:1',
      'file:/etc/passwd',
      'lavfi://x',
      'pipe:0',
    ]) {
      await assert.rejects(resolveSource(source, [root]), /give a path|check the path|only for a path/, source);
    }
  });

  it('says what is missing', () =>
    refuses('missing.mp4', 'SOURCE_NOT_FOUND', /missing\.mp4 does not exist.*check the path/));

  it('says that a folder is one', () => refuses('test', 'SOURCE_NOT_A_FILE', /test is a folder: give the path/));

  it('says that a file is empty', async () => {
    const path = temporaryPath('empty.mp4');
    await writeFile(path, '');
    await refuses(path, 'SOURCE_UNREADABLE', /is empty/);
  });

  it('says that there is no source', async () => {
    for (const source of [undefined, '', ' ', 5, {}]) await refuses(source, 'BAD_OPTION', /No source given/);
  });

  it('refuses a source longer than any in use at once, whatever it is made of', async () => {
    for (const character of ['a', '?', '@', ':', '/', '.', '=', '&']) {
      await refuses(
        character.repeat(200_000),
        'BAD_OPTION',
        /has 200000 characters: give a path or URL of at most 4096/,
      );
    }
  });

  it('refuses control characters in a URL, which would reach the wire', async () => {
    for (const source of [
      'rtsp://h/x RTSP/1.0\r\nFLUSHALL\r\n',
      'clip\0.mp4',
      'http://h/\x7f',
      'tcp://h:1/\n',
      'rtsp://me%0d%0aX: y:p@h/',
      'http://me:%00@h/',
      'tcp://127.0.0.1 .example.org:1',
    ]) {
      await refuses(source, 'BAD_OPTION', /control character/);
    }
    assert.equal((await resolveSource('http://h/a%0ab', [root])).kind, 'network');
  });

  it('takes no name of a property of all objects for a kind of source', async () => {
    for (const name of ['constructor', 'toString', 'hasOwnProperty']) {
      for (const trusted of [true, false]) {
        await assert.rejects(resolveSource(`${name}:x`, [root], { trusted }), { code: 'BAD_OPTION' });
        await assert.rejects(resolveSource(`${name}://x`, [root], { trusted }), { code: 'BAD_OPTION' });
      }
    }
  });

  it('takes regular files only', async () => {
    const pipe = temporaryPath('pipe.mp4');
    await run('mkfifo', [pipe]);
    for (const path of [pipe, '/dev/zero', '/dev/tty', '/']) await refuses(path, 'SOURCE_NOT_A_FILE', /is (?:a|not a)/);
  });

  it('takes a URL for that of the host which ffmpeg would connect to', async () => {
    const allowedHosts = ['good.example', '*.example.org'];
    const by = (url: string) => resolveSource(url, [root], { allowedHosts });
    for (const scheme of ['http', 'https', 'rtsp', 'rtsps', 'rtmp', 'srt', 'tcp']) {
      for (const place of ['good.example', 'GOOD.example:80', 'a@b@good.example', 'x.example.org', 'a.b.example.org']) {
        assert.equal((await by(`${scheme}://${place}/x`)).kind, 'network', place);
      }
      for (const place of [
        ...['evil.example', 'good.example@evil.example', 'a@good.example@evil.example', 'good.example:80@evil.example'],
        ...['evil.example/good.example', 'evil.example?@good.example', 'evil.example#@good.example'],
        ...['good.example#@evil.example', 'x.example.org#@evil.example', 'evil.example#@x.example.org'],
        ...['evilexample.org', 'example.org', 'x.example.org.evil', '[::1]', '127.0.0.1', '', 'good.example.'],
      ]) {
        await assert.rejects(by(`${scheme}://${place}/x`), { code: 'SOURCE_REFUSED' }, `${scheme}://${place}`);
      }
    }
  });

  it('refuses what can read any file or host where only some are allowed, even in the node itself', async () => {
    for (const rules of [{ allowedHosts: ['h'] }, { allowedFolders: [root] }]) {
      const lavfi = resolveSource('lavfi:movie=/etc/passwd', [root], { trusted: true, ...rules });
      await assert.rejects(lavfi, { code: 'SOURCE_REFUSED', message: /can read any file/ });
    }
  });

  it('keeps what folders and hosts allow from every format that names other files or hosts', async () => {
    const file = await resolveSource(bunny, [root], { allowedFolders: [root] });
    const network = await resolveSource('tcp://h:1', [root], { allowedHosts: ['h'] });
    for (const { inputOptions } of [file, network]) {
      const formats = inputOptions[inputOptions.indexOf('-format_whitelist') + 1]?.split(',') ?? [];
      assert.ok(formats.includes('mp4'));
      for (const format of [
        ...['hls', 'applehttp', 'dash', 'webm_dash_manifest', 'concat', 'imf', 'sdp', 'sap', 'lavfi', 'avisynth'],
        ...[
          'vapoursynth',
          'vobsub',
          'mlv',
          'image2pipe',
          'libcdio',
          'x11grab',
          'video4linux2',
          'v4l2',
          'fbdev',
          'ffmetadata',
        ],
      ]) {
        assert.ok(!formats.includes(format), format);
      }
    }
  });

  it('opens no port for a message', async () => {
    for (const url of [
      'udp://0.0.0.0:1234',
      'udp://@:1234',
      'udp://127.0.0.1:1234',
      'rtp://h:1234',
      'tcp://0.0.0.0:8390?listen=1',
      'rtmp://h/app?listen',
      'srt://h:1?mode=listener',
      'http://h/?a=1&listen=2',
    ]) {
      await refuses(url, 'SOURCE_REFUSED', /would wait for anybody to connect or send/);
      assert.equal((await resolveSource(url, [root], { trusted: true })).kind, 'network');
    }
    for (const url of ['http://h/?listen=0', 'udp://239.1.2.3:1234', 'udp://@224.0.0.9:1', 'rtp://[ff02::1]:1']) {
      assert.equal((await resolveSource(url, [root])).kind, 'network');
    }
  });

  it('opens no port where only some hosts are allowed, not even for the node itself', async () => {
    for (const url of ['tcp://h:1?listen', 'srt://h:1?mode=listener', 'udp://h:1']) {
      const source = resolveSource(url, [root], { trusted: true, allowedHosts: ['h'] });
      await assert.rejects(source, { code: 'SOURCE_REFUSED', message: /would wait for anybody/ });
    }
  });
});
