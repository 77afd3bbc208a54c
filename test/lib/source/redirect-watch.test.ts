import assert from 'node:assert/strict';
import { RedirectWatch } from '../../../lib/source/redirect-watch';

/** Whether a redirect is seen in what comes in pieces of this size. */
const seen = (text: string, size = text.length): boolean => {
  const watch = new RedirectWatch();
  const data = Buffer.from(text, 'latin1');
  for (let at = 0; at < data.length; at += size) if (watch.sees(data.subarray(at, at + size))) return true;
  return false;
};

describe('RedirectWatch', () => {
  it('sees a redirect wherever ffmpeg would read one, however it is cut', () => {
    for (const text of [
      'RTSP/1.0 302 Moved\r\n',
      'RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\nRTSP/1.0 301 Moved\n',
      '$\0\0\x03abcRTSP/2.0 305 Proxy\n',
      'RTSP/ +0302\n',
      'RT\rSP/1.0\t  \v3\r03\n',
      'RRTSP/1.0 302\n',
      'RTSP/1.0 RTSP/1.0 302\n',
    ]) {
      for (const size of [1, 2, 7, text.length]) assert.equal(seen(text, size), true, JSON.stringify(text));
    }
  });

  it('takes nothing else for one', () => {
    for (const text of [
      'RTSP/1.0 200 OK\r\nCSeq: 302\r\n\r\n',
      'RTSP/1.0 401 Unauthorized\r\nContent-Length: 3\r\n\r\n302',
      'RTSP/1.0\n 302',
      'OPTIONS rtsp://h/ RTSP/1.0\r\n300',
    ]) {
      for (const size of [1, text.length]) assert.equal(seen(text, size), false, JSON.stringify(text));
    }
  });
});
