import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/frame/frame';
import { KafkaCluster } from '../../../../lib/kafka/cluster/cluster';
import { recordBytes, toFrameMessage } from '../../../../lib/kafka/produce/frame-message';
import type { QueuedFrame } from '../../../../lib/kafka/produce/lane';
import { RecordLimit } from '../../../../lib/kafka/produce/record-limit';
import { TopicLimits } from '../../../../lib/kafka/produce/topic-limits';
import { FakeClock } from '../../../support/fake-clock';

function queued(stream: string): QueuedFrame {
  const frame: Frame = { stream, session: 's', seq: 0, pts: 0, time: 0, width: 1, height: 1, codec: 'jpeg' };
  const message = toFrameMessage('key', { frame, data: Buffer.alloc(1000) });
  return { frame, key: 'key', message, bytes: recordBytes(message), tracked: true, resolve() {}, reject() {} };
}

const noTopicLimits = new TopicLimits(new KafkaCluster({ brokers: 'localhost:1' }), new FakeClock());

describe('RecordLimit', () => {
  it('refuses a frame whose name alone is too large, and has nothing shrunk to less than nothing', async () => {
    const rooms: number[] = [];
    const limit = new RecordLimit(100_000, noTopicLimits, async (_image, room) => {
      rooms.push(room);
      return { data: Buffer.alloc(1), width: 1, height: 1, codec: 'jpeg' };
    });
    await assert.rejects(limit.fit('t', queued('a'.repeat(1_000_000))), { code: 'RECORD_TOO_LARGE' });
    assert.deepEqual(rooms, []);
  });
});
