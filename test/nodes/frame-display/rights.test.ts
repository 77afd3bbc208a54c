import assert from 'node:assert/strict';
import { mayCommand, rightsOf } from '../../../nodes/frame-display/rights';

describe('rightsOf', () => {
  for (const [what, display, rights] of [
    ['a flow saved without either property: everything', {}, { shared: true, own: true, fullScreen: true }],
    ['all: everything', { viewers: 'all', controls: true }, { shared: true, own: true, fullScreen: true }],
    ["own: one's own view only", { viewers: 'own' }, { shared: false, own: true, fullScreen: true }],
    ['none: nothing', { viewers: 'none' }, { shared: false, own: false, fullScreen: false }],
    ['no controls: full screen only', { controls: false }, { shared: false, own: false, fullScreen: true }],
    [
      'neither controls nor rights: nothing',
      { controls: false, viewers: 'none' },
      { shared: false, own: false, fullScreen: false },
    ],
  ] as const) {
    it(`gives viewers of ${what}`, () => assert.deepEqual(rightsOf(display), rights));
  }
});

describe('mayCommand', () => {
  const all = rightsOf({});

  it('lets a viewer choose a stream for everyone, but not on a wall', () => {
    assert.equal(mayCommand('stream', all, false), true);
    assert.equal(mayCommand('stream', all, true), false);
    assert.equal(mayCommand('pause', all, true), true);
  });

  it('lets nobody command who may only change their own view', () => {
    assert.equal(mayCommand('pause', rightsOf({ viewers: 'own' }), false), false);
  });
});
