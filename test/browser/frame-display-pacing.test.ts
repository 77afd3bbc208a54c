import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { type NodeRed, startNodeRed } from '../support/node-red';
import { measurePacing } from '../support/pacing';
import { openSlowLink } from '../support/slow-link';

/*
 * How many pictures a page paints, and how many milliseconds they are off their time, depends on the machine and on what
 * else it does: `npm run bench` measures that. What is tested here holds on a busy machine, too: `measurePacing` throws
 * unless each picture was painted in its turn, or overtaken by one that was late, and counted.
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

  for (const [fps, seconds] of [
    [10, 5],
    [24, 5],
    [30, 60],
    [60, 5],
  ] as const) {
    it(`paints or counts every frame at ${fps} fps, in order and each the one announced, for ${seconds} s`, async () => {
      const { sent, painted, skipped } = await measurePacing(red, browser, { fps, seconds });
      assert.equal(painted + skipped, sent);
    });
  }

  it('paints live frames in order, and counts those it does not paint', async () => {
    await measurePacing(red, browser, { fps: 30, seconds: 5, mode: 'live' });
  });

  it('skips frames on a slow line, in order, and does not fall behind', async () => {
    const line = await openSlowLink(red.url, 10e6, 100);
    try {
      const { sent, painted, skipped, latency } = await measurePacing(red, browser, {
        ...{ fps: 30, seconds: 12, noise: 18, url: line.url },
      });
      assert.equal(painted + skipped, sent);
      // What the line can carry in that time is less than a third of it.
      assert.ok(skipped > painted, `${painted} of ${sent} frames painted, ${skipped} skipped`);
      // Falling behind, it would come to several seconds: 12 s of this video take more than 40 s on this line.
      assert.ok(latency.max < 3000, `a picture came ${latency.max} ms late`);
    } finally {
      await line.close();
    }
  });
});
