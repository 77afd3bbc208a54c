import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../demo/broker';
import { freePort } from '../../demo/ports';
import { stopServices } from '../../demo/service';
import { root } from '../../demo/user-dir';

/**
 * Mocha's global fixtures for the layers that need Kafka: one broker for the whole run, on a port of its own, told to
 * the tests as KAFKA_BROKERS. TEST_KAFKA_BROKERS names one that runs already, for a fast loop.
 */
let dataDir: string | undefined;

export async function mochaGlobalSetup(): Promise<void> {
  const running = process.env.TEST_KAFKA_BROKERS;
  if (running) {
    process.env.KAFKA_BROKERS = running;
    return;
  }
  dataDir = mkdtempSync(join(tmpdir(), 'kafka-video-test-'));
  const port = await freePort();
  const broker = await startBroker({ cacheDir: join(root, '.cache', 'kafka'), dataDir, port, say: console.log });
  process.env.KAFKA_BROKERS = broker.brokers;
}

export async function mochaGlobalTeardown(): Promise<void> {
  await stopServices();
  if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
}
