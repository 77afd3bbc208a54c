import assert from 'node:assert/strict';
import { Display } from '../../../lib/display/display';
import type { DisplayOptions, ViewedFrame } from '../../../lib/display/display-options';
import type { Picture } from '../../../lib/display/picture';
import type { DecoderHandlers, PacketDecoder } from '../../../lib/display/picture-decoding';
import type { DisplayItem } from '../../../lib/display/screen';
import { VideoError } from '../../../lib/errors';
import type { EncodedFrame, Frame, VideoCodec } from '../../../lib/frame/frame';
import { FakeClock } from '../../support/fake-clock';
import { frameOf, packetFrames } from '../../support/frames';

/** Decodes nothing, and gives each picture as soon as none can come before it. */
class TestDecoder implements PacketDecoder {
  readonly taken: EncodedFrame[] = [];
  readonly handlers: DecoderHandlers;
  isClosed = false;
  #held: Frame[] = [];

  constructor(handlers: DecoderHandlers) {
    this.handlers = handlers;
  }

  async push(packet: EncodedFrame): Promise<void> {
    this.taken.push(packet);
    this.#held.push(packet.frame);
    this.#give(packet.frame.dts as number);
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }

  #give(decodedTo: number): void {
    const given = this.#held.filter(({ pts }) => pts <= decodedTo).sort((a, b) => a.pts - b.pts);
    this.#held = this.#held.filter(({ pts }) => pts > decodedTo);
    for (const { preroll, ...frame } of given) {
      const picture = { frame: { ...frame, codec: 'jpeg' as const }, data: Buffer.from(`JPEG ${frame.pts}`) };
      if (!preroll) this.handlers.onPicture(picture);
    }
  }
}

function setUp(more: Partial<DisplayOptions<DisplayItem>> = {}, decodes: VideoCodec[] = ['h264']) {
  const clock = new FakeClock();
  const given: Frame[] = [];
  const dropped: [seq: number, reason: string][] = [];
  const ended: Frame[] = [];
  const errors: VideoError[] = [];
  const counts: Record<string, number>[] = [];
  const pictures: Picture<ViewedFrame>[] = [];
  const decoders: TestDecoder[] = [];
  const display = new Display<DisplayItem>({
    ...{ mode: 'source', interval: 40, speed: 1, stream: '', timeout: 0, clock },
    onShow: ({ frame }) => given.push(frame),
    onDrop: ({ frame }, reason) => dropped.push([frame.seq, reason]),
    onRefuse: () => {},
    onEvent: ({ event, payload }) => {
      if (event === 'ended') ended.push(payload as unknown as Frame);
      if (event === 'dropped') counts.push(payload as Record<string, number>);
    },
    onReport: () => {},
    openDecoder: (handlers) => {
      const decoder = new TestDecoder(handlers);
      decoders.push(decoder);
      return decoder;
    },
    onDecodingError: (error) => errors.push(error),
    ...more,
  });
  const join = (id: string, codecs: VideoCodec[] | undefined, on: Picture<ViewedFrame>[] = []) => {
    const send = (picture: Picture<ViewedFrame>) => {
      on.push(picture);
      display.viewers.acknowledge(id, picture.screen, picture.number);
    };
    display.viewers.join(id, { send }, true, undefined, codecs);
    return on;
  };
  join('viewer', decodes, pictures);
  const push = (frame: Frame, tracked = true) =>
    display.push({ frame, data: Buffer.from(`packet ${frame.seq}`), bytes: 10, tracked });
  const pushFromTopic = (frame: Frame, seek?: string) => {
    const place = { partition: 0, offset: `${frame.seq}` };
    display.push({ frame, data: Buffer.from(`packet ${frame.seq}`), bytes: 10, tracked: true, place, seek });
  };
  return { pushFromTopic, clock, display, given, dropped, ended, errors, counts, pictures, decoders, join, push };
}

