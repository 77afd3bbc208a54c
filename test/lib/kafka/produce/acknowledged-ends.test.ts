import assert from 'node:assert/strict';
import { AcknowledgedEnds, type LostRecords } from '../../../../lib/kafka/produce/acknowledged-ends';

describe('AcknowledgedEnds', () => {
  const open = () => {
    const lost: LostRecords[] = [];
    return { lost, ends: new AcknowledgedEnds((records) => lost.push(records)) };
  };
  const answer = (base: bigint, count: number, before: ReadonlyMap<number, bigint>) => ({
    topic: 't',
    partition: 0,
    base,
    count,
    before,
  });

  it('tells of records that are overwritten, once', () => {
    const { lost, ends } = open();
    ends.acknowledged(answer(0n, 10, ends.snapshot('t')));
    ends.acknowledged(answer(7n, 2, ends.snapshot('t')));
    ends.acknowledged(answer(9n, 2, ends.snapshot('t')));
    assert.deepEqual(lost, [{ topic: 't', partition: 0, first: 7n, end: 10n }]);
  });

  it('tells of them once, however many requests were on their way', () => {
    const { lost, ends } = open();
    ends.acknowledged(answer(0n, 10, ends.snapshot('t')));
    const before = ends.snapshot('t');
    ends.acknowledged(answer(7n, 1, before));
    ends.acknowledged(answer(8n, 1, before));
    assert.deepEqual(lost, [{ topic: 't', partition: 0, first: 7n, end: 10n }]);
  });

  it('takes no offence at answers that come out of order', () => {
    const { lost, ends } = open();
    const before = ends.snapshot('t');
    ends.acknowledged(answer(5n, 5, before));
    ends.acknowledged(answer(0n, 5, before));
    ends.acknowledged(answer(10n, 1, ends.snapshot('t')));
    assert.deepEqual(lost, []);
  });

  it('remembers a thousand topics, the latest, and no more', () => {
    const { ends } = open();
    for (let index = 0; index < 1001; index += 1) {
      const topic = `t${index}`;
      ends.acknowledged({ ...answer(0n, 1, ends.snapshot(topic)), topic });
    }
    const known = ['t0', 't1', 't1000'].map((topic) => ends.snapshot(topic).get(0));
    assert.deepEqual(known, [undefined, 1n, 1n]);
  });
});
