import assert from 'node:assert/strict';
import { readNumber } from '../../lib/read-number';

describe('readNumber', () => {
  const range = { min: 1, max: 100, whole: true };

  for (const value of [5, '5', ' 5 ']) {
    it(`reads ${JSON.stringify(value)}`, () => assert.equal(readNumber('Size', value, range), 5));
  }

  for (const value of [undefined, null, '', '  ']) {
    it(`takes ${JSON.stringify(value) ?? 'nothing'} for not set`, () =>
      assert.equal(readNumber('Size', value, range), undefined));
  }

  for (const value of [0, -1, 101, 2 ** 31, 5.5, Number.NaN, Infinity, 'x', {}, [], true]) {
    it(`refuses ${typeof value === 'number' ? value : JSON.stringify(value)}, saying what it may be`, () =>
      assert.throws(() => readNumber('Size', value, range), {
        code: 'BAD_OPTION',
        message: /^Size is .*: enter a whole number from 1 up to 100, or leave it empty$/,
      }));
  }
});
