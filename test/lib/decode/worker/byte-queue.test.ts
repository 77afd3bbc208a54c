import assert from 'node:assert/strict';
import { ByteQueue } from '../../../../lib/decode/worker/byte-queue';

const bytes = Uint8Array.from({ length: 10 }, (_, index) => index);
const contentOf = (block: ArrayBuffer | undefined) => block && [...new Uint8Array(block)];

describe('ByteQueue', () => {
  it('cuts the same blocks wherever the bytes are split', async () => {
    for (let at = 0; at <= bytes.length; at++) {
      const queue = new ByteQueue();
      const blocks: (number[] | undefined)[] = [];
      queue.push(bytes.slice(0, at));
      const reading = (async () => {
        for (const size of [3, 1, 6]) blocks.push(contentOf(await queue.take(size)));
      })();
      queue.push(bytes.slice(at));
      await reading;
      assert.deepEqual(blocks, [[0, 1, 2], [3], [4, 5, 6, 7, 8, 9]], `split at ${at}`);
    }
  });

  it('gives each block memory of its own, so that it can be handed to another thread', async () => {
    const queue = new ByteQueue();
    queue.push(bytes);
    const block = await queue.take(4);
    assert.equal(block?.byteLength, 4);
  });

  it('waits for the bytes that are missing', async () => {
    const queue = new ByteQueue();
    const block = queue.take(2);
    queue.push(bytes.slice(0, 1));
    assert.equal(queue.wanting, true);
    queue.push(bytes.slice(1, 3));
    assert.equal(queue.wanting, false);
    assert.deepEqual(contentOf(await block), [0, 1]);
  });

  it('gives nothing when the bytes end within a block', async () => {
    const queue = new ByteQueue();
    const block = queue.take(2);
    queue.push(bytes.slice(0, 1));
    queue.end();
    assert.equal(await block, undefined);
  });

  it('still gives the blocks that were whole when the bytes ended', async () => {
    const queue = new ByteQueue();
    queue.push(bytes);
    queue.end();
    assert.equal((await queue.take(10))?.byteLength, 10);
    assert.equal(await queue.take(1), undefined);
  });

  it('gives an empty block at once', async () => {
    assert.equal((await new ByteQueue().take(0))?.byteLength, 0);
  });
});
