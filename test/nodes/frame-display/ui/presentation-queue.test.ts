import assert from 'node:assert/strict';
import { PresentationQueue } from '../../../../nodes/frame-display/ui/presentation-queue';

const asap = Number.NEGATIVE_INFINITY;

function setUp() {
  const released: number[] = [];
  const queue = new PresentationQueue<{ number: number; due: number }>(({ number }) => released.push(number));
  return { queue, released, push: (number: number, due: number) => queue.push({ number, due }) };
}

describe('PresentationQueue', () => {
  it('gives a picture at the refresh nearest to its time, not before', () => {
    const { queue, push } = setUp();
    push(1, 100);
    assert.equal(queue.take(91), undefined);
    assert.equal(queue.take(92)?.number, 1);
  });

  it('counts the pictures that were not painted between those that were, unless nobody was looking', () => {
    const { queue, push } = setUp();
    for (const number of [7, 8, 12]) {
      push(number, asap);
      queue.take(0);
    }
    assert.equal(queue.skipped, 3);
    queue.interrupt();
    push(90, asap);
    queue.take(0);
    assert.equal(queue.skipped, 3);
    queue.clear();
    push(1, asap);
    queue.take(0);
    assert.equal(queue.skipped, 3);
  });

  it('puts pictures in order that were decoded out of order', () => {
    const { queue, push } = setUp();
    push(2, 40);
    push(1, 0);
    assert.deepEqual([queue.take(0)?.number, queue.take(40)?.number], [1, 2]);
  });

  it('passes pictures over when the one after them is late as well', () => {
    const { queue, released, push } = setUp();
    for (const number of [1, 2, 3]) push(number, number * 33);
    assert.equal(queue.take(200)?.number, 3);
    assert.deepEqual(released, [1, 2]);
  });

  it('passes none over for one that is due but not late', () => {
    const { queue, released, push } = setUp();
    push(1, 0);
    push(2, 16);
    assert.equal(queue.take(20)?.number, 1);
    assert.equal(queue.take(37)?.number, 2);
    assert.deepEqual(released, []);
  });

  it('paints each of a 60 fps video on a 60 Hz screen, whatever the phase, and with a little jitter', () => {
    for (const phase of [0, 4, 8.3, 8.4, 12, 16]) {
      const { queue, released, push } = setUp();
      let painted = 0;
      for (let refresh = 0; refresh < 600; refresh += 1) {
        push(refresh + 1, refresh * (1000 / 60) + phase);
        const jitter = ((refresh * 7) % 5) - 2;
        if (queue.take(refresh * (1000 / 60) + jitter) !== undefined) painted += 1;
      }
      // The last may still wait for its time.
      assert.deepEqual([painted + queue.length, released], [600, []], `phase ${phase}`);
      assert.ok(queue.length <= 2, `${queue.length} still wait at phase ${phase}`);
    }
  });

  it('paints at once what has no time, and passes over what waited for its own', () => {
    const { queue, released, push } = setUp();
    push(1, 500);
    push(2, asap);
    // In order: the first is not due, but its successor is.
    assert.equal(queue.take(0)?.number, 2);
    assert.deepEqual(released, [1]);
  });

  it('never goes back', () => {
    const { queue, released, push } = setUp();
    push(5, asap);
    queue.take(0);
    push(4, asap);
    assert.equal(queue.take(0), undefined);
    assert.deepEqual(released, [4]);
  });

  it('is bounded, and releases everything when cleared', () => {
    const { queue, released, push } = setUp();
    for (let number = 1; number <= 20; number += 1) push(number, 1e6);
    assert.equal(queue.length, 16);
    queue.clear();
    assert.equal(released.length, 20);
  });
});
