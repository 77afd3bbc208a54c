import assert from 'node:assert/strict';
import { VideoError } from '../../../../lib/errors';
import { findCapableFfmpeg } from '../../../../lib/ffmpeg/capabilities';
import type { EncodedFrame } from '../../../../lib/frame/frame';
import type { TranscodeReport } from '../../../../lib/transcode/worker/messages';
import { PacketRun } from '../../../../lib/transcode/worker/packet-run';
import { FakeClock } from '../../../support/fake-clock';
import { runningFfmpegs } from '../../../support/media';
import { makeClip, packetsOf } from '../../../support/packets';

describe('one ffmpeg over packets', () => {
  let clock: FakeClock;
  let run: PacketRun;
  let reports: TranscodeReport[];
  let finished: Promise<unknown>;
  let wake: () => void = () => {};

  beforeEach(async () => {
    clock = new FakeClock();
    reports = [];
    const found = await findCapableFfmpeg({});
    const packets = { codec: 'vp8' as const, width: 64, height: 36, isReordered: false };
    const report = (each: TranscodeReport) => {
      reports.push(each);
      wake();
    };
    run = new PacketRun({ ...found, name: 'clip', packets, quality: 80 }, report, clock);
    finished = run.finish().catch((error) => error);
  });
  afterEach(async () => {
    run.stop();
    await finished;
    assert.deepEqual(await runningFfmpegs(), []);
    assert.equal(clock.pending, 0);
  });

  const told = (type: TranscodeReport['type']) => reports.filter((each) => each.type === type).length;

  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }

  function push(packets: EncodedFrame[]): void {
    for (const { frame, data } of packets)
      run.push(frame.seq * 40_000, frame.key === true, Uint8Array.from(data).buffer);
  }

  it('is ended when it does not go on, with an error that says so', async () => {
    const packets = await packetsOf(await makeClip({ codec: 'vp8' }));
    push(packets.slice(0, 1));
    await until(() => told('picture') === 1 && told('read') === 1);
    const [pid] = await runningFfmpegs();
    process.kill(pid as number, 'SIGSTOP');
    push(packets.slice(1, 2));
    clock.advance(60_000);
    const error = await finished;
    assert.ok(error instanceof VideoError);
    assert.equal(error.code, 'SOURCE_STALLED');
    assert.match(error.message, /did not go on for 60 s after 1 pictures of clip/);
  });

  it('may wait for packets, and for who takes its pictures, as long as they like', async () => {
    const packets = await packetsOf(await makeClip({ codec: 'vp8' }));
    push(packets.slice(0, 1));
    await until(() => told('picture') === 1 && told('read') === 1);
    clock.advance(3_600_000);
    push(packets.slice(1));
    run.end();
    await until(() => told('picture') === 4);
    // The next picture is announced.
    await new Promise((resolve) => setTimeout(resolve, 100));
    clock.advance(3_600_000);
    const sizes = () => reports.flatMap((each) => (each.type === 'picture' ? [each.data.byteLength] : []));
    for (let taken = 0; taken < 20; taken += 1) {
      await until(() => sizes().length > taken);
      run.taken(sizes()[taken] as number);
    }
    assert.equal(await finished, undefined);
  });
});
