import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { VideoError } from '../../../lib/errors';
import type { EncodedFrame, Frame } from '../../../lib/frame/frame';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { StreamDecoders, type StreamDecodersOptions } from '../../../lib/transcode/stream-decoders';
import { FakeClock } from '../../support/fake-clock';
import { frameOf } from '../../support/frames';
import { runningFfmpegs } from '../../support/media';
import { type ClipOptions, makeClip, packetsOf } from '../../support/packets';
import { eventually } from '../../support/processes';

describe('the decoders of streams', () => {
  let pool: WorkerPool;
  let decoders: StreamDecoders;
  /** What became of frames, in that order. */
  let pictures: { frame: Frame; finish: () => void }[];
  let passed: Frame[];
  let taken: Frame[];
  let errors: VideoError[];
  let wake: (count: number) => void = () => {};

  /** Resolves once `holds` says so, asking whenever something became of a frame. */
  async function until(holds: () => boolean): Promise<void> {
    while (!holds()) {
      await new Promise((resolve) => {
        wake = resolve;
      });
    }
  }

  before(() => {
    pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
  });
  after(() => pool.close());
  afterEach(async () => {
    await decoders.close();
    assert.deepEqual(await runningFfmpegs(), []);
  });

  function open(options: Partial<StreamDecodersOptions> = {}): void {
    [pictures, passed, taken, errors] = [[], [], [], []];
    const limits = { maxFrames: 1000, maxBytes: 1e9 };
    decoders = new StreamDecoders({ pool, quality: 80, limits, onError: (error) => errors.push(error), ...options });
  }

  function push(packets: EncodedFrame[], id = packets[0]?.frame.stream ?? ''): void {
    for (const packet of packets) {
      decoders.push(id, packet, {
        onTaken: () => wake(taken.push(packet.frame)),
        onPassed: () => wake(passed.push(packet.frame)),
        onPicture: ({ frame }, finish) => wake(pictures.push({ frame, finish })),
      });
    }
  }

  async function clip(stream: string, options: ClipOptions = {}): Promise<EncodedFrame[]> {
    const packets = await packetsOf(await makeClip(options), stream);
    const last = packets.length - 1;
    return packets.map(({ frame, data }, seq) => ({ frame: seq < last ? frame : { ...frame, last: true }, data }));
  }

  const seqs = (stream: string) =>
    pictures.filter(({ frame }) => frame.stream === stream).map(({ frame }) => frame.seq);
  const shown = (packets: EncodedFrame[]) =>
    packets
      .map(({ frame }) => frame)
      .sort((a, b) => a.pts - b.pts)
      .map(({ seq }) => seq);

  it('decode several streams side by side, each in its own order', async () => {
    open();
    const [one, two] = await Promise.all([clip('one', { bFrames: 2 }), clip('two', { codec: 'vp8' })]);
    push(one.slice(0, 5));
    push(two);
    push(one.slice(5));
    await until(() => pictures.length === 40 && taken.length === 40);
    assert.deepEqual(seqs('one'), shown(one));
    assert.deepEqual(seqs('two'), shown(two));
  });

  it('pass images as they are, after the pictures of compressed video of the same stream', async () => {
    open();
    const packets = await packetsOf(await makeClip({ bFrames: 2 }));
    const image = { frame: frameOf(20, { stream: 'clip' }), data: Buffer.from('image') };
    push([...packets, image]);
    push([{ frame: frameOf(0, { stream: 'another' }), data: Buffer.from('image') }]);
    assert.deepEqual(
      pictures.map(({ frame }) => frame.stream),
      ['another'],
    );
    await until(() => pictures.length === 22);
    assert.deepEqual(seqs('clip'), [...shown(packets), 20]);
  });

  it('decode no more than is finished', async () => {
    open({ limits: { maxFrames: 2, maxBytes: 1e9 } });
    const packets = await clip('one', { frames: 200, gop: 200, size: '640x360' });
    push(packets);
    await until(() => pictures.length === 2);
    await sleep(300);
    assert.equal(pictures.length, 2);
    assert.ok(taken.length < 150, `${taken.length} packets were taken`);
    for (let finished = 0; finished < 200; finished += 1) {
      await until(() => pictures.length > finished);
      pictures[finished]?.finish();
    }
    assert.deepEqual(seqs('one'), shown(packets));
    assert.equal(passed.length, 0);
  });

  it('leave others alone when a stream cannot be decoded', async () => {
    open();
    const good = await clip('good', { frames: 40 });
    const bad = good.map(({ frame }) => ({ frame: { ...frame, stream: 'bad' }, data: Buffer.alloc(100, 7) }));
    push(good.slice(0, 20));
    push(bad);
    push(good.slice(20));
    await until(() => pictures.length === 40 && passed.length === 40);
    assert.deepEqual(
      errors.map(({ code }) => code),
      ['NOT_A_FRAME'],
    );
  });

  it('decode 64 streams at a time, and say so when there are more', async () => {
    const clock = new FakeClock();
    open({ clock });
    const [key] = await packetsOf(await makeClip({}));
    const { frame } = key as EncodedFrame;
    const { key: _, ...notKey } = frame;
    const streams = Array.from({ length: 66 }, (_, index) => ({
      frame: { ...notKey, stream: `stream ${index}` },
      data: Buffer.from('x'),
    }));
    for (const packet of streams) push([packet]);
    assert.deepEqual(
      errors.map(({ message }) => message),
      ['stream 64 is not decoded: 64 streams are already. Read them with several nodes, by topic or stream'],
    );
    await until(() => passed.length === 66 && taken.length === 66);
    clock.advance(20_000);
    push([{ frame: { ...frame, stream: 'new' }, data: (key as EncodedFrame).data }]);
    await until(() => taken.length === 67);
    assert.deepEqual(errors.slice(1), []);
    assert.equal(passed.length, 66);
  });

  it('give what they hold back of a stream that nothing more comes of, but not while they are paused', async () => {
    const clock = new FakeClock();
    open({ clock });
    const packets = (await packetsOf(await makeClip({ bFrames: 2 }))).slice(0, 10);
    push(packets);
    await until(() => taken.length === 10 && pictures.length > 0);
    decoders.pause();
    clock.advance(3_600_000);
    assert.notEqual((await runningFfmpegs()).length, 0);
    decoders.resume();
    clock.advance(3_600_000);
    await until(() => pictures.length === 10);
    await eventually('ffmpeg is gone', async () => (await runningFfmpegs()).length === 0);
  });
});
