import assert from 'node:assert/strict';
import { HandOut } from '../../../../lib/kafka/consume/hand-out';
import { systemClock } from '../../../../lib/time/clock';
import { stillHeld } from '../../../support/young-memory';

describe('HandOut', () => {
  it('does not hold a frame for what the flow remembers of it until it is finished', async () => {
    const remembered: unknown[] = [];
    const images: WeakRef<object>[] = [];
    const out = new HandOut(
      { maxFrames: 10, maxBytes: 1e6 },
      ({ data }, _info, finish, giveBackRoom) => {
        remembered.push(finish, giveBackRoom);
        images.push(new WeakRef(data));
      },
      systemClock,
    );
    for (let seq = 0; seq < 5; seq += 1) {
      const frame = {
        stream: 'a',
        session: 'b',
        seq,
        pts: seq,
        time: 0,
        width: 64,
        height: 48,
        codec: 'jpeg' as const,
      };
      const record = {
        topic: 't',
        partition: 0,
        offset: String(seq),
        timestamp: 0,
        headers: {},
        value: Buffer.alloc(1000),
      };
      out.give(frame, record, {}, () => {});
    }
    assert.equal(await stillHeld(images), 0);
    assert.equal(remembered.length, 10);
  });
});
