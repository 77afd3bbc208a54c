import assert from 'node:assert/strict';
import { RecentMap } from '../../lib/recent-map';

describe('RecentMap', () => {
  it('keeps no more than it may of 100,000 names', () => {
    const map = new RecentMap<string, number>(1000);
    for (let index = 0; index < 100_000; index += 1) map.set(`name ${index}`, index);
    assert.equal(map.size, 1000);
    assert.equal(map.get('name 98999'), undefined);
    assert.equal(map.get('name 99000'), 99_000);
  });

  it('forgets the entry unused for longest', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1);
    map.set('b', 2);
    map.get('a');
    map.set('c', 3);
    assert.deepEqual(
      ['a', 'b', 'c'].map((name) => map.get(name)),
      [1, undefined, 3],
    );
  });

  it('counts a value that is set again once', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1);
    map.set('a', 2);
    map.set('b', 3);
    assert.deepEqual([map.size, map.get('a')], [2, 2]);
  });
});
