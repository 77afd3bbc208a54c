import assert from 'node:assert/strict';
import { FrameQueue } from '../../../lib/playout/frame-queue';
import { frameOf } from '../../support/frames';

const item = (seq: number, tracked = false, bytes = 10) => ({ frame: frameOf(seq), bytes, tracked });
const seqs = (items: Iterable<{ frame: { seq: number } }>) => [...items].map(({ frame }) => frame.seq);

describe('FrameQueue', () => {
  it('gives frames in the order in which they came', () => {
    const queue = new FrameQueue({ maxFrames: 10, maxBytes: 1000 });
    for (const seq of [0, 1, 2]) queue.push(item(seq));
    assert.equal(queue.head?.frame.seq, 0);
    assert.equal(queue.newest?.frame.seq, 2);
    assert.deepEqual([queue.shift()?.frame.seq, queue.shift()?.frame.seq, queue.length], [0, 1, 1]);
  });

  it('gives up the oldest that no source waits for when there are too many of them', () => {
    const queue = new FrameQueue({ maxFrames: 2, maxBytes: 1000 });
    queue.push(item(0, true));
    queue.push(item(1));
    queue.push(item(2));
    assert.deepEqual(seqs(queue.push(item(3))), [1]);
    assert.deepEqual(seqs(queue), [0, 2, 3]);
  });

  it('keeps the newest, however large', () => {
    const queue = new FrameQueue({ maxFrames: 5, maxBytes: 100 });
    queue.push(item(0));
    assert.deepEqual(seqs(queue.push(item(1, false, 500))), [0]);
    assert.deepEqual(seqs(queue), [1]);
  });

  it('has room again for what was taken out', () => {
    const queue = new FrameQueue({ maxFrames: 2, maxBytes: 1000 });
    for (const seq of [0, 1]) queue.push(item(seq));
    assert.deepEqual(seqs(queue.remove(({ frame }) => frame.seq === 0)), [0]);
    assert.deepEqual(queue.push(item(2)), []);
    queue.clear();
    assert.equal(queue.length, 0);
    assert.deepEqual([queue.push(item(3)), queue.push(item(4))], [[], []]);
  });
});
