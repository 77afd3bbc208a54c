import assert from 'node:assert/strict';
import { isCutOff, judgeExit } from '../../../lib/ffmpeg/exit-verdict';
import type { Exit } from '../../../lib/ffmpeg/process';
import type { Source } from '../../../lib/source/source';

const source: Source = {
  kind: 'network',
  input: 'rtsp://me:secret@camera/1',
  name: 'rtsp://camera/1',
  recorded: false,
  protocols: 'rtsp',
  inputOptions: [],
};
const judge = (exit: Exit, frames = 3, log = ['rtsp://me:secret@camera/1: broken']) =>
  judgeExit(exit, { source, tools: { ffmpeg: '/ffmpeg', ffprobe: '/ffprobe' }, position: 0, frames, log });

describe('judgeExit', () => {
  it('returns what ffmpeg complained of, without the password', () => {
    assert.deepEqual(judge({ how: 'exited', code: 0 }), { complaints: ['rtsp://camera/1: broken'] });
  });

  it("quotes ffmpeg's last words when it failed, without the password", () => {
    assert.throws(() => judge({ how: 'exited', code: 1 }), {
      code: 'FFMPEG_FAILED',
      message:
        /^ffmpeg failed \(exit code 1\) after 3 frames of rtsp:\/\/camera\/1: rtsp:\/\/camera\/1: broken\. Check/,
    });
  });

  it('tells a crash from a failure', () => {
    assert.throws(() => judge({ how: 'killed', signal: 'SIGSEGV' }), {
      code: 'DECODER_CRASHED',
      message: /ended by SIGSEGV after 3 frames/,
    });
  });

  it('says that ffmpeg cannot be started', () => {
    const error = new Error('EACCES');
    assert.throws(() => judge({ how: 'not-started', error }), { code: 'FFMPEG_MISSING', cause: error });
  });

  it('says that there was not one frame', () => {
    assert.throws(() => judge({ how: 'exited', code: 0 }, 0), { code: 'SOURCE_NO_VIDEO', message: /has no frames/ });
  });
});

describe('isCutOff', () => {
  for (const line of [
    '[mov,mp4,m4a,3gp,3g2,mj2 @ 0x1] stream 0, offset 0x9b9fc: partial file',
    '[https @ 0x1] Stream ends prematurely at 1000000, should be 2000000',
    '[matroska,webm @ 0x1] File ended prematurely at pos. 1234 (0x4d2)',
    'http://camera/clip.mp4: Connection reset by peer',
    'clip.mp4: Input/output error',
  ]) {
    it(`takes "${line}" for a source that was cut off`, () => assert.ok(isCutOff(['something else', line])));
  }

  it('takes a damaged picture for no end', () => {
    assert.ok(!isCutOff(['[h264 @ 0x1] error while decoding MB 10 20, bytestream -5', 'Invalid data found']));
  });
});
