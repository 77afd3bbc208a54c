import assert from 'node:assert/strict';
import { SessionMap } from '../../../lib/display/session-map';
import { frameOf } from '../../support/frames';

const always = { begin: 0, end: 1e12 };

describe('SessionMap', () => {
  /** Frames of 40 ms each, taken every `step` ms; the first of all would be at `time`. */
  function note(map: SessionMap, session: string, count: number, time: number, step: number, from = 0): void {
    for (let seq = from; seq < from + count; seq += 1) {
      map.note(frameOf(seq, { session, pts: seq * 40, duration: 40, time: time + seq * step }));
    }
  }

  const isNear = (time: number | undefined, expected: number) =>
    assert.ok(Math.abs((time ?? 0) - expected) < 60, `${time} is not about ${expected}`);

  it('knows how far each session was read, in the order of time', () => {
    const map = new SessionMap({ has: () => true });
    note(map, 'second', 10, 9000, 40);
    note(map, 'first', 5, 1000, 10);
    map.note(frameOf(5, { session: 'first', pts: 200, duration: 40, time: 1050, last: true }));
    const told = map.within(always).map(({ session, begin, end, isOver }) => ({ session, begin, end, isOver }));
    assert.deepEqual(told, [
      { session: 'first', begin: { pts: 0, time: 1000 }, end: { pts: 240, time: 1050 }, isOver: true },
      { session: 'second', begin: { pts: 0, time: 9000 }, end: { pts: 400, time: 9360 }, isOver: false },
    ]);
    assert.deepEqual(
      map.within({ begin: 2000, end: 10_000 }).map(({ session }) => session),
      ['second'],
      'the first one is gone from the topic',
    );
  });

  it('grows to both sides, and not by what is read again', () => {
    const map = new SessionMap({ has: () => true });
    note(map, 's', 10, 1000, 40, 100);
    note(map, 's', 10, 1000, 40, 50);
    note(map, 's', 5, 1000, 40, 100);
    const [{ begin, end } = {}] = map.within(always);
    assert.deepEqual([begin?.pts, end?.pts], [2000, 4400]);
  });

  it('tells when a frame was taken, also where that was uneven', () => {
    const map = new SessionMap({ has: () => true });
    // Ten seconds of video in one, then ten as they are filmed.
    note(map, 's', 250, 1000, 4);
    note(map, 's', 250, 2000 - 10_000, 40, 250);
    isNear(map.timeOf('s', 0), 1000);
    isNear(map.timeOf('s', 5000), 1500);
    isNear(map.timeOf('s', 15_000), 7000);
  });

  it('takes what is not read yet to be as the rest', () => {
    const map = new SessionMap({ has: () => true });
    note(map, 's', 50, 1000, 10, 25);
    isNear(map.timeOf('s', 0), 1000);
    isNear(map.timeOf('s', 10_000), 3500);
  });

  it('knows nothing of other sessions', () => {
    assert.equal(new SessionMap({ has: () => true }).timeOf('s', 0), undefined);
  });

  it('remembers a day in few moments, and few sessions', () => {
    const map = new SessionMap({ has: () => true });
    for (let second = 0; second < 86_400; second += 1) {
      map.note(frameOf(second, { session: 'day', pts: second * 1000, duration: 1000, time: 5000 + second * 1000 }));
    }
    isNear(map.timeOf('day', 40_000_000), 40_005_000);
    for (let count = 0; count < 100; count += 1) note(map, `s${count}`, 1, count, 1);
    assert.equal(map.within(always).length, 32);
  });
});
