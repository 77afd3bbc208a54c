import assert from 'node:assert/strict';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';
import { heldByYoungCollections } from '../../../support/young-memory';

interface Queue {
  push(request: { entry: object; expectResponse: boolean; sendRequest: () => void }): void;
  fulfillRequest(response: { correlationId: number; payload: Buffer; size: number }): void;
  destroy(): void;
}

describe('the request queue of kafkajs', () => {
  it('lets the bytes of requests that were written be freed with the young objects', async () => {
    installPatches();
    const Queue = require('kafkajs/src/network/requestQueue') as new (options: object) => Queue;
    const queue = new Queue({ requestTimeout: 30_000, logger: { debug() {}, warn() {} } });
    const size = 1_000_000;
    const noBytes = Buffer.alloc(0);
    let written = 0;
    // Closures of `send` would share the bytes with its `sendRequest`.
    const entry = { resolve() {}, reject() {} };
    const send = async (correlationId: number) => {
      const bytes = Buffer.allocUnsafeSlow(size);
      const sendRequest = () => {
        written += bytes.length;
      };
      queue.push({ entry: { ...entry, correlationId }, expectResponse: true, sendRequest });
      // The one before is answered: one at least is under way at any time.
      if (correlationId > 0) queue.fulfillRequest({ correlationId: correlationId - 1, payload: noBytes, size: 0 });
    };
    const held = await heldByYoungCollections(40, send);
    queue.destroy();
    assert.equal(written, 40 * size);
    assert.ok(held < 5 * size, `${held} bytes are held`);
  });
});
