import assert from 'node:assert/strict';
import { TimeShift } from '../../../lib/display/time-shift';
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
