import assert from 'node:assert/strict';
import type { Report } from '../../../../nodes/frame-display/protocol';
import { blocksOf, shareOf, targetAt, targetFrom } from '../../../../nodes/frame-display/ui/bar';

type Span = NonNullable<Report['sessions']>[number];

const screenOf = (stream: string) => ({ stream }) as Report['screens'][number];

/** A session of so many ms of video, taken from `time` on. */
function span(session: string, length: number, time: number, more: Partial<Span> = {}): Span {
  const pace = more.pace ?? 1;
  const end = { pts: length, time: time + length * pace };
  return { stream: 'clip', session, begin: { pts: 0, time }, end, isOver: true, pace, ...more };
}

function bar(sessions: Span[], range: Report['range'], screens = [screenOf('clip')]) {
  return blocksOf({ range, sessions, screens });
}

const near = (actual: number | undefined, expected: number, by = 0.01) =>
  assert.ok(Math.abs((actual ?? Number.NaN) - expected) <= by, `${actual} is not about ${expected}`);

describe('the bar', () => {
  it('gives each session the room of its video, however fast it was taken and however long ago', () => {
    // Five seconds taken in one, and five, a day later, taken in five.
    const blocks = bar([span('a', 5000, 1e6, { pace: 0.2 }), span('b', 5000, 9e7)], { begin: 1e6, end: 9e7 + 5000 });
    assert.deepEqual(
      blocks.map(({ session, from, to }) => ({ session, from, to })),
      [
        { session: 'a', from: 0, to: 5000 },
        { session: 'b', from: 0, to: 5000 },
      ],
    );
    const [a, b] = blocks;
    near(a?.left, 0);
    near(a?.right, 0.5);
    near(b?.left, 0.5);
    near(b?.right, 1);
  });

  it('leads to the moment of the session that is under the pointer, and a frame to where that was', () => {
    const blocks = bar([span('a', 4000, 1e6), span('b', 4000, 2e6)], { begin: 1e6, end: 2e6 + 4000 });
    for (const [share, session, pts] of [
      [0.25, 'a', 2000],
      [0.75, 'b', 2000],
    ] as const) {
      const target = targetAt(blocks, share) as { session: string; pts: number };
      assert.equal(target.session, session);
      near(target.pts, pts, 50);
      near(shareOf(blocks, { session, pts: target.pts, time: 0 }), share, 1e-9);
    }
    assert.deepEqual(targetAt(blocks, 0), { session: 'a', pts: 0 });
    assert.deepEqual(targetAt(blocks, 1), { session: 'b', pts: 4000 });
  });

  it('goes back and forth in video time, not beyond the session', () => {
    const blocks = bar([span('a', 8000, 1e6, { pace: 0.1 })], { begin: 1e6, end: 1e6 + 800 });
    assert.deepEqual(targetFrom(blocks, { session: 'a', pts: 1000 }, 5000), { session: 'a', pts: 6000 });
    assert.deepEqual(targetFrom(blocks, { session: 'a', pts: 1000 }, -5000), { session: 'a', pts: 0 });
    assert.deepEqual(targetFrom(blocks, { session: 'a', pts: 6000 }, 5000), { session: 'a', pts: 7999 });
    assert.equal(targetFrom(blocks, { session: 'unknown', pts: 0 }, 5000), undefined);
  });

  it('counts to a session what the topic holds of it, before and after what was read', () => {
    // A camera that has filmed for an hour, seen for ten seconds; the topic holds the last ten minutes.
    const hour = 3_600_000;
    const begin = { pts: hour, time: 1e7 };
    const seen = span('a', 0, 0, { begin, end: { pts: hour + 10_000, time: 1e7 + 10_000 }, isOver: false });
    const [block, ...more] = bar([seen], { begin: 1e7 - 600_000, end: 1e7 + 20_000 });
    assert.deepEqual(more, []);
    assert.deepEqual([block?.from, block?.to], [hour - 600_000, hour + 20_000]);
  });

  it('shows what was there before the first known session, and lets it have no more than a quarter', () => {
    const week = 7 * 86_400_000;
    const blocks = bar([span('a', 10_000, week)], { begin: 0, end: week + 10_000 });
    assert.equal(blocks[0]?.session, undefined);
    near(blocks[0]?.right, 0.25);
    assert.equal(targetAt(blocks, 0), 0);
    near(shareOf(blocks, { session: 'old', pts: 0, time: week / 2 }), 0.125);
  });

  it('has the sessions of other streams only where they do not overlap with those on screen', () => {
    const sessions = [
      span('before', 5000, 1e5, { stream: 'other' }),
      span('beside', 5000, 1e6 - 1000, { stream: 'third' }),
      span('a', 5000, 1e6),
    ];
    const blocks = bar(sessions, { begin: 1e5, end: 1e6 + 6000 });
    assert.deepEqual(
      blocks.map(({ session }) => session),
      ['before', 'a'],
    );
  });

  it('is in the time of day for several pictures at once, which have nothing else in common', () => {
    const blocks = bar([span('a', 5000, 1e6)], { begin: 1e6, end: 1e6 + 4000 }, [screenOf('clip'), screenOf('other')]);
    assert.deepEqual(blocks, [{ from: 1e6, to: 1e6 + 4000, left: 0, right: 1 }]);
    assert.equal(targetAt(blocks, 0.5), 1e6 + 2000);
    assert.equal(shareOf(blocks, { session: 'a', pts: 0, time: 1e6 + 1000 }), 0.25);
  });

  it('lets no block become too small to see', () => {
    const blocks = bar([span('a', 40, 1e6), span('b', 4e6, 2e6)], { begin: 1e6, end: 6e6 });
    assert.ok((blocks[0]?.right ?? 0) > 0.015);
    near(blocks.at(-1)?.right, 1, 1e-9);
  });

  it('is not there where there is no topic', () => {
    assert.deepEqual(bar([], undefined), []);
    assert.deepEqual(bar([], { begin: 5, end: 5 }), []);
  });
});
