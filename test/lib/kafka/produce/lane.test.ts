import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/frame/frame';
import { batchOverhead, recordBytes, toFrameMessage } from '../../../../lib/kafka/produce/frame-message';
import { Lane, type QueuedFrame } from '../../../../lib/kafka/produce/lane';
import { systemClock } from '../../../../lib/time/clock';

function queued(seq: number, size: number, key = 'a'): QueuedFrame {
  const frame: Frame = { stream: key, session: 's', seq, pts: 0, time: 0, width: 1, height: 1, codec: 'jpeg' };
  const message = toFrameMessage(key, { frame, data: Buffer.alloc(size) });
  return { frame, key, message, bytes: size, tracked: true, resolve() {}, reject() {} };
}

const seqs = (batch: QueuedFrame[]) => batch.map(({ frame }) => frame.seq);

describe('Lane', () => {
  it('fills a batch up to the limit and never splits the order', () => {
    const lane = new Lane(() => 250 + batchOverhead, systemClock);
    for (const [seq, size] of [100, 100, 100, 10].entries()) lane.push(queued(seq, size));
    assert.deepEqual(
      [seqs(lane.takeBatch()), seqs(lane.takeBatch())],
      [
        [0, 1],
        [2, 3],
      ],
    );
    assert.equal(lane.head, undefined);
  });

  it('sends a frame above the limit alone', () => {
    const lane = new Lane(() => 50, systemClock);
    lane.push(queued(0, 100));
    lane.push(queued(1, 1));
    assert.deepEqual(seqs(lane.takeBatch()), [0]);
  });

  it('keeps keys apart, each in its order', () => {
    const lane = new Lane(() => 1000, systemClock);
    for (const [seq, key] of ['a', 'b', 'a', 'b'].entries()) lane.push(queued(seq, 10, key));
    assert.deepEqual(
      [seqs(lane.takeBatch()), seqs(lane.takeBatch())],
      [
        [0, 2],
        [1, 3],
      ],
    );
  });

  it('stops before a frame that is being prepared', () => {
    const lane = new Lane(() => 1000, systemClock);
    lane.push(queued(0, 10));
    lane.push({ ...queued(1, 10), preparing: Promise.resolve() });
    lane.push(queued(2, 10));
    assert.deepEqual(seqs(lane.takeBatch()), [0]);
    assert.deepEqual(seqs(lane.takeBatch()), []);
  });

  it('is full when a batch is', () => {
    const lane = new Lane(() => 100 + batchOverhead, systemClock);
    lane.push(queued(0, 60));
    assert.equal(lane.isFull, false);
    lane.push(queued(1, 60));
    assert.equal(lane.isFull, true);
  });
});

describe('recordBytes', () => {
  it('counts key, value and headers', () => {
    const { message } = queued(0, 1000, 'k'.repeat(100));
    const headers = Object.entries(message.headers).reduce((sum, [name, value]) => sum + name.length + value.length, 0);
    assert.ok(recordBytes(message) >= 1000 + 100 + headers);
    assert.ok(recordBytes(message) < 1000 + 100 + headers + 250);
  });
});
