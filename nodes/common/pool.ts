import type { NodeAPI } from 'node-red';
import { WorkerPool } from '../../lib/pool/worker-pool';
import { settingsOf } from './settings';

/** One pool serves all nodes of a runtime; it exists as long as one of them does. */
let shared: { pool: WorkerPool; users: number } | undefined;

/** The runtime's worker pool. Whoever retains it releases it: the last release ends its threads. */
export function retainPool(RED: NodeAPI): { pool: WorkerPool; release(): Promise<void> } {
  shared ??= {
    pool: new WorkerPool({
      maxThreads: settingsOf(RED).decodeThreads,
      onError: (error) => RED.log.error(`video worker thread failed: ${error.stack ?? error.message}`),
    }),
    users: 0,
  };
  const retained = shared;
  retained.users += 1;
  return {
    pool: retained.pool,
    async release() {
      retained.users -= 1;
      if (retained.users > 0) return;
      shared = undefined;
      await retained.pool.close();
    },
  };
}
