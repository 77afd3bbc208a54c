import assert from 'node:assert/strict';
import { installPatches } from '../../../../lib/kafka/kafkajs-patch/install';
import { heldByYoungCollections } from '../../../support/young-memory';

interface Protocol {
  protocol(options: { version: number }): (request: object) => { request: { encode(): Promise<unknown> } };
}

describe('the patches of kafkajs', () => {
  it('lets what was sent be freed with the young objects', async () => {
    installPatches();
    const { protocol } = require('kafkajs/src/protocol/requests/produce') as Protocol;
    const size = 1_000_000;
    const make = async () => {
      const messages = [{ key: 'a', value: Buffer.allocUnsafeSlow(size), timestamp: '1700000000000' }];
      const topicData = [{ topic: 'video', partitions: [{ partition: 0, messages }] }];
      await protocol({ version: 7 })({ acks: 1, timeout: 1000, topicData }).request.encode();
    };
    await make();
    assert.ok((await heldByYoungCollections(20, make)) < 5 * size);
  });
});
