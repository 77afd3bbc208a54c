import assert from 'node:assert/strict';
import { DecodeRun } from '../../../../lib/decode/worker/decode-run';
import type { DecodeRequest, DecoderReport } from '../../../../lib/decode/worker/messages';
import { findCapableFfmpeg } from '../../../../lib/ffmpeg/capabilities';
import { parseOptions } from '../../../../lib/ffmpeg/options';
import { resolveSource } from '../../../../lib/source/source';
import { FakeClock } from '../../../support/fake-clock';
import { root } from '../../../support/media';

describe('DecodeRun', () => {
  it('stops while it waits to connect again, without waiting for that', async () => {
    const request: DecodeRequest = {
      ...(await findCapableFfmpeg({})),
      // Nobody listens there.
      source: await resolveSource('rtsp://127.0.0.1:1/camera', { folders: [root], trusted: true }),
      options: parseOptions({}),
      stream: 'camera',
      session: 'session',
      limits: { maxFrames: 1, maxBytes: 1 },
    };
    const reports: DecoderReport[] = [];
    let isWaiting: () => void = () => {};
    const waiting = new Promise<void>((resolve) => {
      isWaiting = resolve;
    });
    const report = (each: DecoderReport) => {
      reports.push(each);
      if (each.type === 'reconnecting') setImmediate(isWaiting);
    };
    // The clock stands still: the wait is never over by itself.
    const run = new DecodeRun(request, { report, clock: new FakeClock() });
    const end = run.run();
    await waiting;
    run.stop();
    assert.equal(await end, 'stopped');
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['reconnecting'],
    );
  });
});
