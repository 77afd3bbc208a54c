import assert from 'node:assert/strict';
import { parsePosition } from '../../../../lib/kafka/consume/position';

describe('parsePosition', () => {
  const cases: [unknown, unknown][] = [
    ['beginning', 'beginning'],
    ['end', 'end'],
    [1200, { offset: 1200n }],
    ['1200', { offset: 1200n }],
    ['2026-01-31T12:00:00Z', { time: Date.UTC(2026, 0, 31, 12) }],
    [new Date(5000), { time: 5000 }],
    [{ time: 5000 }, { time: 5000 }],
    [{ time: '2026-01-31' }, { time: Date.UTC(2026, 0, 31) }],
    [
      { offset: '7', partition: 3 },
      { offset: 7n, partition: 3 },
    ],
  ];
  for (const [written, meant] of cases) {
    it(`understands ${JSON.stringify(written)}`, () => {
      const position = parsePosition(written) as { partition?: number };
      if (position.partition === undefined) delete position.partition;
      assert.deepEqual(position, meant);
    });
  }

  for (const wrong of [undefined, null, '', 'middle', -1, 1.5, { offset: -1 }, { time: 'noon' }, {}, '2026-99-99']) {
    it(`refuses ${JSON.stringify(wrong) ?? 'nothing'}`, () => {
      assert.throws(() => parsePosition(wrong), { code: 'BAD_OPTION' });
    });
  }
});
