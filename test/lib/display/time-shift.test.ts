import assert from 'node:assert/strict';
import { TimeShift } from '../../../lib/display/time-shift';
import type { TimeRange } from '../../../lib/time/credible-times';
import { frameOf } from '../../support/frames';

describe('TimeShift', () => {
  it('knows of the topic what was seen, or told', () => {
    const shift = new TimeShift();
    assert.equal(shift.range, undefined);
    shift.notePlace(frameOf(0, { time: 5000 }));
    shift.notePlace(frameOf(1, { time: 4000 }));
    assert.deepEqual(shift.range, { begin: 4000, end: 5000 });
    shift.setRange({ begin: 1000, end: 9000 });
    shift.notePlace(frameOf(2, { time: 9500 }));
    assert.deepEqual(shift.range, { begin: 1000, end: 9500 });
  });

  it('goes by what the reader of the topic says, whose beginning moves on', () => {
    const shift = new TimeShift();
    shift.notePlace(frameOf(0, { time: 5000 }), { begin: 2000, end: 8000 });
    assert.deepEqual(shift.range, { begin: 2000, end: 8000 });
    shift.notePlace(frameOf(1, { time: 9000 }), { begin: 3000, end: 8000 });
    assert.deepEqual(shift.range, { begin: 3000, end: 9000 });
  });

  describe('where the times of a few frames are far from those of all others', () => {
    const day = Date.UTC(2026, 0, 31);
    const odd = [0, Date.UTC(1970, 5, 1), Date.UTC(2015, 0, 1), Date.UTC(2100, 0, 1), -1e13, 8.64e15];
    const count = 40;
    /** One clip of frames, the time of one of them being odd; `ahead`: what was told when each of them came. */
    const read = (at: number, time: number, said?: TimeRange) => {
      const shift = new TimeShift();
      for (let seq = 0; seq < count; seq += 1) {
        const last = seq === count - 1 ? ({ last: true } as const) : {};
        shift.notePlace(frameOf(seq, { time: seq === at ? time : day + seq * 40, ...last }), said);
      }
      return shift;
    };
    const clip = (range: TimeRange | undefined) => [(range?.begin ?? 0) - day, (range?.end ?? 0) - day];

    for (const time of odd) {
      for (const at of [0, 1, 20, count - 1]) {
        it(`is not widened by ${time} of frame ${at}`, () => {
          const { range, report } = read(at, time);
          const [begin = -1, end = -1] = clip(range);
          assert.ok(begin >= 0 && begin <= 40 && end >= 38 * 40 && end <= 39 * 40, `${begin} to ${end}`);
          const [session, ...others] = report.sessions ?? [];
          assert.equal(others.length, 0);
          assert.equal(session?.isOver, true);
          const [from = -1, to = -1] = clip({ begin: session?.begin.time ?? 0, end: session?.end.time ?? 0 });
          assert.ok(from >= 0 && from <= 160 && to >= 38 * 40 && to <= 39 * 40, `${from} to ${to}`);
        });
      }
    }

    it('goes by what its reader says all the same', () => {
      const said = { begin: day - 9000, end: day + 9000 };
      for (const time of odd) assert.deepEqual(read(count - 1, time, said).range, said);
    });

    it('seeks no other time in its session', () => {
      const shift = read(0, 0);
      const { time } = shift.positionOf({ session: 'first', pts: 0 }) as { time: number };
      assert.ok(Math.abs(time - day) <= 160, `${time - day}`);
    });

    it('believes them once there are more than a few', () => {
      const shift = read(0, day);
      for (let seq = 0; seq < 4; seq += 1) shift.notePlace(frameOf(seq, { session: 'old', time: 1000 + seq * 40 }));
      assert.deepEqual(shift.range, { begin: 1000, end: day + 39 * 40 });
    });
  });

  it('admits everything as long as nobody seeks', () => {
    const shift = new TimeShift();
    for (const seq of [0, 1, 7, 3]) assert.equal(shift.admits(frameOf(seq), 0), true);
  });

  it('turns away what the consumer still reads from before a seek, and takes what comes from elsewhere', () => {
    const shift = new TimeShift();
    shift.admits(frameOf(10), 0);
    shift.noteSeek(0);
    assert.equal(shift.admits(frameOf(11), 5), false);
    assert.equal(shift.admits(frameOf(12), 10), false);
    assert.equal(shift.admits(frameOf(3), 20), true);
    assert.equal(shift.admits(frameOf(4), 30), true);
  });

  it('takes another session for the place sought', () => {
    const shift = new TimeShift();
    shift.admits(frameOf(10), 0);
    shift.noteSeek(0);
    assert.equal(shift.admits(frameOf(11, { session: 'second' }), 5), true);
  });

  it('does not wait for ever for a consumer that does not seek', () => {
    const shift = new TimeShift();
    shift.admits(frameOf(10), 0);
    shift.noteSeek(0);
    assert.equal(shift.admits(frameOf(11), 5), false);
    assert.equal(shift.admits(frameOf(12), 5000), true);
    assert.equal(shift.admits(frameOf(13), 5001), true);
  });

  it('takes at once what its reader says was read after the seek, also where that follows on what was before', () => {
    const shift = new TimeShift();
    shift.admits(frameOf(10), 0, 'first');
    shift.noteSeek(0);
    assert.equal(shift.admits(frameOf(11), 5, 'first'), false);
    assert.equal(shift.admits(frameOf(12), 10, 'second'), true);
    assert.equal(shift.admits(frameOf(13), 15, 'second'), true);
  });
});
