import assert from 'node:assert/strict';
import { inOrder } from '../../../nodes/common/property';

describe('inOrder', () => {
  it('begins each piece of work when that before is over, whether it worked or not', async () => {
    const run = inOrder();
    const done: string[] = [];
    let finish: () => void = () => {};
    const first = run(async () => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      done.push('first');
      throw new Error('it failed');
    });
    const second = run(() => done.push('second'));
    await new Promise(setImmediate);
    assert.deepEqual(done, []);
    finish();
    await assert.rejects(first, /it failed/);
    await second;
    assert.deepEqual(done, ['first', 'second']);
  });
});
