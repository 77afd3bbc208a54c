import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/frame/frame';
import { OffsetTracker } from '../../../../lib/kafka/consume/offset-tracker';
import { StreamStarts } from '../../../../lib/kafka/consume/stream-starts';
import { systemClock } from '../../../../lib/time/clock';
import { frameOf } from '../../../support/frames';

const record = (offset: number) => ({
  ...{ topic: 't', partition: 0, offset: String(offset), timestamp: 0, value: Buffer.alloc(1) },
  headers: { ce_sequence: String(offset) },
});

describe('StreamStarts', () => {
  const tracker = new OffsetTracker();
  const spot = (seq: number, more: Partial<Frame>) => {
    return { frame: frameOf(seq, { codec: 'h264', ...more }), record: record(seq), tracker };
  };
  const starts = () => new StreamStarts(undefined, () => {}, systemClock);

  it('takes a frame for undecodable whose size was forgotten among too many sessions', () => {
    const streams = starts();
    streams.passOn(spot(0, { key: true }));
    assert.equal(streams.standingOf(spot(1, {})), 'decodable');
    assert.equal(streams.standingOf(spot(1, { width: 0, height: 0 })), 'undecodable');
  });

  it('rejects where the consumer has left its group, and looks again for the next one', async () => {
    const streams = starts();
    const asking = { brokers: undefined, heartbeat: async () => {} };
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await assert.rejects(streams.groupBefore(spot(5, {}), asking), /left its group/);
    }
  });
});
