import assert from 'node:assert/strict';
import { schemeOutsideHttp } from '../../../lib/source/playlist';

describe('schemeOutsideHttp', () => {
  it('finds nothing in a playlist that stays with http', () => {
    const playlist = [
      ...['#EXTM3U', '#EXT-X-VERSION:7', '#EXT-X-PROGRAM-DATE-TIME:2020-01-01T10:00:00Z', '#EXT-X-KEY:METHOD=NONE'],
      ...[
        '#EXT-X-MAP:URI="init.mp4",BYTERANGE="1@0"',
        '#EXTINF:4,News: at 10:00',
        'a/b.ts?at=10:00',
        '/c.ts',
        '//h/d.ts',
      ],
      ...['#EXTINF:4,', 'http://h:80/e.ts', 'HTTP://h/f.ts', '#EXT-X-ENDLIST', ''],
    ];
    assert.equal(schemeOutsideHttp(playlist.join('\r\n')), undefined);
  });

  it('finds every address that ffmpeg would not ask a proxy for', () => {
    for (const line of [
      ...['tcp://h:1', '  tcp:h:1', 'TCP://h', 'https://h/', 'httpproxy://h', 'http:h', 'crypto+http://h/', 'data:x'],
      ...[
        'subfile,,start,0,end,9,,:http://h',
        'a:b',
        '#EXT-X-KEY:METHOD=AES-128,URI=tcp://h:1',
        'x\rtcp://h',
        'x\0tcp://h',
      ],
      ...[
        '#EXT-X-MEDIA:TYPE=AUDIO, URI="udp://h:1",NAME="x"',
        '#EXT-X-MAP:URI="a",URI="tcp://h"',
        '#EXT-X-MAP:URI="a\\",URI="tcp://h"',
      ],
    ]) {
      assert.notEqual(schemeOutsideHttp(`#EXTM3U\n${line}\n`), undefined, JSON.stringify(line));
    }
  });
});
