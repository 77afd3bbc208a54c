import assert from 'node:assert/strict';
import type { EachBatchPayload } from 'kafkajs';
import sharp from 'sharp';
import { Assignment } from '../../../../lib/kafka/consume/assignment';
import { BatchReader } from '../../../../lib/kafka/consume/batch-reader';
import type { GroupMember } from '../../../../lib/kafka/consume/group-member';
import type { LagMeter } from '../../../../lib/kafka/consume/lag-meter';
import { systemClock } from '../../../../lib/time/clock';

describe('BatchReader', () => {
  it('gives back the room of a frame that is too old when the broker does not say which is the newest', async () => {
    const value = await sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
    const lag = { noteEnd() {}, endOf: () => 9n, refresh: () => Promise.reject(new Error('the broker is away')) };
    const assignment = new Assignment();
    assignment.update([{ topic: 't', partition: 0 }], []);
    const reader = new BatchReader(
      { maxFrames: 2, maxBytes: 1e6, keepUp: 1000 },
      { onFrame() {}, onSkipped() {}, onUndecodable() {}, onJumped() {}, onDeleted() {}, onUnreadable() {} },
      { assignment, lag: lag as unknown as LagMeter, clock: systemClock },
    );
    const message = { key: null, value, timestamp: '1', attributes: 0, offset: '0', headers: {} };
    const batch = {
      topic: 't',
      partition: 0,
      highWatermark: '9',
      fetchedOffset: '0',
      messages: [message],
      firstOffset: () => '0',
    };
    const payload = {
      ...{ batch, resolveOffset() {}, heartbeat: async () => {}, isRunning: () => true, isStale: () => false },
    } as unknown as EachBatchPayload;
    for (let attempt = 0; attempt < 3; attempt += 1) {
      await assert.rejects(reader.read({ member: {} as GroupMember, payload }), /the broker is away/);
    }
    assert.equal(reader.totals.unfinished, 0);
  });
});
