import assert from 'node:assert/strict';
import { DropCount } from '../../../../nodes/frame-display/ui/drop-count';

function setUp() {
  const drops = new DropCount();
  let now = 0;
  /** Paints these pictures, 40 ms apart; the count after the last one. */
  const paint = (numbers: number[], more: { session?: string; stream?: string; missed?: number } = {}) => {
    let count = 0;
    for (const number of numbers) {
      now += 40;
      count = drops.note({ stream: 'camera', session: 's', missed: 0, ...more, number }, now);
    }
    return count;
  };
  const from = (first: number, count: number) => Array.from({ length: count }, (_, index) => first + index);
  return { drops, paint, from };
}

describe('DropCount', () => {
  it('counts pictures that were shown and not painted, once the page has started', () => {
    const { paint, from } = setUp();
    assert.equal(paint(from(7, 30)), 0);
    assert.equal(paint([40, 41, 45]), 3 + 3);
  });

  it('counts frames that could not even be shown', () => {
    const { paint, from } = setUp();
    paint(from(1, 30), { missed: 12 });
    assert.equal(paint([31], { missed: 12 }), 0, 'they were missed before anyone looked');
    assert.equal(paint([32], { missed: 15 }), 3);
  });

  it('does not count a slow start', () => {
    const { paint, from } = setUp();
    assert.equal(paint([1, 9, 17, 23], { missed: 0 }), 0);
    assert.equal(paint([30], { missed: 4 }), 0);
    assert.equal(paint(from(31, 30), { missed: 4 }), 0);
  });

  it('does not count what came while nobody looked, nor the slow start after it', () => {
    const { drops, paint, from } = setUp();
    paint(from(1, 30));
    assert.equal(paint([32]), 1);
    drops.interrupt();
    assert.equal(paint([900, 910], { missed: 50 }), 1);
    assert.equal(paint(from(911, 30), { missed: 50 }), 1);
    assert.equal(paint([942], { missed: 50 }), 2);
  });

  it('starts anew with a new session, and with another stream', () => {
    for (const next of [{ session: 'next' }, { stream: 'other' }]) {
      const { paint, from } = setUp();
      paint(from(1, 30));
      assert.equal(paint([50]), 19);
      assert.equal(paint([60], next), 0);
      paint(from(61, 30), next);
      assert.equal(paint([92], next), 1);
    }
  });

  it('counts nothing backwards for a page that is given the same picture again', () => {
    const { paint, from } = setUp();
    paint(from(1, 30));
    assert.equal(paint([30, 1, 2]), 0);
  });
});
