import assert from 'node:assert/strict';
import { TopicTimes } from '../../../../lib/kafka/consume/topic-times';

describe('TopicTimes', () => {
  it('finds the range of a topic that was asked for, and keeps it', async () => {
    const times = new TopicTimes(async () => ({ begin: 1, end: 2 }));
    assert.equal(times.of('a'), undefined);
    assert.ok(times.isWanting);
    await times.refresh();
    assert.deepEqual(times.of('a'), { begin: 1, end: 2 });
    assert.ok(!times.isWanting);
  });

  it('looks at nothing that nobody has asked for since', async () => {
    const asked: string[] = [];
    const times = new TopicTimes(async (topic) => {
      asked.push(topic);
      return undefined;
    });
    times.of('a');
    await times.refresh();
    await times.refresh();
    assert.deepEqual(asked, ['a']);
  });

  it('forgets the range of a topic that has become empty', async () => {
    const ranges = [{ begin: 1, end: 2 }, undefined];
    const times = new TopicTimes(async () => ranges.shift());
    times.of('a');
    await times.refresh();
    assert.deepEqual(times.of('a'), { begin: 1, end: 2 });
    await times.refresh();
    assert.equal(times.of('a'), undefined);
  });
});
