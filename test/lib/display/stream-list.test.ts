import assert from 'node:assert/strict';
import { StreamList } from '../../../lib/display/stream-list';

describe('StreamList', () => {
  it('has each stream once, in order of the names', () => {
    const list = new StreamList();
    for (const stream of ['b', 'a', 'b', 'c', 'a']) list.note(stream);
    assert.deepEqual(list.names, ['a', 'b', 'c']);
  });

  it('is bounded: the one not seen for longest goes', () => {
    const list = new StreamList();
    for (let number = 0; number < 64; number += 1) list.note(`stream ${number}`);
    list.note('stream 0');
    assert.equal(list.note('one more'), 'stream 1');
    assert.equal(list.names.length, 64);
  });
});
