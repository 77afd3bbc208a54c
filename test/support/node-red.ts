import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/ports';
import { startService, untilReady } from '../../demo/service';
import { prepareUserDir, root } from '../../demo/user-dir';

export type Flows = Record<string, unknown>[];

/** What a `test-probe` node saw: the message less its image, of which the size remains. */
export interface Seen {
  probe: string;
  /** Wall clock, ms. */
  at: number;
  msg: Record<string, unknown> & { bytes?: number };
}

export interface NodeRedOptions {
  /** An empty tab unless given. */
  flows?: Flows;
  /** Added to settings.js, so plain JSON. */
  settings?: Record<string, unknown>;
  env?: Record<string, string>;
  /** A user directory with the package installed, instead of a fresh one linked to this checkout; it is kept. */
  userDir?: string;
}

export interface NodeRed {
  /** http://127.0.0.1:port */
  url: string;
  userDir: string;
  process: ChildProcess;
  /** Everything it printed. */
  logs(): string;
  /** Everything the probes saw, oldest first. */
  seen(probe: string): Seen[];
  /** Resolves with what the probe saw once `enough` says so. */
  until(probe: string, enough: (seen: Seen[]) => boolean, timeout?: number): Promise<Seen[]>;
  /** Deploys as the editor does. */
  deploy(flows: Flows, type?: 'full' | 'nodes' | 'flows'): Promise<void>;
  /** Presses an inject node's button. */
  inject(nodeId: string): Promise<void>;
  /** Runs one of the measurements of test/support/node-red-settings.ts in the runtime. */
  ask<Answer>(question: string): Promise<Answer>;
  stop(): Promise<void>;
}

/** Starts a real Node-RED, with a user directory and a port of its own, and waits until its flows run. */
export async function startNodeRed(options: NodeRedOptions = {}): Promise<NodeRed> {
  const userDir = options.userDir ?? mkdtempSync(join(tmpdir(), 'kafka-video-red-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  if (options.userDir === undefined) prepareUserDir(userDir);
  const flows = options.flows ?? [{ id: 'empty', type: 'tab', label: 'empty' }];
  writeFileSync(join(userDir, 'flows.json'), JSON.stringify(flows));

  const service = startService(
    process.execPath,
    [
      join(root, 'node_modules', 'node-red', 'red.js'),
      '--userDir',
      userDir,
      '--settings',
      join(__dirname, 'node-red-settings.js'),
    ],
    {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: {
        ...process.env,
        ...options.env,
        PORT: String(port),
        TEST_SETTINGS: JSON.stringify(options.settings ?? {}),
      },
    },
  );
  const child = service.process;
  let logs = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (logs += data));

  const seen = new Map<string, Seen[]>();
  const watchers = new Set<() => void>();
  const answers = new Map<string, (answer: unknown) => void>();
  /** How often its flows have started: a deployment is answered before they do. */
  let starts = 0;
  child.on('message', (message: { seen?: Seen; answer?: [string, unknown]; started?: true }) => {
    if (message.started) {
      starts += 1;
      for (const watcher of [...watchers]) watcher();
    }
    if (message.seen) {
      const list = seen.get(message.seen.probe) ?? [];
      list.push(message.seen);
      seen.set(message.seen.probe, list);
      for (const watcher of [...watchers]) watcher();
    }
    if (message.answer) answers.get(message.answer[0])?.(message.answer[1]);
  });

  try {
    await untilReady('Node-RED', service, async () => starts > 0, 60_000);
  } catch (error) {
    await service.stop();
    throw new Error(`${(error as Error).message}; it printed:\n${logs}`, { cause: error });
  }

  async function request(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(`${url}${path}`, init);
    assert.ok(response.ok, `${init.method} ${path} answered ${response.status}: ${await response.clone().text()}`);
    return response;
  }

  /** Resolves once what Node-RED has told so far is enough; rejects with `complaint` after `timeout` ms. */
  function waitFor(isEnough: () => boolean, timeout: number, complaint: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const check = () => {
        if (!isEnough()) return;
        end();
        resolve();
      };
      const end = () => {
        clearTimeout(timer);
        watchers.delete(check);
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`after ${timeout} ms ${complaint()}; Node-RED printed:\n${logs}`));
      }, timeout);
      watchers.add(check);
      check();
    });
  }

  let questions = 0;
  return {
    url,
    userDir,
    process: child,
    logs: () => logs,
    seen: (probe) => seen.get(probe) ?? [],
    async until(probe, enough, timeout = 20_000) {
      const list = () => seen.get(probe) ?? [];
      await waitFor(
        () => enough(list()),
        timeout,
        () => `${probe} saw ${list().length} messages, the last ${JSON.stringify(list().at(-1))}`,
      );
      return list();
    },
    async deploy(flows, type = 'full') {
      const before = starts;
      await request('/flows', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'Node-RED-Deployment-Type': type },
        body: JSON.stringify(flows),
      });
      await waitFor(
        () => starts > before,
        20_000,
        () => 'the flows did not start after a deployment',
      );
    },
    async inject(nodeId) {
      await request(`/inject/${nodeId}`, { method: 'POST' });
    },
    ask<Answer>(question: string) {
      questions += 1;
      const id = `${question}#${questions}`;
      return new Promise<Answer>((resolve) => {
        answers.set(id, resolve as (answer: unknown) => void);
        child.send({ question, id });
      });
    },
    async stop() {
      await service.stop();
      if (options.userDir === undefined) rmSync(userDir, { recursive: true, force: true });
    },
  };
}
