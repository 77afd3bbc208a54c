import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/frame/frame';
import { KeepUp, type KeepUpOptions } from '../../../../lib/kafka/consume/keep-up';
import type { LagMeter } from '../../../../lib/kafka/consume/lag-meter';
import { FakeClock } from '../../../support/fake-clock';
import { frameOf } from '../../../support/frames';

const of = { topic: 't', partition: 0 };

/** A partition that gets a record each second, and its reader. */
function setUp(options: KeepUpOptions) {
  const clock = new FakeClock();
  clock.advance(10_000_000);
  const began = clock.now();
  const end = () => BigInt(Math.floor((clock.now() - began) / 1000) + 1);
  const lag = { refresh: async () => {}, endOf: end } as unknown as LagMeter;
  const keepUp = new KeepUp(options, lag, clock);
  /** Whether the reader jumps from the record that was made so many seconds after the first, and whose time is wrong by so much. */
  const jumpsFrom = async (
    second: number,
    { clockError = 0, ...more }: Partial<Frame> & { clockError?: number } = {},
  ) => {
    const time = began + second * 1000 + clockError;
    const record = { ...of, offset: String(second), timestamp: time, headers: {}, value: Buffer.alloc(0) };
    const frame = frameOf(second, { time, live: true, ...more });
    return (await keepUp.placeInsteadOf(record, frame, undefined)) !== undefined;
  };
  return {
    ...{ clock, keepUp, jumpsFrom },
    /** Time passes, and the reader fetches each second. */
    fetch(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        clock.advance(1000);
        keepUp.noteEnd(of, end());
      }
    },
  };
}

describe('KeepUp', () => {
  it('lets a live frame be as old as it may be, and no older', async () => {
    const { clock, jumpsFrom } = setUp({ maxDelay: 5000 });
    clock.advance(10_000);
    assert.deepEqual([await jumpsFrom(6), await jumpsFrom(4)], [false, true]);
  });

  it('reads all of a recorded video', async () => {
    const { clock, jumpsFrom } = setUp({ maxDelay: 5000 });
    clock.advance(10_000);
    assert.equal(await jumpsFrom(0, { live: undefined }), false);
  });

  for (const clockError of [-3600_000, 3600_000]) {
    it(`goes by when records came into Kafka where a camera's clock is ${clockError / 1000} s off`, async () => {
      const { fetch, jumpsFrom } = setUp({ maxDelay: 5000 });
      fetch(20);
      assert.deepEqual([await jumpsFrom(18, { clockError }), await jumpsFrom(10, { clockError })], [false, true]);
    });
  }

  it('stays in the past when it was sent there, until it has come to the end of the partition', async () => {
    const { clock, keepUp, jumpsFrom } = setUp({ maxDelay: 5000, keepUp: 5000 });
    clock.advance(60_000);
    keepUp.noteSought(of, false);
    assert.deepEqual([keepUp.isPast(of), await jumpsFrom(10)], [true, false]);
    const fetchedAt = clock.now();
    clock.advance(10_000);
    keepUp.noteEndReached(of, fetchedAt);
    assert.deepEqual([keepUp.isPast(of), await jumpsFrom(60)], [true, false], 'the end is elsewhere meanwhile');
    keepUp.noteEndReached(of, clock.now() - 10);
    assert.deepEqual([keepUp.isPast(of), await jumpsFrom(60)], [false, true]);
  });

  it('comes back from the past when it is sent to the end', () => {
    const { keepUp } = setUp({ maxDelay: 5000 });
    keepUp.noteSought(of, false);
    keepUp.noteSought(of, true);
    assert.equal(keepUp.isPast(of), false);
  });
});
