import assert from 'node:assert/strict';
import { FrameIndexParser } from '../../../../lib/decode/worker/frame-index';

const header = '#software: Lavf59.27.100\n#tb 0: 1/12800\n#media_type 0: video\n#dimensions 0: 1280x720\n#sar 0: 1/1\n';
const version5 = '0,          0,          0,      512,   171463, 0x9ac9ac60, S=1,        8\n';
const version4 = '0,        512,        512,        0,   172154, 0x8c194015, S=1,        8, 0x076400ed\n';
const size = { width: 1280, height: 720 };
const seen = { isTimed: true, isKey: true };
const first = { pts: 0, dts: 0, ...seen, duration: 40, size: 171463, ...size };
const second = { pts: 40, dts: 40, ...seen, duration: undefined, size: 172154, ...size };

describe('FrameIndexParser', () => {
  it('reads the lines of old and new ffmpegs', () => {
    assert.deepEqual(new FrameIndexParser().push(header + version5 + version4), [first, second]);
  });

  it('reads the same wherever the text is split', () => {
    const text = header + version5 + version4;
    for (let at = 0; at <= text.length; at++) {
      const parser = new FrameIndexParser();
      const entries = [...parser.push(text.slice(0, at)), ...parser.push(text.slice(at))];
      assert.deepEqual(entries, [first, second], `split at ${at}`);
    }
  });

  it('reads text that comes letter by letter', () => {
    const parser = new FrameIndexParser();
    assert.deepEqual(
      [...(header + version5 + version4)].flatMap((letter) => parser.push(letter)),
      [first, second],
    );
  });

  it('takes the decoding time where there is no presentation time', () => {
    const [entry] = new FrameIndexParser().push(`${header}0, 1024, -9223372036854775808, 512, 10, 0x0\n`);
    assert.equal(entry?.pts, 80);
  });

  it('keeps times that are no whole milliseconds', () => {
    const text = '#tb 0: 1001/30000\n#dimensions 0: 8x8\n0, 1, 1, 1, 10, 0x0\n';
    assert.equal(new FrameIndexParser().push(text)[0]?.pts, 33.367);
  });

  it('refuses what is no index', () => {
    assert.throws(() => new FrameIndexParser().push(`${header}muxing overhead: unknown\n`), SyntaxError);
  });

  it('refuses a packet whose dimensions were not told', () => {
    assert.throws(() => new FrameIndexParser().push(`#tb 0: 1/25\n${version5}`), SyntaxError);
  });
});