const ptsOf = (pictures: Picture<ViewedFrame>[]) => pictures.map(({ meta }) => meta.pts / 40);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);
/** Lets what was resolved take effect. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('Display of compressed video', () => {
  it('shows its pictures evenly, in the order of their own times', () => {
    const { clock, pictures, push } = setUp();
    for (const frame of packetFrames(26)) push(frame);
    clock.advance(2000);
    assert.deepEqual(ptsOf(pictures), upTo(25));
    const [first] = pictures;
    assert.deepEqual(
      pictures.map(({ due }) => (due as number) - (first?.due as number)),
      upTo(25).map((index) => index * 40),
    );
  });

  it('gives frames back in the order in which they came, each once', () => {
    const { clock, given, push } = setUp();
    for (const frame of packetFrames(26)) push({ ...frame, ...(frame.seq === 25 && { last: true }) });
    clock.advance(2000);
    assert.deepEqual(
      given.map(({ seq }) => seq),
      upTo(26),
    );
  });

  it('does not wait for a frame whose source waits for those before it', () => {
    const frames = packetFrames(26);
    let next = 1;
    const pushed = setUp({ onShow: () => queueMicrotask(() => next < 26 && pushed.push(frames[next++] as Frame)) });
    pushed.push(frames[0] as Frame);
    return settle().then(async () => {
      for (let tick = 0; tick < 100; tick += 1) {
        pushed.clock.advance(40);
        await settle();
      }
      assert.equal(next, 26);
    });
  });

  it('ends a session when the last picture has had its time, which is not the last one decoded', () => {
    const { clock, ended, pictures, push } = setUp();
    for (const frame of packetFrames(13)) push({ ...frame, ...(frame.seq === 12 && { last: true }) });
    clock.advance(12 * 40 + 10);
    assert.equal(pictures.length, 13);
    assert.equal(ended.length, 0);
    clock.advance(40);
    assert.equal(ended.length, 1);
  });

  it('shows, of what is read for a seek, nothing that only is there to decode from, and does not wait for its time', () => {
    const { clock, given, pictures, push } = setUp();
    for (const frame of packetFrames(13)) push({ ...frame, ...(frame.pts < 8 * 40 && { preroll: true }) });
    clock.advance(1);
    assert.equal(given.filter(({ preroll }) => preroll).length, 8);
    clock.advance(1000);
    assert.deepEqual(ptsOf(pictures), upTo(12).slice(8));
    assert.equal(pictures[0]?.packets?.[0]?.pts, 0);
  });

  it('shows the very frame asked for when it is sought while paused', () => {
    const { clock, display, pictures, push } = setUp();
    display.command('pause', undefined, 'message');
    display.command('seek', 0, 'message');
    for (const frame of packetFrames(13)) push({ ...frame, ...(frame.pts < 7 * 40 && { preroll: true }) });
    clock.advance(1000);
    assert.deepEqual(ptsOf(pictures), [7]);
  });

  it('shows the very picture of the moment sought, where its reader comes to a place before it', () => {
    const { clock, display, pictures, pushFromTopic } = setUp();
    for (const frame of packetFrames(39, { time: 1000 })) pushFromTopic(frame);
    display.command('pause', undefined, 'message');
    for (const [pts, place] of [
      [8 * 40, 8],
      [17 * 40 + 20, 17],
    ] as const) {
      display.command('seek', { session: 'first', pts }, 'message');
      for (const frame of packetFrames(39, { time: 1000 })) pushFromTopic(frame, `${pts}`);
      clock.advance(1000);
      assert.equal(ptsOf(pictures).at(-1), place);
    }
  });

  it('shows the end of a session where what is sought lies beyond it', () => {
    const { clock, display, pictures, pushFromTopic } = setUp();
    const frames = packetFrames(13, { time: 1000 }).map((frame) => ({
      ...frame,
      ...(frame.seq === 12 && { last: true as const }),
    }));
    for (const frame of frames) pushFromTopic(frame);
    clock.advance(1000);
    display.command('seek', { session: 'first', pts: 1e6 }, 'message');
    const before = pictures.length;
    for (const frame of frames) pushFromTopic(frame, 'sought');
    clock.advance(1000);
    assert.deepEqual(ptsOf(pictures).slice(before), [11, 12]);
  });

  it('steps from picture to picture, twenty times', () => {
    const { clock, display, pictures, push } = setUp();
    display.command('pause', undefined, 'message');
    for (const frame of packetFrames(39)) push(frame);
    for (const step of upTo(20)) {
      display.command('step', undefined, 'message');
      clock.advance(10);
      assert.equal(pictures.length, step + 1);
    }
    assert.deepEqual(ptsOf(pictures), upTo(20));
  });

  it('takes a step that was asked for before there was a picture as soon as there is one', () => {
    const { display, pictures, push } = setUp();
    display.command('step', undefined, 'message');
    const frames = packetFrames(3);
    push(frames[0] as Frame);
    assert.equal(pictures.length, 0);
    push(frames[1] as Frame);
    assert.deepEqual(ptsOf(pictures), [0]);
  });

  it('counts what cannot be decoded, as a frame is missing, and goes on with the next key frame', () => {
    const { clock, counts, dropped, pictures, push } = setUp();
    for (const frame of packetFrames(39)) if (frame.seq !== 16) push(frame);
    clock.advance(3000);
    const shown = ptsOf(pictures);
    assert.ok(upTo(14).every((place) => shown.includes(place)));
    assert.ok(
      upTo(38)
        .slice(26)
        .every((place) => shown.includes(place)),
    );
    assert.deepEqual(
      dropped,
      upTo(26)
        .slice(17)
        .map((seq) => [seq, 'undecodable']),
    );
    assert.equal(counts.at(-1)?.undecodable, 9);
  });

  it('gives no frame back twice that was passed on before its picture was given up', () => {
    const { clock, display, dropped, given, push } = setUp();
    for (const frame of packetFrames(26)) push(frame);
    clock.advance(300);
    display.command('seek', 0, 'message');
    const seqs = [...given.map(({ seq }) => seq), ...dropped.map(([seq]) => seq)];
    assert.deepEqual(
      seqs.sort((a, b) => a - b),
      upTo(26),
    );
  });

  it('passes on all packets of a live stream of which it shows the newest picture alone', () => {
    const { clock, pictures, push } = setUp({ mode: 'live' });
    for (const frame of packetFrames(11)) push(frame);
    clock.advance(100);
    assert.deepEqual(ptsOf(pictures), [9]);
    assert.equal(pictures[0]?.packets?.length, 11);
  });

  it('shows a stream that is chosen within its group of pictures, from what came of it before', () => {
    const { clock, display, pictures, push } = setUp({ stream: 'other' });
    const frames = packetFrames(13);
    for (const frame of frames.slice(0, 8)) push(frame);
    display.command('stream', 'clip.mp4', 'message');
    for (const frame of frames.slice(8)) push(frame);
    clock.advance(1000);
    // The last picture that came before was not wanted then.
    assert.deepEqual(ptsOf(pictures), [7, 8, 10, 11]);
    assert.equal(pictures[0]?.packets?.[0]?.key, true);
  });

  it('shows a session of whole images after one of compressed video, and the other way round', () => {
    const { clock, pictures, push } = setUp();
    for (const frame of packetFrames(13)) push({ ...frame, ...(frame.seq === 12 && { last: true }) });
    for (const seq of upTo(5)) push(frameOf(seq, { session: 'second', ...(seq === 4 && { last: true }) }));
    for (const frame of packetFrames(13, { session: 'third' })) push(frame);
    clock.advance(3000);
    assert.deepEqual(ptsOf(pictures), [...upTo(13), ...upTo(5), ...upTo(12)]);
    assert.equal(pictures.length, 30);
    assert.deepEqual(
      pictures.map(({ packets }) => packets !== undefined),
      [...upTo(13).map(() => true), ...upTo(5).map(() => false), ...upTo(12).map(() => true)],
    );
  });

  describe('for viewers that cannot decode it', () => {
    it('decodes it once for all of them', async () => {
      const { clock, decoders, join, pictures, push } = setUp({}, []);
      const other = join('other', []);
      const able = join('able', ['h264']);
      for (const frame of packetFrames(26)) {
        push(frame);
        clock.advance(40);
        await settle();
      }
      assert.equal(decoders.length, 1);
      assert.ok(pictures.length > 15, `${pictures.length} pictures`);
      assert.deepEqual(ptsOf(other), ptsOf(pictures));
      for (const { data, decoded, packets, meta } of pictures) {
        assert.deepEqual([data.toString(), decoded, packets], [`JPEG ${meta.pts}`, true, undefined]);
      }
      assert.ok(able.every(({ decoded, packets }) => decoded === undefined && packets !== undefined));
    });

    it('decodes it from the key frame of what is on screen for who joins, who sees that very picture', async () => {
      const { clock, decoders, join, push } = setUp();
      for (const frame of packetFrames(26)) push(frame);
      clock.advance(700);
      const late = join('late', []);
      await settle();
      const passed = decoders[0]?.taken.filter(({ frame }) => frame.preroll);
      assert.ok((passed?.length ?? 0) > 0, 'all were made images');
      clock.advance(40);
      await settle();
      assert.ok(late.length > 0);
    });

    it('shows who joins while it is paused the picture on screen, also where others see it already', async () => {
      const { clock, display, decoders, join, push } = setUp();
      const first = join('first', []);
      for (const frame of packetFrames(26)) push(frame);
      clock.advance(200);
      display.command('pause', undefined, 'message');
      await settle();
      display.viewers.leave('first');
      const second = join('second', []);
      await settle();
      assert.deepEqual(ptsOf(second), ptsOf(first).slice(-1));
      const third = join('third', []);
      await settle();
      assert.deepEqual(ptsOf(third), ptsOf(second));
      assert.equal(decoders.length, 1);
    });

    it('ceases to decode a while after nobody needs it any more', async () => {
      const { clock, decoders, display, join, push } = setUp();
      join('old', []);
      for (const frame of packetFrames(13)) push(frame);
      clock.advance(300);
      await settle();
      assert.equal(decoders[0]?.isClosed, false);
      display.viewers.leave('old');
      clock.advance(4900);
      assert.equal(decoders[0]?.isClosed, false);
      clock.advance(100);
      assert.equal(decoders[0]?.isClosed, true);
    });

    it('ceases to decode while they are hidden', async () => {
      const { clock, decoders, display, join, push } = setUp();
      join('old', []);
      for (const frame of packetFrames(13)) push(frame);
      clock.advance(300);
      await settle();
      display.viewers.setVisible('old', false, undefined, []);
      clock.advance(5000);
      assert.equal(decoders[0]?.isClosed, true);
    });

    it('keeps one decoder, however often viewers say that they need one, and that they do not', async () => {
      const { clock, decoders, display, join, push } = setUp();
      join('old', []);
      // For longer than a decoder that nobody needs is kept.
      for (const frame of packetFrames(195)) {
        push(frame);
        clock.advance(40);
        await settle();
        for (const decodes of [['h264' as const], []]) display.viewers.setVisible('old', true, undefined, decodes);
        await settle();
      }
      assert.equal(decoders.length, 1);
      assert.equal(decoders[0]?.isClosed, false);
    });

    it('leaves no timer behind', async () => {
      const { clock, decoders, display, join, push } = setUp();
      join('old', []);
      for (const frame of packetFrames(13)) push(frame);
      clock.advance(300);
      await settle();
      display.viewers.leave('old');
      await display.close();
      assert.equal(decoders[0]?.isClosed, true);
      assert.equal(clock.pending, 0);
    });

    it('tells of what hinders decoding, and goes on', async () => {
      const { clock, decoders, errors, join, push } = setUp();
      const old = join('old', []);
      for (const frame of packetFrames(39)) {
        push(frame);
        clock.advance(40);
        await settle();
        const isDue = errors.length === 0 && decoders[0]?.taken.at(-1)?.frame.seq === 16;
        if (isDue) decoders[0]?.handlers.onError(new VideoError('DECODER_CRASHED', 'Damaged.'));
      }
      assert.equal(errors.length, 1);
      assert.equal(decoders.length, 1);
      assert.ok(old.length > 25, `${old.length} pictures`);
    });

    it('gives nothing to who has not told yet what it can decode', async () => {
      const { clock, decoders, join, push } = setUp();
      const unknown = join('unknown', undefined);
      for (const frame of packetFrames(13)) push(frame);
      clock.advance(300);
      await settle();
      assert.equal(unknown.length, 0);
      assert.equal(decoders.length, 0);
    });
  });
});
