import assert from 'node:assert/strict';
import type { Frame } from '../../../lib/frame/frame';
import type { Playable } from '../../../lib/playout/frame-queue';
import { PresentationOrder } from '../../../lib/playout/presentation-order';
import { frameOf, packetFrames } from '../../support/frames';

function setUp() {
  const order = new PresentationOrder<Playable>();
  const push = (frame: Frame) => order.push({ frame, bytes: 1, tracked: true });
  const pushAll = (frames: Frame[]) => frames.flatMap((frame) => push(frame)).map(({ frame }) => frame);
  return { order, push, pushAll };
}

const ptsOf = (frames: Frame[]) => frames.map(({ pts }) => pts / 40);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

describe('PresentationOrder', () => {
  it('lets whole images pass as they come, whatever they say of decoding', () => {
    const { pushAll } = setUp();
    const frames = [0, 2, 1].map((seq) => frameOf(seq, { dts: -1000 }));
    assert.deepEqual(pushAll(frames), frames);
  });

  it('puts pictures that were decoded ahead of others in the order in which they are shown', () => {
    const { pushAll } = setUp();
    const shown = ptsOf(pushAll(packetFrames(26)));
    assert.deepEqual(shown, upTo(shown.length));
    assert.equal(shown.length, 25);
  });

  it('lets a picture go as soon as none can come before it', () => {
    const { push } = setUp();
    const released = packetFrames(7).map((frame) => ptsOf(push(frame).map((item) => item.frame)));
    assert.deepEqual(released, [[], [0], [1], [2], [3], [4], [5]]);
  });

  it('lets pictures go at once that are decoded when they are shown', () => {
    const { push } = setUp();
    for (const seq of upTo(5)) assert.equal(push(frameOf(seq, { codec: 'vp9', dts: seq * 40 })).length, 1);
    for (const seq of upTo(5)) assert.equal(push(frameOf(5 + seq, { codec: 'vp9' })).length, 1);
  });

  it('ends a session with the last picture that is shown, not the last one that is decoded', () => {
    const { pushAll } = setUp();
    const frames = packetFrames(13).map((frame, index) => (index === 12 ? { ...frame, last: true as const } : frame));
    const shown = pushAll(frames);
    assert.deepEqual(ptsOf(shown), upTo(13));
    assert.deepEqual(
      shown.flatMap(({ last }, index) => (last ? index : [])),
      [12],
    );
  });

  it('lets the rest of a session go when another one comes', () => {
    const { pushAll } = setUp();
    const second = packetFrames(26, { session: 'second' }).slice(13);
    const shown = pushAll([...packetFrames(11), ...second]);
    assert.deepEqual(
      shown.map(({ session, pts }) => [session, pts / 40]),
      [
        ...[...upTo(10), 12].map((place) => ['first', place]),
        ...upTo(25)
          .slice(13)
          .map((place) => ['second', place]),
      ],
    );
  });

  it('lets the rest of a session go when images come after it', () => {
    const { pushAll } = setUp();
    const shown = pushAll([...packetFrames(11), frameOf(0, { session: 'second' })]);
    assert.deepEqual(ptsOf(shown), [...upTo(10), 12, 0]);
  });

  it('lets the rest go when the same session goes on somewhere else', () => {
    const { pushAll } = setUp();
    const shown = pushAll([...packetFrames(26).slice(13), ...packetFrames(13)]);
    assert.deepEqual(ptsOf(shown), [...upTo(26).slice(13), ...upTo(12)]);
  });

  it('holds no more pictures than can be decoded ahead, whatever their times say', () => {
    const { pushAll } = setUp();
    const frames = upTo(100).map((seq) =>
      frameOf(seq, { codec: 'h264', dts: -1e9, key: seq === 0 ? true : undefined }),
    );
    assert.equal(pushAll(frames).length, 100 - 16);
  });

  it('gives back what is asked for of those that it holds', () => {
    const { order, pushAll } = setUp();
    pushAll(packetFrames(2));
    assert.deepEqual(
      order.remove(() => true).map(({ frame }) => frame.pts / 40),
      [3],
    );
    assert.deepEqual(pushAll(packetFrames(2, { session: 'second' })).length, 1);
  });
});
