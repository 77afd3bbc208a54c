import assert from 'node:assert/strict';
import { freePort } from '../../../../demo/ports';
import { KafkaCluster } from '../../../../lib/kafka/cluster/cluster';
import { partitionOwners } from '../../../../lib/kafka/consume/partition-owners';

describe('partitionOwners', () => {
  it('names nobody when the broker does not answer', async () => {
    const nobody = new KafkaCluster({ brokers: `127.0.0.1:${await freePort()}` });
    assert.deepEqual(await partitionOwners(nobody, 'group'), []);
  });
});
