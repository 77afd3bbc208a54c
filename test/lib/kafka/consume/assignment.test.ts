import assert from 'node:assert/strict';
import { Assignment } from '../../../../lib/kafka/consume/assignment';

const one = { topic: 't', partition: 0 };
const two = { topic: 't', partition: 1 };

describe('Assignment', () => {
  it('goes on behind what is still in the flow after the group was joined anew', () => {
    const assignment = new Assignment();
    assignment.update([one], [{ ...one, offset: 10n }]);
    assignment.trackerOf(one)?.begin(10n);
    assert.deepEqual(assignment.update([one], [{ ...one, offset: 10n }]), [{ ...one, offset: 11n }]);
    assert.equal(assignment.trackerOf(one)?.committable, 10n);
  });

  it('follows the group where another member has got further', () => {
    const assignment = new Assignment();
    assignment.update([one], [{ ...one, offset: 10n }]);
    assignment.trackerOf(one)?.begin(10n);
    assert.deepEqual(assignment.update([one], [{ ...one, offset: 50n }]), []);
    assert.equal(assignment.trackerOf(one)?.next, 50n);
  });

  it('forgets a partition it has lost', () => {
    const assignment = new Assignment();
    assignment.update([one, two], []);
    assignment.trackerOf(two)?.pass(3n);
    assignment.update([one], []);
    assert.deepEqual(assignment.partitions, [one]);
    assert.deepEqual(assignment.uncommitted(), []);
  });

  it('commits each position once', () => {
    const assignment = new Assignment();
    assignment.update([one], []);
    assignment.trackerOf(one)?.pass(3n);
    const positions = assignment.uncommitted();
    assert.deepEqual(positions, [{ ...one, offset: 4n }]);
    assignment.markCommitted(positions);
    assert.deepEqual(assignment.uncommitted(), []);
  });

  it('commits a seek backwards', () => {
    const assignment = new Assignment();
    assignment.update([one], [{ ...one, offset: 10n }]);
    assignment.restart({ ...one, offset: 2n });
    assert.deepEqual(assignment.uncommitted(), [{ ...one, offset: 2n }]);
  });

  it('commits in manual mode what was acknowledged, and all before it', () => {
    const assignment = new Assignment('manual');
    assignment.update([one], []);
    for (const offset of [0n, 1n, 2n]) assignment.trackerOf(one)?.begin(offset)();
    assert.deepEqual(assignment.uncommitted(), []);
    assert.ok(assignment.acknowledge({ ...one, offset: 1n }));
    assert.ok(assignment.acknowledge({ ...one, offset: 0n }));
    assert.deepEqual(assignment.uncommitted(), [{ ...one, offset: 2n }]);
  });

  it('acknowledges nothing that was not read, or is not assigned', () => {
    const assignment = new Assignment('manual');
    assignment.update([one], [{ ...one, offset: 5n }]);
    assert.ok(!assignment.acknowledge({ ...one, offset: 5n }));
    assert.ok(!assignment.acknowledge({ ...two, offset: 0n }));
  });

  it('takes no acknowledgement of a record that was read before a seek', () => {
    const assignment = new Assignment('manual');
    assignment.update([one], []);
    for (const offset of [8n, 9n]) assignment.trackerOf(one)?.begin(offset);
    assignment.restart({ ...one, offset: 1000n });
    assignment.trackerOf(one)?.begin(1000n);
    assert.equal(assignment.acknowledge({ ...one, offset: 9n }), false);
    assert.deepEqual(assignment.uncommitted(), []);
    assert.equal(assignment.acknowledge({ ...one, offset: 1000n }), true);
    assert.deepEqual(assignment.uncommitted(), [{ ...one, offset: 1001n }]);
  });
});
