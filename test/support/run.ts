import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../../demo/broker';
import { freePort } from '../../demo/ports';
import { stopServices } from '../../demo/service';
import { root } from '../../demo/user-dir';

/** The layers of tests, each with the parts of `test/` it is made of. Only `unit` does without a broker. */
const layers: Record<string, string[]> = {
  unit: ['.', 'lib/**', 'nodes/frame-display', 'nodes/frame-display/ui', 'nodes/*/editor'],
  node: ['nodes', 'nodes/!(frame-display)'],
  integration: ['integration'],
  browser: ['browser'],
};

/**
 * Runs the named layers, all of them for none, with mocha. Those that need Kafka get one of their own, on a port of
 * its own, as KAFKA_BROKERS. Returns the exit code.
 */
export async function runTests(names: string[]): Promise<number> {
  const unknown = names.filter((name) => !(name in layers));
  if (unknown.length > 0) {
    console.error(`No such layer of tests: ${unknown.join(', ')}. There are ${Object.keys(layers).join(', ')}.`);
    return 2;
  }
  const wanted = names.length > 0 ? names : Object.keys(layers);
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-video-test-'));
  let interrupted = false;
  // Ctrl+C reaches mocha as well, which ends; then everything is cleaned up below.
  process.on('SIGINT', () => {
    interrupted = true;
  });
  try {
    const env = { ...process.env };
    if (wanted.some((layer) => layer !== 'unit')) env.KAFKA_BROKERS = await ownBroker(dataDir);
    if (interrupted) return 130;
    const mocha = spawn(
      process.execPath,
      [
        '--enable-source-maps',
        join(root, 'node_modules', 'mocha', 'bin', 'mocha.js'),
        '--require',
        join(__dirname, 'retry-browser-tests.js'),
        '--reporter',
        join(__dirname, 'reporter.js'),
        ...wanted.flatMap((layer) => layers[layer] ?? []).map((part) => `dist/test/${part}/*.test.js`),
      ],
      { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env },
    );
    const [code] = await once(mocha, 'exit');
    return code ?? 1;
  } finally {
    await stopServices();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function ownBroker(dataDir: string): Promise<string> {
  const cacheDir = join(root, '.cache', 'kafka');
  const { brokers } = await startBroker({ cacheDir, dataDir, port: await freePort(), say: console.log });
  return brokers;
}
