import assert from 'node:assert/strict';
import { parseWidgetMessage } from '../../../nodes/frame-display/widget-message';

describe('parseWidgetMessage', () => {
  for (const message of [
    { viewer: 'v', visible: false },
    { viewer: 'v', visible: true, screen: 3 },
    { viewer: 'v', visible: true, decodes: [] },
    { viewer: 'v', visible: false, screen: 0, decodes: ['h264', 'vp9'] },
    { viewer: 'v', screen: 0, decoded: 12 },
    { viewer: 'v', screen: 1, broken: true },
    { viewer: 'v', ping: 12.5 },
    { viewer: 'v', bye: true },
    { viewer: 'v', action: 'pause' },
    { viewer: 'v', action: 'live' },
    { viewer: 'v', action: 'speed', value: 2 },
    { viewer: 'v', action: 'stream', value: 'camera 1' },
    { viewer: 'v', action: 'seek', value: { session: 's', pts: 40 } },
  ]) {
    it(`reads ${JSON.stringify(message)}`, () => assert.deepEqual(parseWidgetMessage(message), message));
  }

  it('takes of the codecs that a page says it decodes those that there are', () => {
    const decodesOf = (decodes: unknown) => parseWidgetMessage({ viewer: 'v', visible: true, decodes });
    const present = { viewer: 'v', visible: true };
    assert.deepEqual(decodesOf(['h264', 'h264', 'constructor', { codec: 'av1' }]), { ...present, decodes: ['h264'] });
    assert.deepEqual(decodesOf(new Array(1000).fill('h264')), present);
    assert.deepEqual(decodesOf('h264'), present);
    assert.deepEqual(decodesOf({ includes: 'h264' }), present);
  });

  it('takes nothing along that was not checked', () => {
    assert.deepEqual(
      parseWidgetMessage({ viewer: 'v', ping: 1, more: 'x'.repeat(1e6), __proto__: { action: 'pause' } }),
      {
        viewer: 'v',
        ping: 1,
      },
    );
  });

  let nested: unknown = [];
  for (let depth = 0; depth < 20_000; depth += 1) nested = [nested];
  for (const [what, message] of Object.entries({
    nothing: undefined,
    'a text': 'hello',
    'no viewer': { ping: 1 },
    'a viewer that is an object': { viewer: { toString: null }, visible: true },
    'a long name for a viewer': { viewer: 'v'.repeat(65), visible: true },
    'a ping of 20,000 nested arrays': { viewer: 'v', ping: nested },
    'a ping that is not a number': { viewer: 'v', ping: Number.NaN },
    'a screen below 0': { viewer: 'v', screen: -1, decoded: 1 },
    'an action nobody may ask for': { viewer: 'v', action: 'range', value: 1 },
    'an unknown action': { viewer: 'v', action: 'constructor' },
    'an object for a value': { viewer: 'v', action: 'seek', value: { time: 1 } },
    'a moment for another action': { viewer: 'v', action: 'speed', value: { session: 's', pts: 1 } },
    'a moment at no time': { viewer: 'v', action: 'seek', value: { session: 's', pts: Number.NaN } },
    'a moment of a session with a long name': {
      viewer: 'v',
      action: 'seek',
      value: { session: 's'.repeat(1025), pts: 1 },
    },
    'a long text for a value': { viewer: 'v', action: 'stream', value: 's'.repeat(1025) },
  })) {
    it(`refuses ${what}`, () => assert.equal(parseWidgetMessage(message), undefined));
  }
});
