import assert from 'node:assert/strict';
import { Reconnection } from '../../../../lib/decode/worker/reconnection';
import { FakeClock } from '../../../support/fake-clock';

describe('Reconnection', () => {
  let clock: FakeClock;
  let reconnection: Reconnection;
  beforeEach(() => {
    clock = new FakeClock();
    reconnection = new Reconnection(clock);
  });

  it('counts attempts that succeeded in nothing, and waits longer before each, 30 s at most', () => {
    const attempts = Array.from({ length: 7 }, () => reconnection.next());
    assert.deepEqual(
      attempts.map(({ attempt, delay }) => [attempt, delay]),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map((delay, index) => [index + 1, delay]),
    );
  });

  it('begins anew after a success', () => {
    reconnection.next();
    reconnection.next();
    assert.equal(reconnection.succeeded(), true);
    assert.equal(reconnection.succeeded(), false);
    assert.deepEqual(reconnection.next(), { attempt: 1, delay: 1000 });
  });

  it('waits its time', async () => {
    let isOver = false;
    const waiting = reconnection.wait(1000).then(() => {
      isOver = true;
    });
    clock.advance(999);
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    clock.advance(1);
    await waiting;
  });

  it('waits no more once it is closed', async () => {
    const waiting = reconnection.wait(1000);
    reconnection.close();
    await waiting;
    await reconnection.wait(1000);
    assert.equal(clock.pending, 0);
  });
});
