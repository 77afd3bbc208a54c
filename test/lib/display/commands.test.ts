import assert from 'node:assert/strict';
import { parseCommand } from '../../../lib/display/commands';

describe('parseCommand', () => {
  for (const [action, value, expected] of [
    ['play', 'whatever', { action: 'play' }],
    ['speed', '1.5', { action: 'speed', value: 1.5 }],
    ['stream', '', { action: 'stream', value: '' }],
    ['seek', 'beginning', { action: 'seek', value: 'beginning' }],
    ['seek', 1234, { action: 'seek', value: 1234 }],
    ['seek', '1970-01-01T00:00:01Z', { action: 'seek', value: 1000 }],
    ['seek', { session: 's', pts: 40 }, { action: 'seek', value: { session: 's', pts: 40 } }],
    ['seek', { time: new Date(7) }, { action: 'seek', value: 7 }],
    [
      'session',
      { partition: 1, offset: '70', latency: 3 },
      { action: 'session', value: { partition: 1, offset: '70' } },
    ],
    ['range', { begin: 1, end: '1970-01-01T00:00:01Z' }, { action: 'range', value: { begin: 1, end: 1000 } }],
  ] as const) {
    it(`reads ${action} ${JSON.stringify(value)}`, () => {
      assert.deepEqual(parseCommand(action, value), expected);
    });
  }

  for (const [action, value] of [
    ['rewind', undefined],
    [undefined, undefined],
    ['stream', 7],
    ['seek', 'soon'],
    ['seek', undefined],
    ['session', undefined],
    ['session', { partition: 0 }],
    ['session', { partition: 0, offset: 'x' }],
    ['range', undefined],
    ['range', { begin: 2, end: 1 }],
  ] as const) {
    it(`refuses ${action} ${JSON.stringify(value)}`, () => {
      assert.throws(() => parseCommand(action, value), { code: 'BAD_OPTION' });
    });
  }
});
