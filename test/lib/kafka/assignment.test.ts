import assert from 'node:assert/strict';
import { Assignment } from '../../../lib/kafka/assignment';

describe('Assignment', () => {
  it('goes on behind what is still in the flow after the group was joined anew', () => {
    const assignment = new Assignment();
    assignment.update([0], new Map([[0, 10n]]));
    assignment.trackerOf(0)?.begin(10n);
    assert.deepEqual(assignment.update([0], new Map([[0, 10n]])), [{ partition: 0, offset: 11n }]);
    assert.equal(assignment.trackerOf(0)?.committable, 10n);
  });

  it('follows the group where another member has got further', () => {
    const assignment = new Assignment();
    assignment.update([0], new Map([[0, 10n]]));
    assignment.trackerOf(0)?.begin(10n);
    assert.deepEqual(assignment.update([0], new Map([[0, 50n]])), []);
    assert.equal(assignment.trackerOf(0)?.next, 50n);
  });

  it('forgets a partition it has lost', () => {
    const assignment = new Assignment();
    assignment.update([0, 1], new Map());
    assignment.trackerOf(1)?.pass(3n);
    assignment.update([0], new Map());
    assert.deepEqual(assignment.partitions, [0]);
    assert.deepEqual(assignment.uncommitted(), []);
  });

  it('commits each position once', () => {
    const assignment = new Assignment();
    assignment.update([0], new Map());
    assignment.trackerOf(0)?.pass(3n);
    const positions = assignment.uncommitted();
    assert.deepEqual(positions, [{ partition: 0, offset: 4n }]);
    assignment.markCommitted(positions);
    assert.deepEqual(assignment.uncommitted(), []);
  });

  it('commits a seek backwards', () => {
    const assignment = new Assignment();
    assignment.update([0], new Map([[0, 10n]]));
    assignment.restart({ partition: 0, offset: 2n });
    assert.deepEqual(assignment.uncommitted(), [{ partition: 0, offset: 2n }]);
  });
});
