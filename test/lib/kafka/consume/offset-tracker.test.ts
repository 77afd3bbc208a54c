import assert from 'node:assert/strict';
import { OffsetTracker } from '../../../../lib/kafka/consume/offset-tracker';

describe('OffsetTracker', () => {
  it('knows nothing before the first record', () => {
    assert.equal(new OffsetTracker().committable, undefined);
  });

  it('commits the place it was sent to even before a record was read there', () => {
    assert.equal(new OffsetTracker(12n).committable, 12n);
  });

  it('commits up to the oldest unfinished record, whatever finished beyond it', () => {
    const tracker = new OffsetTracker();
    const [first, second, third] = [5n, 6n, 7n].map((offset) => tracker.begin(offset));
    assert.equal(tracker.committable, 5n);
    third?.();
    second?.();
    assert.equal(tracker.committable, 5n);
    first?.();
    assert.equal(tracker.committable, 8n);
  });

  it('steps over offsets that hold no record', () => {
    const tracker = new OffsetTracker();
    tracker.pass(5n);
    const finish = tracker.begin(90n);
    assert.equal(tracker.committable, 90n);
    finish();
    assert.equal(tracker.committable, 91n);
    assert.equal(tracker.next, 91n);
  });

  it('does not let a skipped record overtake an unfinished one', () => {
    const tracker = new OffsetTracker();
    tracker.begin(5n);
    tracker.pass(6n);
    assert.equal(tracker.committable, 5n);
  });

  it('finishes a record at once after a million others were filtered out behind it', () => {
    const tracker = new OffsetTracker(0n);
    const finish = tracker.begin(0n);
    for (let offset = 1n; offset <= 1_000_000n; offset += 1n) tracker.pass(offset);
    assert.equal(tracker.committable, 0n);
    finish();
    assert.equal(tracker.committable, 1_000_001n);
  });

  it('has read what lies between where it began and the next record', () => {
    const tracker = new OffsetTracker(5n);
    tracker.begin(5n);
    tracker.pass(6n);
    assert.deepEqual(
      [4n, 5n, 6n, 7n].map((offset) => tracker.hasRead(offset)),
      [false, true, true, false],
    );
  });
});
