import assert from 'node:assert/strict';
import { FrameSequence, type ReadFrame } from '../../../../lib/decode/worker/frame-sequence';
import type { Frame } from '../../../../lib/frame/frame';
import { FakeClock } from '../../../support/fake-clock';

/** A packet that is decoded at `dts`, and came at `time`. */
function packet(dts: number, time: number, isPreroll: boolean): ReadFrame {
  return {
    entry: { pts: dts + 80, dts, duration: 40, isTimed: true, isKey: dts === 0, size: 1, width: 64, height: 48 },
    data: new ArrayBuffer(1),
    packet: { codec: 'h264', isKey: dts === 0, profile: undefined, isPreroll },
    time,
  };
}

describe('FrameSequence', () => {
  const frames: Frame[] = [];
  let sequence: FrameSequence;

  beforeEach(() => {
    frames.length = 0;
    sequence = new FrameSequence({ stream: 'a', session: 'b' }, new FakeClock(), (frame) => frames.push(frame));
  });

  const emit = (read: ReadFrame) =>
    sequence.emit(
      read,
      { pts: read.entry.dts, duration: 40, step: 40 },
      { isPaced: true, isLive: false, isLast: false, room: 1, isWanted: () => true },
    );

  it('does not wait with packets that are decoded and not shown', async () => {
    for (const dts of [0, 40, 80, 120]) await emit(packet(dts, dts, true));
    await emit(packet(160, 160, false));
    const due = emit(packet(200, 200, false));
    assert.deepEqual(
      frames.map(({ dts, pts, preroll }) => [dts, pts, preroll]),
      [0, 40, 80, 120, 160].map((dts) => [dts, dts + 80, dts < 160 ? true : undefined]),
    );
    sequence.close();
    await due;
  });

  it('gives frames times that do not go back, as their records are in that order', () => {
    for (const time of [1000, 1040, 500, 1080]) {
      sequence.emitNow(
        packet(0, time, false),
        { pts: 0, duration: 40, step: 40 },
        { isLive: true, isLast: false, room: 0 },
      );
    }
    assert.deepEqual(
      frames.map(({ time }) => time),
      [1000, 1040, 1040, 1080],
    );
  });
});
