import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';

interface Protocol {
  protocol(options: { version: number }): (request: object) => { request: { encode(): Promise<unknown> } };
}

describe('the patches of kafkajs', () => {
  it('lets what was sent be freed with the young objects', async () => {
    installPatches();
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('globalThis.gc') as (options: { type: 'minor' }) => void;
    const { protocol } = require('kafkajs/src/protocol/requests/produce') as Protocol;
    const size = 1_000_000;
    const make = async () => {
      const messages = [{ key: 'a', value: Buffer.allocUnsafeSlow(size), timestamp: '1700000000000' }];
      const topicData = [{ topic: 'video', partitions: [{ partition: 0, messages }] }];
      await protocol({ version: 7 })({ acks: 1, timeout: 1000, topicData }).request.encode();
    };
    await make();
    collect({ type: 'minor' });
    const before = process.memoryUsage().external;
    for (let count = 0; count < 20; count += 1) {
      await make();
      collect({ type: 'minor' });
    }
    assert.ok(process.memoryUsage().external - before < 5 * size);
  });
});
