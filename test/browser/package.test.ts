import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { root } from '../../demo/user-dir';
import { openBrowser } from '../support/browser';
import { assertComplete, recordOf, recordPainted } from '../support/display-page';
import { exampleFlow, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';

const packageName = '@kafka-video/node-red-dashboard-2-nodes';

describe('the packed package', () => {
  let userDir: string;
  let red: NodeRed;
  let browser: Browser;

  before(async function () {
    this.timeout(300_000);
    userDir = mkdtempSync(join(tmpdir(), 'kafka-video-packed-'));
    writeFileSync(join(userDir, 'package.json'), JSON.stringify({ name: 'user-directory', private: true }));
    const npm = (args: string[], cwd: string) =>
      execFileSync('npm', [...args, '--no-audit', '--no-fund', '--loglevel=error'], {
        cwd,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      });
    // What is packed was built just now; building again would pull the tests' own code from under them.
    const [{ filename }] = JSON.parse(npm(['pack', '--json', '--ignore-scripts', '--pack-destination', userDir], root));
    npm(['install', join(userDir, filename)], userDir);
    red = await startNodeRed({ userDir });
    browser = await openBrowser();
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
    rmSync(userDir, { recursive: true, force: true });
  });

  it('brings Dashboard along', () => {
    assert.ok(existsSync(join(userDir, 'node_modules', '@flowfuse', 'node-red-dashboard', 'package.json')));
  });

  it('loads every node without a warning', () => {
    assert.doesNotMatch(red.logs(), /kafka-video.*Error|Missing node modules|\[warn\] \[@kafka-video/);
  });

  it('gives an example that imports through the editor, deploys and plays', async function () {
    this.timeout(120_000);
    const editor = await browser.newPage({ viewport: { width: 1500, height: 950 } });
    await editor.goto(red.url);
    await editor.waitForFunction('window.RED?.nodes?.getType("video-source") !== undefined');

    // Menu > Import > Examples > the package > flows
    await editor.click('#red-ui-header-button-sidemenu');
    await editor.click('#menu-item-import');
    await editor.click('#red-ui-clipboard-dialog-import-tabs a[href$="-examples"]');
    await editor.click(`.red-ui-treeList-label:visible:has-text("${packageName}")`);
    await editor
      .locator('.red-ui-treeList-label:visible', { hasText: /^flows$/ })
      .nth(1)
      .click();
    await editor.click('#red-ui-clipboard-dialog-ok');
    await editor.waitForFunction('RED.nodes.filterNodes({ type: "video-source" }).length === 1');

    // The flow is for a broker on localhost:9092; the one of this test listens elsewhere.
    await editor.evaluate(
      ([brokers, topic]) => {
        const { RED } = globalThis as unknown as { RED: EditorRed };
        RED.nodes.eachConfig((node) => {
          if (node.type === 'kafka-frame-broker') node.brokers = brokers;
        });
        for (const type of ['kafka-frame-out', 'kafka-frame-in']) {
          for (const node of RED.nodes.filterNodes({ type })) Object.assign(node, { topic, group: topic });
        }
      },
      [process.env.KAFKA_BROKERS as string, uniqueTopic()],
    );
    await editor.click('#red-ui-header-button-deploy');
    await editor.waitForSelector('.red-ui-notification-success', { timeout: 20_000 });

    const page = await browser.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(`${red.url}/dashboard`);
    await page.waitForSelector('.frame-display');
    await red.inject(await deployedId(red, 'inject'));
    await page.waitForFunction(() => window.painted.at(-1)?.last === true, undefined, { timeout: 60_000 });
    const record = await recordOf(page);
    assertComplete(record, 132);
    // Each frame was shown once, and the page got them from the first one on.
    for (const { number, seq } of [...record.painted, ...record.received]) assert.equal(number, seq + 1);
    assert.equal(record.received[0]?.seq, 0);
  });
});

/** What this test uses of the editor's own API, in the page. */
interface EditorRed {
  nodes: {
    eachConfig(visit: (node: Record<string, unknown>) => void): void;
    filterNodes(filter: { type: string }): Record<string, unknown>[];
  };
}

/** Importing gives nodes new ids: the deployed node of the same type and name as the example's. */
async function deployedId(red: NodeRed, type: string): Promise<string> {
  const { name } = nodeOf(exampleFlow(), type);
  const flows = (await (await fetch(`${red.url}/flows`)).json()) as { id: string; type: string; name?: string }[];
  const found = flows.find((node) => node.type === type && node.name === name);
  assert.ok(found, `a deployed ${type} node`);
  return found.id;
}
