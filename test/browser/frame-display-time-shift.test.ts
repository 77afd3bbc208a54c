import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { recordOf, recordPainted } from '../support/display-page';
import { addProbe, exampleFlowOn, nodeOf, uniqueTopic } from '../support/flows';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';

interface ShownFrame {
  seq: number;
  time: number;
  last?: true;
}

const all = Array.from({ length: 132 }, (_, seq) => seq);

describe('time shift in the example flow', function () {
  this.timeout(120_000);
  let browser: Browser;
  let red: NodeRed;
  let page: Page;
  let play: string;

  /** The clip has been played once, and the page has painted its last frame. */
  before(async () => {
    const flows = exampleFlowOn(process.env.KAFKA_BROKERS as string, uniqueTopic());
    const display = nodeOf(flows, 'ui-frame-display');
    display.passthru = true;
    addProbe(flows, 'shown', display);
    addProbe(flows, 'events', display, 1);
    play = nodeOf(flows, 'inject').id;
    [browser, red] = await Promise.all([openBrowser(), startNodeRed({ flows })]);
    page = await browser.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(`${red.url}/dashboard/video`);
    await page.waitForSelector('.frame-display');
    await red.inject(play);
    await untilLastPainted(0);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });

  /** What was shown after so many frames. */
  const shownAfter = (count: number) =>
    red
      .seen('shown')
      .slice(count)
      .map(({ msg }) => msg.frame as ShownFrame);
  /** Resolves once the page has painted the last frame, after so many that were painted before. */
  const untilLastPainted = (count: number) =>
    page.waitForFunction((before) => window.painted.slice(before).at(-1)?.last === true, count, { timeout: 60_000 });
  /** Every frame painted after so many others is one of these, each once and in order; the last one is painted. */
  async function assertPainted(count: number, shown: number[]): Promise<void> {
    const painted = (await recordOf(page)).painted.slice(count).map(({ seq }) => seq);
    const isPainted = new Set(painted);
    assert.deepEqual(
      painted,
      shown.filter((seq) => isPainted.has(seq)),
    );
    assert.equal(painted.at(-1), shown.at(-1));
  }

  it('plays all of it again from the first frame', async () => {
    const shown = red.seen('shown').length;
    const painted = (await recordOf(page)).painted.length;
    await page.click('.frame-display__replay', { timeout: 10_000 });
    await untilLastPainted(painted);
    const seqs = shownAfter(shown).map(({ seq }) => seq);
    assert.deepEqual(seqs, all);
    await assertPainted(painted, seqs);
  });

  it('goes on with the first frame at or after the time to which the bar is dragged', async () => {
    const shown = red.seen('shown').length;
    const painted = (await recordOf(page)).painted.length;
    const events = red.seen('events').length;
    const bar = await page.locator('.frame-display__slider').boundingBox();
    assert.ok(bar);
    await page.mouse.click(bar.x + bar.width / 2, bar.y + bar.height / 2);
    await untilLastPainted(painted);
    const sought = red
      .seen('events')
      .slice(events)
      .find(({ msg }) => msg.event === 'seek');
    const { time } = (sought as Seen).msg.position as { time: number };
    const times = red
      .seen('shown')
      .slice(0, all.length)
      .map(({ msg }) => (msg.frame as ShownFrame).time);
    const first = times.findIndex((each) => each >= time);
    assert.ok(first > 0 && first < 131, `frame ${first} is not in the middle`);
    const seqs = shownAfter(shown).map(({ seq }) => seq);
    assert.deepEqual(seqs, all.slice(first));
    await assertPainted(painted, seqs);
  });

  it('draws each session as long as its video, and goes back five seconds of video with an arrow key', async () => {
    const before = (await recordOf(page)).painted.length;
    await red.inject(play);
    await page.waitForFunction((count) => window.painted.slice(count).some(({ seq }) => seq === 0), before);
    await untilLastPainted(before);
    const widths = await page
      .locator('.frame-display__block')
      .evaluateAll((blocks) => blocks.map((block) => block.getBoundingClientRect().width));
    assert.equal(widths.length, 2);
    const [one = 0, two = 0] = widths;
    assert.ok(Math.abs(one - two) < one / 20, `${widths}`);
    const { session } = (await recordOf(page)).painted.at(-1) ?? {};
    const shown = red.seen('shown').length;
    await page.focus('.frame-display');
    await page.keyboard.press('ArrowLeft');
    await red.until('shown', (seen) => seen.length > shown);
    const [first] = red.seen('shown').slice(shown) as [Seen];
    const frame = first.msg.frame as ShownFrame & { session: string };
    assert.equal(frame.session, session);
    // Five of its 5.24 seconds; where the frames between two that are remembered were taken is near, and not exact.
    assert.ok(frame.seq >= 2 && frame.seq <= 12, `${frame.seq}`);
  });
});
