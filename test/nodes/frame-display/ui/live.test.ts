import assert from 'node:assert/strict';
import { liveStatusOf } from '../../../../nodes/frame-display/ui/live';

describe('liveStatusOf', () => {
  it('says nothing of a recorded video', () => {
    assert.equal(liveStatusOf({ state: 'playing' }, 100), undefined);
  });

  it('is live while what was captured just now is on screen', () => {
    assert.deepEqual(liveStatusOf({ live: 'present', state: 'playing' }, 100, 40), { isLive: true, behind: '' });
    assert.deepEqual(liveStatusOf({ live: 'present', state: 'playing' }, undefined), { isLive: true, behind: '' });
  });

  it('is live between the rare pictures of a camera, too', () => {
    assert.equal(liveStatusOf({ live: 'present', state: 'playing' }, 9000, 10_000)?.isLive, true);
  });

  it('tells how far it is behind in the past, on the way back, paused, and where pictures have ceased to come', () => {
    for (const [live, state] of [
      ['past', 'playing'],
      ['returning', 'playing'],
      ['present', 'paused'],
      ['present', 'buffering'],
    ] as const) {
      assert.deepEqual(liveStatusOf({ live, state }, 79_500, 40), { isLive: false, behind: '1:19' });
    }
  });

  it('is not live while it is paused, from the first moment on', () => {
    assert.deepEqual(liveStatusOf({ live: 'present', state: 'paused' }, 100, 40), { isLive: false, behind: '0:00' });
  });
});
