import assert from 'node:assert/strict';
import { judgeExit } from '../../../lib/ffmpeg/exit-verdict';
import type { Exit } from '../../../lib/ffmpeg/process';
import type { Source } from '../../../lib/source/source';

const source: Source = {
  kind: 'network',
  input: 'rtsp://me:secret@camera/1',
  name: 'rtsp://camera/1',
  recorded: false,
  protocols: 'rtsp',
  inputOptions: [],
  confined: false,
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
