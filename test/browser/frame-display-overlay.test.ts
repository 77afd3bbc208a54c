import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource } from '../support/dashboard-flow';
import { closePages, openDisplayPage } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';

const source = (stream: string, more: object = {}) =>
  frameSource({ id: `source ${stream}`, endless: true, autostart: true, stream, ...more });
const flows = (more: object, ...sources: Flows): Flows => [
  ...dashboard(),
  display({ wires: [[], []], ...more }),
  ...sources,
];

describe('what ui-frame-display lays over its picture', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;

  before(async () => {
    [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  afterEach(() => closePages(browser));

  const openPage = (width = 900) =>
    openDisplayPage(browser, `${red.url}/dashboard/page`, { viewport: { width, height: 700 } });

  /** The place of an element, once it is there. */
  async function boxOf(page: Page, selector: string) {
    const element = await page.waitForSelector(selector);
    const box = await element.boundingBox();
    assert.ok(box, selector);
    return { left: box.x, top: box.y, right: box.x + box.width, bottom: box.y + box.height };
  }

  it('names four cameras of one make by what tells them apart, and says the whole name to who points at it', async () => {
    const cameras = [1, 2, 3, 4].map((n) => `rtsp://10.0.0.${n}/Streaming/Channels/101`);
    await red.deploy(flows({ wall: true }, ...cameras.map((camera) => source(camera))));
    const page = await openPage();
    await page.waitForFunction(() => document.querySelectorAll('.frame-display__caption').length === 4);
    const captions = page.locator('.frame-display__caption [title]');
    assert.deepEqual((await captions.allInnerTexts()).sort(), ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4']);
    const titles = await captions.evaluateAll((all) => all.map((each) => each.getAttribute('title')));
    assert.deepEqual(titles.sort(), cameras);
    const isPointedAt = await captions.first().evaluate((element) => {
      const { x, y, height } = element.getBoundingClientRect();
      return document.elementFromPoint(x + 2, y + height / 2) === element;
    });
    assert.ok(isPointedAt, 'who points at the name points at something else');
  });

  for (const [what, more] of [
    ['stats', { overlay: true }],
    ['captions', { wall: true }],
  ] as const) {
    it(`keeps ${what} with a long name within the picture, on a narrow page`, async () => {
      const long = `/videos/${'a very long name of a recording '.repeat(8)}.mp4`;
      await red.deploy(
        flows(more, source(long), ...(more === undefined || !('wall' in more) ? [] : [source('other')])),
      );
      const page = await openPage(380);
      const screen = `.frame-display__screen[data-stream="${long}"]`;
      const name = `${screen} .frame-display__cut[title="${long}"]`;
      const [picture, text] = [await boxOf(page, screen), await boxOf(page, name)];
      assert.ok(text.left >= picture.left && text.right <= picture.right, JSON.stringify({ picture, text }));
      assert.ok(text.bottom <= picture.bottom && text.bottom - text.top < 30, 'it is on one line');
    });
  }

  for (const corner of ['top-left', 'top-right', 'bottom-left', 'bottom-right']) {
    it(`lays text over the ${corner} corner where it should`, async () => {
      await red.deploy(flows({ overlay: true, figures: 'frame', overlayPosition: corner }, source('camera')));
      const page = await openPage();
      const text = await boxOf(page, '.frame-display__overlay');
      const picture = await boxOf(page, '.frame-display__screen');
      const distances = { top: text.top - picture.top, bottom: picture.bottom - text.bottom };
      const across = { left: text.left - picture.left, right: picture.right - text.right };
      assert.ok(distances[corner.startsWith('top') ? 'top' : 'bottom'] < 20, JSON.stringify(distances));
      assert.ok(across[corner.endsWith('left') ? 'left' : 'right'] < 20, JSON.stringify(across));
    });
  }

  it('keeps text in a lower corner clear of the controls', async () => {
    await red.deploy(flows({ overlay: true, overlayPosition: 'bottom-left' }, source('camera', { topic: 'frames' })));
    const page = await openPage();
    await page.waitForFunction(() => window.painted.length > 5);
    await page.hover('.frame-display__picture');
    await page.waitForSelector('.frame-display__bar--shown');
    const isClear = () => {
      const [text, scrub] = ['.frame-display__overlay', '.frame-display__scrub, .frame-display__buttons'].map(
        (selector) => (document.querySelector(selector) as Element).getBoundingClientRect(),
      );
      return (text as DOMRect).bottom <= (scrub as DOMRect).top;
    };
    await page.waitForFunction(isClear);
  });

  it('counts as dropped what a slow page does not paint while it is seen, not what came while it was hidden', async () => {
    await red.deploy(flows({ overlay: true, figures: 'frame,dropped' }, source('camera', { fps: 8 })));
    const [page, other] = [await openPage(), await openPage()];
    const untilPainted = (on: Page, more: number) =>
      on
        .evaluate(() => window.painted.length)
        .then((before) => on.waitForFunction((enough) => window.painted.length >= enough, before + more));
    /** Sets whether the page can be seen; resolves with its time then. */
    const setHidden = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        const value = hidden ? 'hidden' : 'visible';
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        return performance.now();
      }, isHidden);
    const untilSeenFor = (ms: number, since: number) =>
      page.waitForFunction((time) => (window.painted.at(-1)?.paintedAt ?? 0) > time, since + ms);
    const dropped = page.locator('.frame-display__figure--dropped');
    await untilSeenFor(1200, 0);
    const before = (await dropped.count()) === 0 ? '' : await dropped.innerText();
    await setHidden(true);
    await untilPainted(other, 12);
    await untilSeenFor(1200, await setHidden(false));
    assert.equal((await dropped.count()) === 0 ? '' : await dropped.innerText(), before);
    // Nothing is decoded for a second.
    await page.evaluate(() => {
      const decode = window.createImageBitmap;
      window.createImageBitmap = (async (...args: [Blob]) => {
        await new Promise((resolve) => setTimeout(resolve, 1000));
        window.createImageBitmap = decode;
        return decode(...args);
      }) as typeof decode;
    });
    await page.waitForFunction(
      () => Number.parseInt(document.querySelector('.frame-display__figure--dropped')?.textContent ?? '0', 10) >= 5,
    );
    const title = await page.getAttribute('.frame-display__figure--dropped', 'title');
    assert.match(title ?? '', /should have been seen on this page/);
  });

  it('says on the picture that the server is gone when it falls silent, and plays on when it is back', async () => {
    await red.deploy(flows({ overlay: true, figures: 'state,fps,stream' }, source('camera')));
    const page = await openPage();
    await page.waitForFunction(() => window.painted.length > 10);
    red.process.kill('SIGSTOP');
    try {
      await page.waitForSelector('text=Connection lost', { timeout: 10_000 });
      await page.waitForFunction(() =>
        /^no connection\s+camera$/.test((document.querySelector('.frame-display__overlay') as HTMLElement).innerText),
      );
      assert.match(await page.innerText('.frame-display__wait'), /Connection lost\s+Trying again/);
    } finally {
      red.process.kill('SIGCONT');
    }
    await page.waitForSelector('.frame-display__wait', { state: 'detached' });
    await page.waitForFunction(
      (before) => window.painted.length > before + 10,
      await page.evaluate(() => window.painted.length),
    );
  });
});
