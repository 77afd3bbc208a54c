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

  it('refuses compressed video that is too large, with the remedy, and has none of it shrunk', async () => {
    const limit = new RecordLimit(1300, noTopicLimits, () => assert.fail('it is shrunk'));
    const video = queued('cam');
    const { frame } = video;
    await assert.rejects(limit.fit('t', { ...video, frame: { ...frame, codec: 'h264', key: true } }), {
      code: 'RECORD_TOO_LARGE',
      message:
        /^Frame 0 of "cam" makes a record of \d+ bytes, more than the 1300 allowed\. Compressed video cannot be shrunk.*max\.message\.bytes.*bit rate.*not sent either, up to the next key frame\.$/,
    });
  });

  it('guesses no limit from compressed video that a topic refused, as others may fit', async () => {
    const cluster = { withAdmin: () => Promise.reject(new Error('not allowed')) } as unknown as KafkaCluster;
    const limit = new RecordLimit(1_000_000, new TopicLimits(cluster, new FakeClock()), undefined);
    const video = queued('cam');
    await assert.rejects(limit.refused('t', { ...video, frame: { ...video.frame, codec: 'h264' } }), {
      code: 'RECORD_TOO_LARGE',
      message: /more than topic "t" takes\. Compressed video cannot be shrunk/,
    });
    assert.equal(limit.of('t'), 1_000_000);
  });
});
