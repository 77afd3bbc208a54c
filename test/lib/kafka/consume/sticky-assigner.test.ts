import assert from 'node:assert/strict';
import { type Claimant, share } from '../../../../lib/kafka/consume/sticky-assigner';

const partitions = [0, 1, 2, 3].map((partition) => ({ topic: 't', partition }));
const member = (id: string, claimed: number[] = [], since = 0, topics = ['t']): Claimant => ({
  id,
  topics,
  claims: claimed.map((partition) => ({ topic: 't', partition, since })),
});
const shared = (members: Claimant[]) =>
  Object.fromEntries(
    [...share(partitions, members)].map(([id, own]) => [id, own.map(({ partition }) => partition).sort()]),
  );

describe('share', () => {
  it('gives everything to one', () => {
    assert.deepEqual(shared([member('a')]), { a: [0, 1, 2, 3] });
  });

  it('moves no more than fairness asks for when somebody joins', () => {
    assert.deepEqual(shared([member('a', [0, 1, 2, 3]), member('b')]), { a: [0, 1], b: [2, 3] });
    assert.deepEqual(shared([member('a', [0, 3]), member('b', [1, 2]), member('c')]), { a: [0, 3], b: [1], c: [2] });
  });

  it('leaves everybody what they have when somebody leaves', () => {
    assert.deepEqual(shared([member('a', [0, 3]), member('b', [1])]), { a: [0, 3], b: [1, 2] });
  });

  it('lets the later claim count', () => {
    assert.deepEqual(shared([member('a', [0, 1], 1), member('b', [0, 1], 2)]), { a: [2, 3], b: [0, 1] });
  });

  it('gives a topic to those who read it', () => {
    assert.deepEqual(shared([member('a', [], 0, ['u']), member('b')]), { a: [], b: [0, 1, 2, 3] });
  });

  it('leaves members without where there are more of them than partitions', () => {
    const shares = shared(['a', 'b', 'c', 'd', 'e'].map((id) => member(id)));
    assert.deepEqual(Object.values(shares).flat().sort(), [0, 1, 2, 3]);
    assert.ok(Object.values(shares).every((own) => own.length <= 1));
  });
});
