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
