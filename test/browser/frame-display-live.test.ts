import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { type NodeRed, startNodeRed } from '../support/node-red';

describe('a live picture in the dashboard', function () {
  this.timeout(120_000);
  let browser: Browser;
  let red: NodeRed;
  let page: Page;

  /** A camera, and what keeps its frames while they are not read, as Kafka does: it has newer ones than those on their way. */
  before(async () => {
    const wires = [['reader']];
    const of = { live: true, endless: true, fps: 25, period: 50, autostart: true, topic: 'camera', wires };
    const range = `const { time } = msg.frame;
      msg.kafka.range = { begin: context.begin ??= time, end: time + 1000 };
      return msg;`;
    const reader = { id: 'reader', type: 'function', z: 'tab', x: 200, y: 100, wires: [['display']], func: range };
    const flows = [
      ...dashboard(),
      ...[frameSource(of), { ...reader, outputs: 1 }],
      ...[display({ overlay: true, figures: 'latency' }), ...probes()],
    ];
    [browser, red] = await Promise.all([openBrowser(), startNodeRed({ flows })]);
    page = await browser.newPage();
    await page.goto(`${red.url}/dashboard/page`);
    await page.waitForSelector('.frame-display__bar .frame-display__live--on', { state: 'attached' });
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });

  const bar = '.frame-display__bar .frame-display__live';
  const textOf = (selector: string) => page.locator(selector).innerText();
  /** Ms from capture to screen, as the overlay says. */
  const latency = async () => {
    const [, value, unit] = /([\d.]+) (ms|s)/.exec(await textOf('.frame-display__figure--latency')) ?? [];
    return Number(value) * (unit === 's' ? 1000 : 1);
  };
  const seekEvents = () => red.seen('events').filter(({ msg }) => msg.event === 'seek');

  it('is marked LIVE, without a button, and its bar is full', async () => {
    assert.equal(await textOf(bar), 'LIVE');
    assert.equal(await page.locator(`button${bar.replace('.frame-display__bar ', '')}`).count(), 0);
    const share = () =>
      page.$eval('.frame-display__scrub', (scrub) =>
        (scrub as HTMLElement).style.getPropertyValue('--frame-display-share'),
      );
    assert.equal(await share(), '1');
  });

  it('says by how much it is behind while it is paused, and after that, on the picture as well', async () => {
    await page.focus('.frame-display');
    await page.keyboard.press('Space');
    await page.waitForFunction(() =>
      /^Paused, 0:0[4-9] behind live$/.test(
        document.querySelector('.frame-display__notice')?.textContent?.trim() ?? '',
      ),
    );
    assert.match(await textOf(bar), /^−0:0[4-9]\s*LIVE$/);
    await page.keyboard.press('Space');
    await page.waitForSelector('.frame-display[data-state="playing"]');
    // Without anybody's attention the controls go.
    await page.waitForSelector('.frame-display__top button.frame-display__live');
    assert.match(await textOf('.frame-display__top .frame-display__live'), /^−0:/);
    assert.ok((await latency()) >= 4000, `${await latency()} ms`);
  });

  it('is live again at the push of the button', async () => {
    assert.equal(seekEvents().length, 0);
    await page.hover('.frame-display');
    await page.click(`.frame-display__bar button.frame-display__live`);
    await page.waitForSelector('.frame-display__bar .frame-display__live--on');
    assert.equal(await page.locator('.frame-display__top .frame-display__live').count(), 0);
    await page.waitForFunction(() =>
      /\d ms$/.test(document.querySelector('.frame-display__figure--latency')?.textContent ?? ''),
    );
    assert.ok((await latency()) < 1000, `${await latency()} ms`);
  });
});
