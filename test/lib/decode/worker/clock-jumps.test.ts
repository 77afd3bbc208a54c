import assert from 'node:assert/strict';
import { ClockJumps } from '../../../../lib/decode/worker/clock-jumps';

/** What becomes of timestamps (ms) that came at such times (ms). */
function steady(arrivals: [pts: number, at: number][]): number[] {
  const jumps = new ClockJumps();
  return arrivals.map(([pts, at]) => jumps.steady({ pts, at }));
}

describe('ClockJumps', () => {
  it('goes on by the step before where timestamps go on by more than can have passed', () => {
    const day = 86_400_000;
    const arrivals: [number, number][] = [
      [0, 0],
      [40, 41],
      [day, 82],
      [day + 40, 120],
      [3 * day, 160],
    ];
    assert.deepEqual(steady(arrivals), [0, 40, 80, 120, 160]);
  });

  it('leaves a pause as it is through which time went by, too', () => {
    assert.deepEqual(
      steady([
        [0, 0],
        [40, 40],
        [90_040, 90_040],
      ]),
      [0, 40, 90_040],
    );
  });

  it('leaves what comes at once as it is', () => {
    assert.deepEqual(
      steady([
        [0, 0],
        [5000, 0],
        [10_000, 1],
      ]),
      [0, 5000, 10_000],
    );
  });

  it('leaves timestamps that go back as they are', () => {
    assert.deepEqual(
      steady([
        [50_000, 0],
        [40, 40],
      ]),
      [50_000, 40],
    );
  });
});
