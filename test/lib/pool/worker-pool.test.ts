import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkerPool } from '../../../lib/pool/worker-pool';

const fixture = join(__dirname, 'fixture-worker.js');

describe('WorkerPool', () => {
  let pool: WorkerPool;
  beforeEach(() => {
    pool = new WorkerPool({ maxThreads: 2, idleTimeout: 50, onError: () => {} });
  });
  afterEach(() => pool.close());

  it('starts no thread before there is something to do', () => {
    assert.equal(pool.threads, 0);
  });

  it('spreads tasks over all threads, then runs several in each', async () => {
    const threads = await Promise.all(Array.from({ length: 6 }, () => pool.run<number>(fixture, 'wait')));
    assert.equal(new Set(threads).size, 2);
  });

  it('starts a second thread for a second task that comes later', async () => {
    const first = pool.run<number>(fixture, 'wait');
    await sleep(60);
    const second = pool.run<number>(fixture, 'wait');
    assert.notEqual(await first, await second);
  });

  it('ends threads that have nothing to do', async () => {
    await pool.run(fixture, 'answer');
    while (pool.threads > 0) await sleep(10);
  });

  it('rejects with what a task throws', () =>
    assert.rejects(pool.run(fixture, 'throw'), { name: 'RangeError', message: 'thrown by the task' }));

  it('rejects the tasks of a thread that dies, and goes on', async () => {
    await assert.rejects(pool.run(fixture, 'die'), /thrown by nobody in particular/);
    assert.equal(typeof (await pool.run(fixture, 'answer')), 'number');
  });

  it('rejects what still runs when it is closed', async () => {
    const hanging = assert.rejects(pool.run(fixture, 'hang'));
    await pool.close();
    await hanging;
    assert.equal(pool.threads, 0);
  });
});
