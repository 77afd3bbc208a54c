import assert from 'node:assert/strict';
import { RateLimit } from '../../../lib/time/rate-limit';
import { FakeClock } from '../../support/fake-clock';

describe('RateLimit', () => {
  it('lets a burst pass, and then as many a second as it may', () => {
    const clock = new FakeClock();
    const limit = new RateLimit(clock, { burst: 3, perSecond: 2 });
    const passed = (tries: number) => Array.from({ length: tries }, () => limit.take()).filter(Boolean).length;
    assert.equal(passed(10), 3);
    clock.advance(499);
    assert.equal(passed(10), 0);
    clock.advance(1);
    assert.equal(passed(10), 1);
    clock.advance(60_000);
    assert.equal(passed(10), 3);
  });
});
