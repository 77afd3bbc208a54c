import assert from 'node:assert/strict';
import { Pacer } from '../../../../lib/decode/worker/pacer';
import type { Clock } from '../../../../lib/time/clock';

/** A clock that stands still until it is told to go on. */
class ManualClock implements Clock {
  #now = 0;
  #timers = new Map<number, { at: number; callback: () => void }>();
  #next = 0;

  now(): number {
    return this.#now;
  }
  date(): number {
    return this.#now;
  }
  setTimeout(callback: () => void, ms: number): number {
    this.#next += 1;
    this.#timers.set(this.#next, { at: this.#now + ms, callback });
    return this.#next;
  }
  clearTimeout(handle: unknown): void {
    this.#timers.delete(handle as number);
  }
  advance(ms: number): void {
    this.#now += ms;
    for (const [handle, { at, callback }] of [...this.#timers]) {
      if (at > this.#now) continue;
      this.#timers.delete(handle);
      callback();
    }
  }
  /** Ms until the only timer; undefined when there is none. */
  get pending(): number | undefined {
    const [timer] = this.#timers.values();
    return timer && timer.at - this.#now;
  }
}

describe('Pacer', () => {
  let clock: ManualClock;
  let pacer: Pacer;

  beforeEach(async () => {
    clock = new ManualClock();
    pacer = new Pacer(clock);
    await pacer.next(0);
  });

  it('gives the first frame out at once', () => {
    assert.equal(clock.pending, undefined);
  });

  it('waits the interval between two frames', async () => {
    const next = pacer.next(40);
    assert.equal(clock.pending, 40);
    clock.advance(40);
    await next;
  });

  it('does not add up the time that handling a frame took', () => {
    clock.advance(15);
    void pacer.next(40);
    assert.equal(clock.pending, 25);
  });

  it('catches up with a short delay', async () => {
    clock.advance(100);
    await pacer.next(40);
    clock.advance(10);
    void pacer.next(80);
    assert.equal(clock.pending, 10);
  });

  it('does not sprint after a long one', async () => {
    clock.advance(5000);
    await pacer.next(40);
    void pacer.next(40);
    assert.equal(clock.pending, 40);
  });

  it('begins anew after a restart', async () => {
    const waiting = pacer.next(1000);
    pacer.restart();
    await waiting;
    await pacer.next(1000);
    void pacer.next(40);
    assert.equal(clock.pending, 40);
  });

  it('makes nobody wait any more when closed', async () => {
    const waiting = pacer.next(1000);
    pacer.close();
    await waiting;
    await pacer.next(0);
    await pacer.next(1000);
    assert.equal(clock.pending, undefined);
  });
});
