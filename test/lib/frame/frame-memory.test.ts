import assert from 'node:assert/strict';
import { runInNewContext } from 'node:vm';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import { noteFrameMemory } from '../../../lib/frame/frame-memory';

describe('noteFrameMemory', () => {
  it('frees frames that are finished long before their memory grows', () => {
    const { port1, port2 } = new MessageChannel();
    const size = 1e6;
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    for (let frame = 0; frame < 200; frame += 1) {
      const data = new ArrayBuffer(size);
      port1.postMessage(data, [data]);
      receiveMessageOnPort(port2);
      noteFrameMemory(size);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    port1.close();
    assert.ok(most < 16e6, `${most} bytes were kept`);
  });

  it('leaves contexts that are made later as they would have been without it', () => {
    noteFrameMemory(1e9);
    // Only a new context gets what the flag exposes; those that are there already never change.
    assert.equal(runInNewContext('typeof gc'), process.execArgv.includes('--expose-gc') ? 'function' : 'undefined');
  });
});
