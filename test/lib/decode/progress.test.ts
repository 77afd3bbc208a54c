import assert from 'node:assert/strict';
import { ProgressMeter } from '../../../lib/decode/progress';
import type { EncodedFrame } from '../../../lib/frame/frame';
import { FakeClock } from '../../support/fake-clock';

/** Frame `seq` of a video of 25 a second. */
const frameOf = (seq: number) =>
  ({ data: Buffer.alloc(10), frame: { seq, pts: seq * 40, duration: 40 } }) as unknown as EncodedFrame;

describe('ProgressMeter', () => {
  let clock: FakeClock;
  beforeEach(() => {
    clock = new FakeClock();
  });

  it('tells every second from when the source is open until it is closed', () => {
    const meter = new ProgressMeter(clock, { start: 0 });
    const told: number[] = [];
    meter.open({ duration: 10_000 }, () => told.push(clock.now()));
    clock.advance(3500);
    meter.close();
    clock.advance(3500);
    assert.deepEqual(told, [1000, 2000, 3000]);
  });

  it('tells the pace since it told last, and how long the rest takes at it', () => {
    const meter = new ProgressMeter(clock, { start: 0 });
    meter.open({ duration: 10_000 }, () => {});
    for (let seq = 0; seq < 25; seq += 1) meter.count(frameOf(seq));
    clock.advance(1000);
    for (let seq = 25; seq < 75; seq += 1) meter.count(frameOf(seq));
    clock.advance(500);
    const { frames, bytes, elapsed, fps, speed, percent, remaining } = meter.progress();
    assert.deepEqual([frames, bytes, elapsed, fps, speed], [75, 750, 1500, 100, 4]);
    assert.deepEqual([percent, remaining], [30, 1750]);
  });

  it('does not go back where a frame is seen before the one that is decoded before it', () => {
    const meter = new ProgressMeter(clock, { start: 0 });
    meter.open({ duration: 160 }, () => {});
    for (const pts of [0, 120, 40, 80]) {
      meter.count({
        data: Buffer.alloc(1),
        frame: { pts, dts: 0, duration: 40, key: pts === 0 },
      } as unknown as EncodedFrame);
    }
    assert.deepEqual([meter.progress().position, meter.progress().percent], [120, 100]);
  });

  it('measures by the part that was chosen', () => {
    const meter = new ProgressMeter(clock, { start: 1000, end: 3000 });
    meter.open({ duration: 10_000 }, () => {});
    for (let seq = 25; seq < 50; seq += 1) meter.count(frameOf(seq));
    assert.equal(meter.progress().percent, 50);
  });

  it('measures a loop by where it is in the present round', () => {
    const meter = new ProgressMeter(clock, { start: 0, loop: true });
    meter.open({ duration: 1000 }, () => {});
    for (let seq = 0; seq < 35; seq += 1) meter.count(frameOf(seq));
    assert.equal(meter.progress().percent, 40);
  });

  it('stays at 100 % where a video is longer than its container says', () => {
    const meter = new ProgressMeter(clock, { start: 0 });
    meter.open({ duration: 1000 }, () => {});
    for (let seq = 0; seq < 35; seq += 1) meter.count(frameOf(seq));
    assert.equal(meter.progress().percent, 100);
  });

  it('tells no share of what has no known end', () => {
    const meter = new ProgressMeter(clock, { start: 0 });
    meter.open({ duration: undefined }, () => {});
    meter.count(frameOf(0));
    clock.advance(500);
    const progress = meter.progress();
    assert.deepEqual([progress.percent, progress.remaining], [undefined, undefined]);
  });
});
