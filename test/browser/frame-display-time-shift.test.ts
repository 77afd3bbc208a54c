import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { exampleFlowOn, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { watchPainting } from '../support/painting';

describe('time shift in the example flow', function () {
  this.timeout(120_000);
  let browser: Browser;
  let red: NodeRed;
  let play: string;

  before(async () => {
    const flows = exampleFlowOn(process.env.KAFKA_BROKERS as string, uniqueTopic());
    play = nodeOf(flows, 'inject').id;
    [browser, red] = await Promise.all([openBrowser(), startNodeRed({ flows })]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });

  it('plays again from the first frame, and goes where the bar is dragged', async () => {
    const page = await browser.newPage();
    await watchPainting(page);
    await page.goto(`${red.url}/dashboard/video`);
    await page.waitForSelector('.frame-display');
    await red.inject(play);
    await page.waitForFunction('window.painted.at(-1)?.last === true', undefined, { timeout: 60_000 });
    await page.evaluate('window.painted.length = 0');
    await page.click('.frame-display__replay', { timeout: 10_000 });
    await page.waitForFunction('window.painted.at(-1)?.last === true', undefined, { timeout: 30_000 });
    const again = await page.evaluate<number[]>('window.painted.map(({ seq }) => seq)');
    // A busy page may skip frames, the first as well.
    assert.ok((again[0] as number) < 10, `from the beginning, not from frame ${again[0]}`);
    assert.deepEqual(
      again,
      [...again].sort((a, b) => a - b),
    );

    await page.evaluate('window.painted.length = 0');
    const bar = await page.locator('.frame-display__slider').boundingBox();
    assert.ok(bar);
    await page.mouse.click(bar.x + bar.width / 2, bar.y + bar.height / 2);
    await page.waitForFunction('window.painted.length > 3', undefined, { timeout: 10_000 });
    const first = await page.evaluate<number>('window.painted[0].seq');
    assert.ok(first > 20 && first < 120, `from the middle, not from frame ${first}`);
  });
});
