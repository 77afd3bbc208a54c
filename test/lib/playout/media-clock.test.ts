import assert from 'node:assert/strict';
import { MediaClock } from '../../../lib/playout/media-clock';
import { FakeClock } from '../../support/fake-clock';

describe('MediaClock', () => {
  it('tells times from its anchor, at its speed', () => {
    const clock = new FakeClock();
    const media = new MediaClock(clock, 2);
    clock.advance(100);
    media.anchorAt(1000);
    assert.equal(media.timeOf(1500), 350);
  });

  it('changes its speed from the position held on, at most the end given', () => {
    const clock = new FakeClock();
    const media = new MediaClock(clock, 1);
    media.anchorAt(0);
    clock.advance(30);
    media.hold(40);
    media.setSpeed(0.5);
    assert.equal(media.timeOf(40), 50);
    clock.advance(1000);
    media.hold(40);
    assert.equal(media.timeOf(40), 1030);
  });

  it('goes on where it was when it is resumed', () => {
    const clock = new FakeClock();
    const media = new MediaClock(clock, 1);
    media.anchorAt(500);
    clock.advance(10_000);
    media.resume();
    assert.equal(media.timeOf(520), 10_020);
  });

  it('refuses a speed that makes no sense and keeps its own', () => {
    const media = new MediaClock(new FakeClock(), 1);
    for (const speed of [0, 17, Number.NaN, '2' as never])
      assert.throws(() => media.setSpeed(speed), /BAD_OPTION|out of range/);
    assert.equal(media.speed, 1);
  });
});
