import assert from 'node:assert/strict';
import { Window } from '../../../lib/flow/window';

/** Whether a promise has settled once everything already queued has run. */
async function isPending(promise: Promise<unknown>): Promise<boolean> {
  let pending = true;
  void promise.then(() => {
    pending = false;
  });
  await new Promise(setImmediate);
  return pending;
}

describe('Window', () => {
  it('gives room at once while both limits allow it', async () => {
    const window = new Window({ maxFrames: 2, maxBytes: 100 });
    assert.equal(await window.acquire(40), true);
    assert.equal(await window.acquire(60), true);
    assert.deepEqual([window.frames, window.bytes], [2, 100]);
  });

  it('makes the frame after maxFrames wait for a release', async () => {
    const window = new Window({ maxFrames: 1, maxBytes: 100 });
    await window.acquire(1);
    const second = window.acquire(1);
    assert.equal(await isPending(second), true);
    assert.equal(window.full, true);
    window.release(1);
    assert.equal(await second, true);
    assert.equal(window.frames, 1);
  });

  it('makes a frame wait whose bytes do not fit', async () => {
    const window = new Window({ maxFrames: 10, maxBytes: 100 });
    await window.acquire(80);
    const second = window.acquire(21);
    assert.equal(await isPending(second), true);
    window.release(80);
    assert.equal(await second, true);
    assert.equal(window.bytes, 21);
  });

  it('lets one frame through that is larger than the whole window', async () => {
    const window = new Window({ maxFrames: 10, maxBytes: 100 });
    assert.equal(await window.acquire(1000), true);
    assert.equal(await isPending(window.acquire(1)), true);
  });

  it('lets several waiting frames in when one large frame leaves', async () => {
    const window = new Window({ maxFrames: 10, maxBytes: 100 });
    await window.acquire(100);
    const waiting = [window.acquire(50), window.acquire(50), window.acquire(50)];
    window.release(100);
    assert.deepEqual(await Promise.all(waiting.slice(0, 2)), [true, true]);
    assert.equal(await isPending(waiting[2] as Promise<boolean>), true);
  });

  it('keeps the order of asking: a small frame does not overtake a large one', async () => {
    const window = new Window({ maxFrames: 10, maxBytes: 100 });
    await window.acquire(60);
    const large = window.acquire(50);
    const small = window.acquire(10);
    assert.equal(await isPending(small), true);
    window.release(60);
    assert.deepEqual(await Promise.all([large, small]), [true, true]);
  });

  it('sends everyone who waits away when it closes, and whoever comes later', async () => {
    const window = new Window({ maxFrames: 1, maxBytes: 100 });
    await window.acquire(1);
    const waiting = window.acquire(1);
    window.close();
    assert.equal(await waiting, false);
    assert.equal(await window.acquire(1), false);
  });
});
