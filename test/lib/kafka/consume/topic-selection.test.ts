import assert from 'node:assert/strict';
import { parseTopics, textOf } from '../../../../lib/kafka/consume/topic-selection';

describe('parseTopics', () => {
  it('takes one topic, or several separated by commas', () => {
    assert.deepEqual(parseTopics('cams'), { names: ['cams'] });
    assert.deepEqual(parseTopics(' door, lobby ,door,'), { names: ['door', 'lobby'] });
  });

  it('takes a pattern', () => {
    assert.deepEqual(parseTopics('/^cam-\\d+$/i'), { pattern: /^cam-\d+$/i });
    assert.equal(textOf(parseTopics('/^cam-/')), '/^cam-/');
  });

  for (const wrong of ['', ' , ', '/(/', '/a/zz']) {
    it(`refuses "${wrong}"`, () => {
      assert.throws(() => parseTopics(wrong), { code: 'BAD_OPTION' });
    });
  }
});
