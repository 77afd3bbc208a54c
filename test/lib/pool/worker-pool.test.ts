import assert from 'node:assert/strict';
import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { WorkerPool } from '../../../lib/pool/worker-pool';
import { eventually } from '../../support/processes';

const fixture = join(__dirname, 'fixture-worker.js');

describe('WorkerPool', () => {
  let pool: WorkerPool;
  beforeEach(() => {
    pool = new WorkerPool({ maxThreads: 2, idleTimeout: 50, onError: () => {} });
  });
  afterEach(() => pool.close());

  /** A task that has begun and goes on until `end`, which resolves with its thread. */
  async function begin(): Promise<{ end(): Promise<number> }> {
    const { port1, port2 } = new MessageChannel();
    const thread = pool.run<number>(fixture, { port: port2 }, [port2]);
    await once(port1, 'message');
    return {
      end() {
        port1.postMessage('end');
        return thread;
      },
    };
  }

  it('starts no thread before there is something to do', () => {
    assert.equal(pool.threads, 0);
  });

  it('spreads tasks over all threads, then runs several in each', async () => {
    const tasks = await Promise.all(Array.from({ length: 6 }, begin));
    const threads = await Promise.all(tasks.map((task) => task.end()));
    assert.equal(new Set(threads).size, 2);
  });

  it('starts a second thread for a second task that comes later', async () => {
    const first = await begin();
    const second = await begin();
    assert.notEqual(await first.end(), await second.end());
  });

  it('ends threads that have nothing to do', async () => {
    await pool.run(fixture, 'answer');
    assert.equal(pool.threads, 1);
    await eventually('no thread', () => pool.threads === 0);
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
