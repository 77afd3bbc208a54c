import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { assertInOrder, recordPainted } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';

const flows = (source: object = {}, more: object = {}): Flows => [
  ...dashboard(),
  frameSource(source),
  display(more),
  ...probes(),
  { id: 'play', type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']], props: [] },
];

/** Reads along on the page's websocket: the most frames that had come and not been acknowledged. */
function countUnacknowledged(page: Page): { most(): number } {
  let open: number[] = [];
  let most = 0;
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const [, number] = /"frame:display",.*"number":(\d+)/.exec(String(payload)) ?? [];
      if (number === undefined) return;
      open.push(Number(number));
      most = Math.max(most, open.length);
    });
    socket.on('framesent', ({ payload }) => {
      const [, painted] = /"decoded":(\d+)/.exec(String(payload)) ?? [];
      if (painted !== undefined) open = open.filter((number) => number > Number(painted));
    });
  });
  return { most: () => most };
}

describe('ui-frame-display in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;

  before(async () => {
    browser = await openBrowser();
    red = await startNodeRed();
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });

  async function openPage(): Promise<Page> {
    const context = await browser.newContext({ viewport: { width: 800, height: 600 } });
    const page = await context.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(`${red.url}/dashboard/page`);
    await page.waitForSelector('.frame-display');
    return page;
  }

  const paintedOn = (page: Page) => page.evaluate(() => window.painted);
  const untilPainted = (page: Page, count: number) =>
    page.waitForFunction((enough) => window.painted.length >= enough, count, { timeout: 20_000 });
  const untilState = (page: Page, state: string) => page.waitForSelector(`.frame-display[data-state="${state}"]`);

  it('paints the frames it is sent, in order, and leaves the last one on screen', async () => {
    await red.deploy(flows({ count: 50 }));
    const page = await openPage();
    await untilState(page, 'waiting');
    await red.inject('play');
    await untilState(page, 'ended');
    // The display is ahead of its pages by the time that pictures travel.
    await page.waitForFunction(() => window.painted.at(-1)?.seq === 49);
    const painted = await paintedOn(page);
    assertInOrder(painted);
    // How many depends on the machine: a page that is too slow skips some.
    assert.ok(painted.length >= 10, `only ${painted.length} of 50 frames were painted`);
  });

  it('shows the picture at once after a reload, and goes on', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const page = await openPage();
    await untilPainted(page, 10);
    await page.reload();
    await untilPainted(page, 10);
    assertInOrder(await paintedOn(page));
  });

  it('shows the picture that is on screen to a page that comes while paused', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const first = await openPage();
    await untilPainted(first, 5);
    await first.click('.frame-display__picture');
    await untilState(first, 'paused');
    const second = await openPage();
    await untilPainted(second, 1);
    assert.equal((await paintedOn(second)).at(-1)?.seq, (await paintedOn(first)).at(-1)?.seq);
  });

  it('plays for two pages at once, the same picture on both', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const [first, second] = [await openPage(), await openPage()];
    await untilPainted(second, 20);
    await untilPainted(first, 20);
    for (const page of [first, second]) assertInOrder(await paintedOn(page));
    await red.until('events', (seen) =>
      seen.some(({ msg }) => msg.event === 'viewer-joined' && (msg.payload as { viewers: number }).viewers === 2),
    );
  });

  for (const type of ['full', 'nodes'] as const) {
    it(`goes on after a redeploy (${type}) while playing, on the same page`, async () => {
      await red.deploy(flows({ endless: true, autostart: true }));
      const page = await openPage();
      await untilPainted(page, 10);
      await red.deploy(
        flows({ endless: true, autostart: true, stream: 'again' }, { name: `redeployed ${type}` }),
        type,
      );
      await page.waitForFunction(() => window.painted.filter(({ session }) => session.startsWith('again')).length > 10);
      const painted = await paintedOn(page);
      assertInOrder(painted.filter(({ session }) => session.startsWith('again')));
    });
  }

  it('never has more than two frames unacknowledged with a slow page, which skips frames', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const context = await browser.newContext();
    const page = await context.newPage();
    const unacknowledged = countUnacknowledged(page);
    await page.addInitScript(recordPainted);
    await page.goto(`${red.url}/dashboard/page`);
    await untilPainted(page, 5);
    // Half a second for each frame, as on a slow machine.
    await page.evaluate(() => {
      const decode = window.createImageBitmap;
      window.createImageBitmap = (async (...args: [Blob]) => {
        await new Promise((resolve) => setTimeout(resolve, 500));
        return decode(...args);
      }) as typeof decode;
      window.painted.length = 0;
    });
    await untilPainted(page, 8);
    const painted = (await paintedOn(page)).slice(2);
    assertInOrder(painted);
    const steps = painted.slice(1).map(({ number }, index) => number - painted[index].number);
    assert.ok(Math.max(...steps) > 5, `frames passed over: ${steps}`);
    assert.equal(unacknowledged.most(), 2);
  });

  it('sends a hidden page nothing, and the newest frame when it is seen again', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const page = await openPage();
    await untilPainted(page, 5);
    const setHidden = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'visibilityState', {
          value: hidden ? 'hidden' : 'visible',
          configurable: true,
        });
        document.dispatchEvent(new Event('visibilitychange'));
      }, isHidden);
    await setHidden(true);
    await page.waitForTimeout(300);
    const before = (await paintedOn(page)).length;
    await page.waitForTimeout(500);
    assert.equal((await paintedOn(page)).length, before);
    await setHidden(false);
    await untilPainted(page, before + 5);
    const painted = await paintedOn(page);
    assert.ok(painted[before].number - painted[before - 1].number > 10);
  });

  it('pauses, steps one frame, and plays by keyboard and buttons', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const page = await openPage();
    await untilPainted(page, 5);
    await page.focus('.frame-display');
    await page.keyboard.press('Space');
    await untilState(page, 'paused');
    await page.waitForTimeout(200);
    const [last] = (await paintedOn(page)).slice(-1);
    await page.keyboard.press('.');
    await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq + 1, last.seq);
    await page.click('button[aria-label="Step one frame"]');
    await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq + 2, last.seq);
    await page.click('button[aria-label="Play"]');
    await page.waitForFunction((seq) => (window.painted.at(-1)?.seq ?? 0) > seq + 10, last.seq);
    assertInOrder(await paintedOn(page));
  });
});
