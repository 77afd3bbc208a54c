import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Broker, startBroker } from '../demo/broker';
import { freePort } from '../demo/ports';
import { stopServices } from '../demo/service';
import { root } from '../demo/user-dir';

/** Works with a Kafka of its own, of which nothing is left afterwards. */
export async function withBroker(work: (broker: Broker) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-bench-'));
  try {
    const cacheDir = join(root, '.cache', 'kafka');
    const port = await freePort();
    await work(await startBroker({ cacheDir, dataDir: join(folder, 'kafka'), port, say: console.log }));
  } finally {
    await stopServices();
    rmSync(folder, { recursive: true, force: true });
  }
}
