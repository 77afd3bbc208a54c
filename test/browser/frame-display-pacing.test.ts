import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { measurePacing } from '../support/pacing';
import { openSlowLink } from '../support/slow-link';

/*
 * How many milliseconds a picture is off its time depends on the machine and on what else it does: `npm run bench`
 * measures that. What is tested here holds on a busy machine, too.
 */
describe('ui-frame-display, paced in a browser at 720p', function () {
  this.timeout(180_000);
  let browser: Browser;
  let red: NodeRed;

  before(async () => {
    [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });

  for (const [fps, seconds, share] of [
    [10, 5, 0.9],
    [24, 5, 0.8],
    [30, 60, 0.8],
    [60, 5, 0.6],
  ] as const) {
    it(`paints ${fps} fps in order, each picture the one announced, for ${seconds} s`, async () => {
      const { sent, painted } = await measurePacing(red, browser, { fps, seconds });
      assert.ok(painted >= sent * share, `${painted} of ${sent} frames painted`);
    });
  }

  it('paints live frames as they come', async () => {
    const { sent, painted } = await measurePacing(red, browser, { fps: 30, seconds: 5, mode: 'live' });
    assert.ok(painted >= sent * 0.6, `${painted} of ${sent} frames painted`);
  });

  it('skips frames on a slow line, in order, and does not fall behind', async () => {
    const line = await openSlowLink(red.url, 10e6, 100);
    try {
      const { sent, painted, latency } = await measurePacing(red, browser, {
        ...{ fps: 30, seconds: 12, noise: 18, url: line.url },
      });
      assert.ok(painted < sent * 0.7, `${painted} of ${sent} frames painted, so none was skipped`);
      assert.ok(painted > 12, `${painted} of ${sent} frames painted`);
      // Falling behind, it would come to several seconds: 12 s of this video take more than 40 s on this line.
      assert.ok(latency.max < 3000, `a picture came ${latency.max} ms late`);
    } finally {
      await line.close();
    }
  });
});
