import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../../demo/user-dir';
import { type FieldRange, numberValidator } from '../../../../nodes/common/editor/numbers';

const words = JSON.parse(readFileSync(join(root, 'nodes', 'common', 'editor', 'locales', 'en-US.json'), 'utf8'));

/** Interpolates values the way the editor does. */
function text(key: string, values: object = {}): string {
  let filled: string = key.split('.').reduce((node, part) => node[part], words);
  for (const [name, value] of Object.entries(values)) filled = filled.replace(`__${name}__`, value);
  return filled;
}

const judge = (range: FieldRange, value: unknown, label?: string) =>
  numberValidator(text, range).call(undefined, value, { label });

describe('a numeric field', () => {
  it('accepts numbers in its range, as numbers or strings', () => {
    for (const value of [1, 100, '1', '99.5', ' 7 ', '1e1']) assert.equal(judge({ min: 1, max: 100 }, value), true);
  });

  it('names the range when a number is outside it', () => {
    assert.equal(judge({ min: 1, max: 100 }, 101), 'enter a number from 1 to 100');
    assert.equal(judge({ min: 0 }, -1), 'enter a number, 0 or more');
    assert.equal(judge({ above: 0 }, 0), 'enter a number above 0');
    assert.equal(judge({ above: 0, max: 1000 }, '1001'), 'enter a number above 0, up to 1000');
  });

  it('prefixes the reason with its label', () => {
    assert.equal(judge({ above: 0 }, 'fast', 'Frame rate'), 'Frame rate: enter a number above 0');
  });

  it('accepts only whole numbers if told to', () => {
    assert.equal(judge({ min: 1, whole: true }, 3), true);
    assert.equal(judge({ min: 1, whole: true }, 3.5), 'enter a whole number, 1 or more');
  });

  it('may be left blank only if there is a default, and says so', () => {
    for (const blank of ['', '  ', undefined, null]) {
      assert.equal(judge({ above: 0, blank: true }, blank), true);
      assert.equal(judge({ above: 0 }, blank), 'enter a number above 0');
    }
    assert.equal(judge({ above: 0, blank: true }, -1), 'enter a number above 0, or leave it blank');
  });

  it('accepts an environment variable, but only as the entire value', () => {
    for (const variable of [`\${RATE}`, '$(RATE)']) assert.equal(judge({ above: 0 }, variable), true);
    assert.equal(judge({ above: 0 }, `1\${RATE}`), 'enter a number above 0');
  });

  it('rejects anything but finite numbers', () => {
    for (const value of ['Infinity', 'NaN', '12px', '1,5', {}]) {
      assert.equal(judge({ min: 0 }, value), 'enter a number, 0 or more', String(value));
    }
  });

  it('may have a range that depends on another property', () => {
    const end = numberValidator<{ start: number }>(text, ({ start }) => ({ above: start }));
    assert.equal(end.call({ start: 5 }, 6, {}), true);
    assert.equal(end.call({ start: 5 }, 5, {}), 'enter a number above 5');
  });

  it('returns a boolean when the editor expects one', () => {
    const validate = numberValidator(text, { above: 0 });
    assert.equal(validate.call(undefined, 1), true);
    assert.equal(validate.call(undefined, 0), false);
  });

  it('declares two parameters, so that the editor accepts its reason', () => {
    assert.equal(numberValidator(text, {}).length, 2);
  });
});
