import assert from 'node:assert/strict';
import { KafkaCluster } from '../../../../lib/kafka/cluster/cluster';
import type { Outage } from '../../../../lib/kafka/cluster/outages';
import { ReadOutages } from '../../../../lib/kafka/consume/read-outages';
import { parseTopics } from '../../../../lib/kafka/consume/topic-selection';

describe('ReadOutages', () => {
  it('takes no offence at a coordinator that is loading, as after a start of its broker', async () => {
    const told: Outage[] = [];
    const cluster = new KafkaCluster({ brokers: '127.0.0.1:1' });
    const outages = new ReadOutages(cluster, { topics: parseTopics('cams'), group: 'g' }, (outage) =>
      told.push(outage),
    );
    const { createErrorFromCode } = require('kafkajs/src/protocol/error') as {
      createErrorFromCode(code: number): Error;
    };
    await outages.noteFailure(createErrorFromCode(14)); // COORDINATOR_LOAD_IN_PROGRESS, in Kafka's words.
    assert.deepEqual(told, []);
  });
});
