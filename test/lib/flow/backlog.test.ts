import assert from 'node:assert/strict';
import { Backlog, type Waiting } from '../../../lib/flow/backlog';

interface Numbered extends Waiting {
  seq: number;
}

/** A source of 25 frames a second, and a flow that takes one of them each time `takes` says so. */
function run(seconds: number, takes: (ms: number) => boolean): { taken: Numbered[]; skipped: number[] } {
  const skipped: number[] = [];
  const taken: Numbered[] = [];
  const backlog = new Backlog<Numbered>(1e6, ({ seq }) => skipped.push(seq));
  for (let ms = 0; ms < seconds * 1000; ms += 10) {
    if (ms % 40 === 0) backlog.push({ seq: ms / 40, bytes: 100, since: ms });
    if (!takes(ms)) continue;
    while (backlog.oldest !== undefined) {
      const frame = backlog.take(ms);
      if (frame === undefined) continue;
      taken.push({ ...frame, since: ms - frame.since });
      break;
    }
  }
  return { taken, skipped };
}

const waits = (taken: Numbered[]) => taken.map(({ since }) => since);

describe('Backlog', () => {
  /** Compressed video of 25 frames a second, as `run`: what becomes of each for a flow that takes one each time. */
  function runPackets(seconds: number, maxBytes: number, takes: (ms: number) => boolean, group = 50) {
    const gone: { seq: number; how: 'taken' | 'skipped' | 'not begun' }[] = [];
    const waited = new Map<number, number>();
    const backlog = new Backlog<Numbered>(maxBytes, ({ seq }, isSkip) => {
      gone.push({ seq, how: isSkip ? 'skipped' : 'not begun' });
    });
    for (let ms = 0; ms < seconds * 1000; ms += 10) {
      const seq = 20 + ms / 40;
      const frame = { seq, bytes: 100, since: ms, isDependent: seq % group !== 0 };
      if (ms % 40 === 0 && backlog.admit(frame)) backlog.push(frame);
      if (!takes(ms) || backlog.oldest === undefined) continue;
      const taken = backlog.take(ms);
      if (taken === undefined) continue;
      gone.push({ seq: taken.seq, how: 'taken' });
      waited.set(taken.seq, ms - taken.since);
    }
    const of = (which: string) => gone.filter(({ how }) => how === which).map(({ seq }) => seq);
    return { taken: of('taken'), skipped: of('skipped'), notBegun: of('not begun'), waited };
  }

  /** Asserts that each frame taken is a key frame or follows the one that was taken before it. */
  function assertDecodable(taken: number[], group = 50): void {
    for (const [index, seq] of taken.entries())
      assert.ok(seq % group === 0 || seq === (taken[index - 1] ?? 0) + 1, `${seq}`);
  }

  it('begins with the first frame that depends on no other, and does not count the ones before it as skipped', () => {
    const { taken, skipped, notBegun } = runPackets(4, 1e6, () => true);
    assert.deepEqual([taken[0], skipped, notBegun.length], [50, [], 30]);
    assertDecodable(taken);
  });

  it('leaves out all that depends on a frame it leaves out, for a flow that is too slow', () => {
    const { taken, skipped, notBegun, waited } = runPackets(60, 1e6, (ms) => ms % 80 === 0);
    assertDecodable(taken);
    const afterSkips = taken.filter((seq, index) => index > 0 && taken[index - 1] !== seq - 1);
    assert.ok(afterSkips.length > 2);
    // The newest that had come, not one that was still to come.
    for (const seq of afterSkips) assert.ok((waited.get(seq) ?? 0) > 40 && (waited.get(seq) ?? 0) < 2000, `${seq}`);
    assert.ok(skipped.length > 300 && taken.length > 300);
    assert.equal(new Set([...taken, ...skipped, ...notBegun]).size, taken.length + skipped.length + notBegun.length);
  });

  it('goes on with the next frame that depends on no other where none waits, for a flow that is too slow', () => {
    const { taken, skipped } = runPackets(60, 1e6, (ms) => ms % 80 === 0, 500);
    assertDecodable(taken, 500);
    assert.deepEqual(
      taken.filter((seq) => seq % 500 === 0),
      [500, 1000, 1500],
    );
    assert.ok(skipped.length > 100);
  });

  it('leaves out all that depends on what it has no memory for', () => {
    const { taken, skipped } = runPackets(30, 10_000, (ms) => ms > 10_000);
    assertDecodable(taken);
    assert.ok(skipped.length >= 50);
    assert.equal(taken.at(-1), 20 + 30 * 25 - 1);
  });

  it('begins anew after it was cleared', () => {
    const left: number[] = [];
    const backlog = new Backlog<Numbered>(1e6, ({ seq }, isSkip) => left.push(isSkip ? -seq : seq));
    const frame = (seq: number, isDependent: boolean) => ({ seq, bytes: 1, since: 0, isDependent });
    assert.ok(backlog.admit(frame(1, false)));
    assert.ok(backlog.admit(frame(2, true)));
    backlog.clear();
    assert.ok(!backlog.admit(frame(3, true)));
    assert.ok(backlog.admit(frame(4, false)));
    assert.ok(backlog.admit(frame(5, true)));
    assert.deepEqual(left, [3]);
  });

  it('gives frames in order, each once', () => {
    const { taken, skipped } = run(4, () => true);
    assert.deepEqual(
      taken.map(({ seq }) => seq),
      Array.from({ length: 100 }, (_, index) => index),
    );
    assert.deepEqual(skipped, []);
  });

  it('keeps all frames while the flow finishes nothing, and gives them when it does', () => {
    const isAway = (ms: number) => ms > 4000 && ms < 34_000;
    const { taken, skipped } = run(60, (ms) => !isAway(ms));
    assert.deepEqual(skipped, []);
    assert.equal(taken.length, 60 * 25);
    assert.equal(taken.at(-1)?.since, 0);
  });

  it('keeps all frames through outages that follow each other', () => {
    const { taken, skipped } = run(90, (ms) => ms % 15_000 < 7000);
    assert.deepEqual(skipped, []);
    assert.ok(taken.length >= 82 * 25);
  });

  it('keeps all frames for a flow that takes many at once, from time to time', () => {
    let left = 0;
    const { skipped } = run(60, (ms) => {
      if (ms % 3000 === 0) left = 80;
      left -= 1;
      return left >= 0;
    });
    assert.deepEqual(skipped, []);
  });

  for (const [pace, interval] of [
    ['half as fast as the source', 80],
    ['nearly as fast', 50],
    ['much slower', 3000],
  ] as const) {
    it(`goes on with the newest where the flow is ${pace}, again and again`, () => {
      const { taken, skipped } = run(120, (ms) => ms % interval === 0);
      assert.ok(skipped.length > 0);
      assert.ok(Math.max(...waits(taken)) < Math.max(12_000, 5 * interval), `${Math.max(...waits(taken))} ms`);
      const seqs = taken.map(({ seq }) => seq);
      assert.deepEqual(
        seqs,
        seqs.toSorted((a, b) => a - b),
      );
      // None is both given and skipped.
      assert.equal(new Set([...seqs, ...skipped]).size, seqs.length + skipped.length);
    });
  }

  it('skips the oldest beyond its memory', () => {
    const skipped: number[] = [];
    const backlog = new Backlog<Numbered>(250, ({ seq }) => skipped.push(seq));
    for (let seq = 0; seq < 5; seq += 1) backlog.push({ seq, bytes: 100, since: 0 });
    assert.deepEqual(skipped, [0, 1, 2]);
    assert.equal(backlog.take(0)?.seq, 3);
  });

  it('keeps one frame, however large', () => {
    const backlog = new Backlog<Numbered>(250, () => assert.fail('skipped'));
    backlog.push({ seq: 0, bytes: 1000, since: 0 });
    assert.equal(backlog.oldest?.seq, 0);
  });
});
