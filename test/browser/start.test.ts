import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { freePort } from '../../demo/ports';
import { root } from '../../demo/user-dir';
import { openBrowser } from '../support/browser';
import { assertComplete, recordOf, recordPainted } from '../support/display-page';
import { descendants, eventually } from '../support/processes';
import { countRecords } from '../support/topic';

describe('npm start', () => {
  let browser: Browser;
  let cache: string;
  let demo: ChildProcess;
  let printed = '';
  const brokers = () => process.env.KAFKA_BROKERS as string;

  before(async function () {
    this.timeout(60_000);
    browser = await openBrowser();
    cache = mkdtempSync(join(tmpdir(), 'kafka-video-start-'));
    const port = await freePort();
    demo = spawn(process.execPath, [join(root, 'scripts', 'start.mjs')], {
      env: { ...process.env, PORT: String(port), KAFKA_VIDEO_CACHE: cache },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    demo.stdout?.on('data', (data) => {
      printed += data;
    });
    await eventually('the dashboard address', () => /Dashboard {2}\S+/.test(printed), 50_000);
  });
  after(async () => {
    demo.kill('SIGKILL');
    await browser.close();
    rmSync(cache, { recursive: true, force: true });
  });

  it('plays the clip once, from the first frame, to whoever opens the printed address', async function () {
    this.timeout(60_000);
    const page = await browser.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(/Dashboard {2}(\S+)/.exec(printed)?.[1] as string);
    await page.waitForFunction(() => window.painted.at(-1)?.last === true, undefined, { timeout: 40_000 });
    const record = await recordOf(page);
    assertComplete(record, 132);
    // Each frame was shown once, and the page got them from the first one on.
    for (const { number, seq } of [...record.painted, ...record.received]) assert.equal(number, seq + 1);
    assert.equal(record.received[0]?.seq, 0);
    assert.equal(await countRecords(brokers(), 'video-frames'), 132);
    await page.close();
  });

  it('stops everything it started on Ctrl+C', async () => {
    const children = descendants(demo.pid as number).map(({ pid }) => pid);
    assert.ok(children.length > 0);
    demo.kill('SIGINT');
    const [code] = await once(demo, 'exit');
    assert.equal(code, 0);
    const alive = (pid: number) => descendants(process.pid).some((child) => child.pid === pid);
    await eventually('no child left', () => !children.some(alive));
  });
});
