import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findOrStartBroker } from './broker';
import { type FlowNode, findPlayButton, installExampleFlow } from './flows';
import { isFree } from './ports';
import { startService, stopServices, untilReady } from './service';
import { prepareUserDir, root } from './user-dir';

/** The clip plays as soon as somebody looks, and after this many ms in any case. */
const longestWait = 20_000;
/** Where the demo keeps its broker's data and its Node-RED user directory. */
const cache = process.env.KAFKA_VIDEO_CACHE ?? join(root, '.cache');
const port = Number(process.env.PORT ?? 1880);
const url = `http://127.0.0.1:${port}`;

async function start(): Promise<void> {
  if (!(await isFree(port))) {
    throw new Error(`Port ${port} is in use. Choose another one: PORT=1881 npm start`);
  }
  const broker = await findOrStartBroker({
    cacheDir: join(root, '.cache', 'kafka'),
    dataDir: join(cache, 'kafka', 'data'),
    say: console.log,
  });
  const userDir = join(cache, 'node-red');
  mkdirSync(userDir, { recursive: true });
  prepareUserDir(userDir);
  const flows = installExampleFlow(userDir, broker.brokers);

  console.log('Starting Node-RED ...');
  const red = join(root, 'node_modules', 'node-red', 'red.js');
  const nodeRed = startService(
    process.execPath,
    [red, '--userDir', userDir, '--settings', join(__dirname, 'settings.js')],
    {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...process.env, PORT: String(port), DEMO_USER_DIR: userDir },
    },
  );
  const viewer = new Promise<void>((resolve) => nodeRed.process.once('message', () => resolve()));
  await untilReady('Node-RED', nodeRed, () => answers(`${url}/dashboard/`), 60_000);
  console.log(`
  Dashboard  ${url}/dashboard
  Editor     ${url}
  Kafka      ${broker.brokers} (${broker.origin})
  Log        ${join(userDir, 'node-red.log')}

The video plays when the dashboard is opened, or in ${longestWait / 1000} s. Press Ctrl+C to stop everything.
`);
  await Promise.race([viewer, delay(longestWait, undefined, { ref: false }), nodeRed.ended]);
  await play(flows);
  throw new Error(`Node-RED ended by itself (${await nodeRed.ended}).`);
}

/** Presses the inject button of the example flow, unless a person's own flow has none. */
async function play(flows: FlowNode[]): Promise<void> {
  const button = findPlayButton(flows);
  if (button === undefined || stopping) return;
  const response = await fetch(`${url}/inject/${button}`, { method: 'POST' });
  if (!response.ok) console.error(`The clip could not be started: the inject node answered ${response.status}.`);
}

async function answers(address: string): Promise<boolean> {
  try {
    return (await fetch(address)).ok;
  } catch {
    return false; // Not up yet: that is what was asked.
  }
}

let stopping = false;
async function stop(exitCode: number): Promise<void> {
  if (stopping) return;
  stopping = true;
  await stopServices();
  process.exit(exitCode);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    console.log('\nStopping ...');
    void stop(0);
  });
}
start().catch((error: Error) => {
  if (stopping) return; // What was being started ended because it was stopped.
  console.error(error.message);
  void stop(1);
});
