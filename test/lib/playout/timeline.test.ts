import assert from 'node:assert/strict';
import { isTimed, type Placed, placeAfter } from '../../../lib/playout/timeline';
import { frameOf } from '../../support/frames';

const source = { mode: 'source', interval: 16 } as const;

describe('placeAfter', () => {
  const first = placeAfter(undefined, frameOf(0), source);

  it('puts the first frame at the beginning, wherever its own time begins', () => {
    assert.equal(placeAfter(undefined, frameOf(50), source).position, 0);
  });

  it('goes by the time stamps while they go on', () => {
    assert.equal(placeAfter(first, frameOf(1, { pts: 55 }), source).position, 55);
  });

  it('leaves room for frames that are lost', () => {
    assert.equal(placeAfter(first, frameOf(10), source).position, 400);
  });

  for (const [title, frame] of [
    ['a gap', frameOf(100, { time: 90 })],
    ['a gap of a live stream', frameOf(100, { live: true })],
    ['a pause of more than a minute', frameOf(2000)],
    ['a jump back', frameOf(0, { pts: -500 })],
    ['a new session', frameOf(1, { session: 'second' })],
    ['another stream', frameOf(1, { stream: 'other.mp4' })],
    ['a frame without time stamps', frameOf(1, { duration: undefined })],
  ] as const) {
    it(`lets ${title} follow when the frame before has had its time`, () => {
      assert.equal(placeAfter(first, frame, source).position, 40);
    });
  }

  it('counts intervals from their beginning, so that nothing adds up', () => {
    const pacing = { mode: 'interval', interval: 0.1 } as const;
    let placed: Placed | undefined;
    for (let seq = 0; seq <= 1_000_000; seq += 1) placed = placeAfter(placed, frameOf(seq), pacing);
    assert.equal(placed?.position, 1_000_000 * 0.1);
  });
});

describe('isTimed', () => {
  it('is true of frames that know their duration, where it counts', () => {
    assert.equal(isTimed(frameOf(0), 'source'), true);
    assert.equal(isTimed(frameOf(0), 'interval'), false);
    assert.equal(isTimed(frameOf(0, { duration: undefined }), 'source'), false);
    assert.equal(isTimed(frameOf(0, { duration: 0 }), 'source'), false);
  });

  it('lets another session follow soon, however long the frame before said it would stay', () => {
    const endless = placeAfter(undefined, frameOf(0, { duration: 3_600_000 }), source);
    assert.equal(placeAfter(endless, frameOf(0, { session: 'second' }), source).position, 10_000);
  });
});
