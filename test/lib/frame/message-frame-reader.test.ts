import assert from 'node:assert/strict';
import sharp from 'sharp';
import { videoCodecs } from '../../../lib/frame/frame';
import { MessageFrameReader } from '../../../lib/frame/message-frame-reader';
import { makeClip, packetsOf } from '../../support/packets';

describe('MessageFrameReader', () => {
  let image: Buffer;

  before(async () => {
    image = await sharp({ create: { width: 20, height: 10, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer();
  });

  it('keeps what a frame says of itself', () => {
    const frame = {
      stream: 's',
      session: 'r',
      seq: 4,
      pts: 160,
      duration: 40,
      time: 99,
      width: 20,
      height: 10,
      codec: 'jpeg',
      live: true,
    };
    assert.deepEqual(new MessageFrameReader().read(image, frame, 'other').frame, frame);
  });

  it('numbers bare images per stream', () => {
    const intake = new MessageFrameReader();
    const read = (stream: string) => intake.read(image, undefined, stream).frame;
    assert.deepEqual([read('a').seq, read('b').seq, read('a').seq], [0, 0, 1]);
    assert.equal(read('a').session, read('b').session);
    assert.equal(read('a').duration, undefined);
  });

  it('takes codec and size from the image', () => {
    const { frame } = new MessageFrameReader().read(image, { codec: 'png', width: 1, height: 1 }, 's');
    assert.deepEqual([frame.codec, frame.width, frame.height], ['jpeg', 20, 10]);
  });

  it('replaces what cannot be', () => {
    const { frame } = new MessageFrameReader().read(image, { seq: -1, time: Number.NaN, pts: 'x', session: 5 }, 's');
    assert.equal(frame.seq, 0);
    assert.equal(frame.pts, 0);
    assert.ok(frame.time > 0);
  });

  for (const payload of [undefined, 'text', 42, { a: 1 }, [1], Buffer.from('no image')]) {
    it(`refuses ${JSON.stringify(payload) ?? 'nothing'}`, () => {
      assert.throws(() => new MessageFrameReader().read(payload, undefined, 's'), { code: 'NOT_A_FRAME' });
    });
  }

  it('numbers 100,000 streams in bounded memory, and cuts their names', () => {
    const reader = new MessageFrameReader();
    for (let index = 0; index < 100_000; index += 1) reader.read(image, undefined, `stream ${index}`);
    assert.equal(reader.read(image, undefined, 'stream 99999').frame.seq, 1);
    assert.equal(reader.read(image, undefined, 'stream 0').frame.seq, 0);
    assert.equal(reader.read(image, undefined, 's'.repeat(1e6)).frame.stream.length, 1024);
  });

  it('takes no duration that no frame has', () => {
    for (const duration of [1e12, -1, Number.NaN, '40']) {
      assert.equal(new MessageFrameReader().read(image, { pts: 0, duration }, 's').frame.duration, undefined);
    }
  });

  for (const codec of videoCodecs) {
    it(`takes codec, key frames, profile and size of ${codec} from its packets`, async () => {
      const reader = new MessageFrameReader();
      const packets = await packetsOf(await makeClip({ codec, frames: 12, gop: 10 }));
      const frames = packets.map(({ data }) => reader.read(data, { codec }, 's').frame);
      assert.deepEqual(
        frames.map(({ codec, width, height, key }) => ({ codec, width, height, key })),
        packets.map(({ frame: { key } }) => ({ codec, width: 64, height: 36, key })),
      );
      const prefix = { h264: 'avc1.', hevc: 'hev1.', av1: 'av01.', vp9: 'vp09.', vp8: 'vp8' }[codec];
      assert.ok(frames.every(({ key, profile }) => (key ? profile?.startsWith(prefix) : profile === undefined)));
    });
  }

  it('keeps what compressed video says of its times, and believes the packet about what a key frame is', async () => {
    const [first, second] = await packetsOf(await makeClip());
    const reader = new MessageFrameReader();
    const read = reader.read(first?.data, first?.frame, 's').frame;
    assert.deepEqual({ ...read, profile: undefined }, { ...first?.frame, profile: undefined });
    assert.equal(reader.read(second?.data, { ...second?.frame, key: true }, 's').frame.key, undefined);
  });

  it('keeps that compressed video is only to be decoded from', async () => {
    const [packet] = await packetsOf(await makeClip());
    const read = (frame: object) => new MessageFrameReader().read(packet?.data, frame, '').frame.preroll;
    assert.equal(read({ ...packet?.frame, preroll: true }), true);
    assert.equal(read({ ...packet?.frame, preroll: 'no' }), undefined);
  });

  it('refuses what is not the compressed video that it is said to be', async () => {
    const [packet] = await packetsOf(await makeClip());
    const refuses = (payload: unknown, codec: string, reason: RegExp) =>
      assert.throws(() => new MessageFrameReader().read(payload, { codec }, 's'), {
        ...{ code: 'NOT_A_FRAME', message: reason },
      });
    refuses(image, 'h264', /not H\.264 video, though msg\.frame\.codec is "h264"/);
    refuses(Buffer.alloc(0), 'hevc', /not HEVC video/);
    refuses('text', 'av1', /msg\.payload is the text "text"/);
    refuses(packet?.data, 'jpeg', /not an image/);
    refuses(packet?.data, 'av1', /not AV1 video/);
  });

  it('refuses compressed video of unknown size until its key frame comes', async () => {
    const [key, next] = await packetsOf(await makeClip());
    const reader = new MessageFrameReader();
    const read = (data?: Buffer) => reader.read(data, { codec: 'h264' }, 's').frame.width;
    assert.throws(() => read(next?.data), { code: 'NOT_A_FRAME', message: /no key frame has come/ });
    assert.deepEqual([read(key?.data), read(next?.data)], [64, 64]);
  });
});
