import assert from 'node:assert/strict';
import { resolveSource } from '../../../lib/source/resolve';
import { defaultStreamOf, likelyStreamOf, shownSource } from '../../../lib/source/shown';
import { withLogin } from '../../../lib/source/url-parts';
import { shortName } from '../../../nodes/video-source/editor/short-name';
import { places, printable, randomPasswords } from '../../support/passwords';

describe('what is shown of a source', () => {
  const shown: [given: string, seen: string][] = [
    ['rtsp://192.168.1.10:554/Streaming/Channels/101', 'rtsp://192.168.1.10:554/Streaming/Channels/101'],
    ['rtsp://admin:pw@cam.local/h264Preview_01_main', 'rtsp://cam.local/h264Preview_01_main'],
    ['rtsp://cam/cam/realmonitor?channel=1&subtype=0', 'rtsp://cam/cam/realmonitor?channel=1&subtype=0'],
    [
      'http://cam/axis-cgi/mjpg/video.cgi?resolution=640x480&fps=5',
      'http://cam/axis-cgi/mjpg/video.cgi?resolution=640x480&fps=5',
    ],
    ['rtsp://[fe80::1]:554/live', 'rtsp://[fe80::1]:554/live'],
    ['udp://@239.1.2.3:1234', 'udp://239.1.2.3:1234'],
    ['https://example.org/a@b?c=d@e', 'https://example.org/a@b?…'],
    ['http://cam.example.org:8080/x?login=me@home&fps=5', 'http://cam.example.org:8080/x?…&fps=5'],
    ['http://127.0.0.1:8080/img@2x.jpg', 'http://127.0.0.1:8080/img@2x.jpg'],
    ['videos/me@home.mp4', 'videos/me@home.mp4'],
    ['C:\\videos\\a@b=c?.mp4', 'C:\\videos\\a@b=c?.mp4'],
    ['dshow:video=Camera', 'dshow:video=Camera'],
    ['lavfi:testsrc=rate=25', 'lavfi:testsrc=rate=25'],
    ['lavfi:movie=rtsp\\://me\\:pw@cam', 'lavfi:…'],
  ];
  for (const [given, seen] of shown) {
    it(`of ${given} is ${seen}`, () => assert.equal(shownSource(given), seen));
  }

  const withheld: [given: string, seen: string][] = [
    ['rtsp://admin:a/b?c#d@192.168.1.10/1', 'rtsp://192.168.1.10/1'],
    ['rtsp://admin:12#3@cam/1', 'rtsp://cam/1'],
    ['rtsp://admin:1234/56@cam/1', 'rtsp://…'],
    ['rtsp://me:x@pw/rest@cam/1', 'rtsp://…'],
    ['rtsp://admin:pass', 'rtsp://…'],
    ['http://cam/v.cgi?loginuse=a&loginpas=PW&resolution=32', 'http://cam/v.cgi?…&resolution=32'],
    [
      'rtsp://cam/user=admin_password=PW_channel=1_stream=0.sdp?real_stream',
      'rtsp://cam/…_channel=1_stream=0.sdp?real_stream',
    ],
    ['rtsp://cam/user=admin&password=P/W&channel=1', 'rtsp://cam/…/…&channel=1'],
    ['rtsp://cam/user%3Dadmin_password%3DPW', 'rtsp://cam/…'],
    ['https://tv/hdnts=exp=1~acl=/*~hmac=ab/live.m3u8?hdnts=exp=1', 'https://tv/…/…/…?…'],
    ['https://tv/live/token/abc/index.m3u8', 'https://tv/live/token/…/index.m3u8'],
    ['rtsps://10.0.0.1:7441/uF4kQGHVUx0wZ8fz?enableSrtp', 'rtsps://10.0.0.1:7441/…?…'],
    ['rtmp://live/app/a1b2-c3d4-e5f6-a7b8-c9d0', 'rtmp://live/app/…'],
    ['http://h/d41d8cd98f00b204e9800998ecf8427e.mp4', 'http://h/….mp4'],
    ['srt://h:9000?streamid=pub&passphrase=longer&latency=200', 'srt://h:9000?…&latency=200'],
    ['http://proxy/rtsp://admin:pw@cam/1', 'http://…'],
    ['http://127.0.0.1/rtsp://admin:pw@cam/1', 'http://127.0.0.1/…/…/…/…'],
    ['http://h/x#token', 'http://h/x'],
    ['http://h/x;jsessionid=ab', 'http://h/…'],
    ['admin:pw@192.168.1.10/1', '192.168.1.10/1'],
    ['//admin:pw@cam/1', 'cam/1'],
    ['cam/v.cgi?pwd=PW', 'cam/v.cgi?…'],
  ];
  for (const [given, seen] of withheld) {
    it(`of ${given} is no more than ${seen}`, () => assert.equal(shownSource(given), seen));
  }

  it('is never a password, whatever that is made of and wherever it stands', async () => {
    for (const password of randomPasswords(300)) {
      for (const place of places) {
        const given = place(password);
        const name = await resolveSource(given, { folders: [__dirname], trusted: true }).then(
          (source) => `${source.name} ${defaultStreamOf(source)}`,
          (error: Error) => error.message,
        );
        const seen = [name, shownSource(given), likelyStreamOf(given), shortName({ source: given, sourceType: 'str' })];
        for (const text of seen) assert.ok(!text.includes(password), `${password} in ${text}`);
      }
    }
  });

  it('says by default where a stream comes from, and not which picture is wanted', async () => {
    const source = await resolveSource('rtsp://me:pw@cam:554/live?channel=2', { folders: [], trusted: false });
    assert.equal(source.name, 'rtsp://cam:554/live?channel=2');
    assert.equal(defaultStreamOf(source), 'rtsp://cam:554/live');
  });
});

describe('a login in a URL', () => {
  it('ends where its owner meant it to, whatever is in the password', async () => {
    const source = await resolveSource('rtsp://admin:a/b?c#d@192.168.1.10/1', { folders: [], trusted: false });
    assert.equal(source.input, 'rtsp://admin:a%2Fb%3Fc%23d@192.168.1.10/1');
  });

  it('is put in place of another, with every character in it', () => {
    const url = new URL(withLogin('http://old:one@cam:80/x?y', 'a@b', printable));
    assert.equal(decodeURIComponent(url.username), 'a@b');
    assert.equal(decodeURIComponent(url.password), printable);
    assert.equal(url.host + url.pathname + url.search, 'cam/x?y');
  });

  it('with a line end in it, even encoded, reaches no server', async () => {
    for (const url of ['rtsp://me:a/%0d%0aX: y@cam/', 'rtsp://me:%0a@cam/']) {
      await assert.rejects(resolveSource(url, { folders: [], trusted: true }), { code: 'BAD_OPTION' });
    }
  });

  it('does not tell its parts where a host is refused', async () => {
    const refused = resolveSource('rtsp://me:x@s3cret/rest@cam/', { folders: [], trusted: true, allowedHosts: ['h'] });
    await assert.rejects(refused, (error: Error) => !error.message.includes('s3cret'));
  });
});
