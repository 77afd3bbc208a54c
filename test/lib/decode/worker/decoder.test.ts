import assert from 'node:assert/strict';
import { Decoder } from '../../../../lib/decode/worker/decoder';
import type { DecodeRequest, DecoderReport } from '../../../../lib/decode/worker/messages';
import { findCapableFfmpeg } from '../../../../lib/ffmpeg/capabilities';
import { parseOptions } from '../../../../lib/ffmpeg/options';
import { resolveSource } from '../../../../lib/source/resolve';
import { FakeClock } from '../../../support/fake-clock';
import { root } from '../../../support/media';

describe('Decoder', () => {
  let request: DecodeRequest;

  before(async () => {
    request = {
      ...(await findCapableFfmpeg({})),
      // Nobody listens there.
      source: await resolveSource('rtsp://127.0.0.1:1/camera', { folders: [root], trusted: true }),
      options: parseOptions({}),
      stream: 'camera',
      session: 'session',
      limits: { maxFrames: 1, maxBytes: 1 },
    };
  });

  it('stops while it waits to connect again, without waiting for that', async () => {
    const reports: DecoderReport[] = [];
    const report = (each: DecoderReport) => {
      reports.push(each);
      if (each.type === 'reconnecting') setImmediate(() => decoder.stop());
    };
    // The clock stands still: the wait is never over by itself.
    const decoder = new Decoder(request, { report, clock: new FakeClock() });
    assert.equal(await decoder.run(), 'stopped');
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['spawned', 'gone', 'reconnecting'],
    );
  });

  it('waits longer before each attempt to connect again, 30 s at most', async () => {
    const clock = new FakeClock();
    const attempts: [number, number][] = [];
    const report = (each: DecoderReport) => {
      if (each.type !== 'reconnecting') return;
      attempts.push([each.attempt, each.delay]);
      if (attempts.length === 7) setImmediate(() => decoder.stop());
      else setImmediate(() => clock.advance(each.delay));
    };
    const decoder = new Decoder(request, { report, clock });
    await decoder.run();
    assert.deepEqual(
      attempts,
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000].map((delay, index) => [index + 1, delay]),
    );
  });
});
