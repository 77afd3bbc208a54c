import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { assertInOrder, closePages, numberIn, openDisplayPage, recordOf, recordPainted } from '../support/display-page';
import { type Flows, type NodeRed, type Seen, startNodeRed } from '../support/node-red';
import { openSlowLink } from '../support/slow-link';

const endless = { endless: true, autostart: true };
const flows = (source: object = {}, more: object = {}, others: Flows = []): Flows => [
  ...dashboard(),
  frameSource({ ...endless, ...source }),
  display({ passthru: true, ...more }),
  ...others,
  ...probes(),
];
const second = (more: object = {}) => frameSource({ ...endless, id: 'second', stream: 'second', y: 200, ...more });

describe('ui-frame-display as a player', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;
  /** What the events' probe had seen before this test. */
  let seenBefore: number;

  before(async () => {
    [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  beforeEach(() => {
    seenBefore = red.seen('events').length;
  });
  afterEach(() => closePages(browser));

  const openPage = (path = '/dashboard/page') => openDisplayPage(browser, new URL(path, red.url).href);

  const untilPainted = (page: Page, count: number) =>
    page.waitForFunction((enough) => window.painted.length >= enough, count, { timeout: 20_000 });
  const paintedOn = (page: Page) => page.evaluate(() => window.painted);
  const untilEvent = (event: string, matches: (msg: Record<string, unknown>) => boolean = () => true) =>
    red
      .until('events', (seen) => seen.slice(seenBefore).some(({ msg }) => msg.event === event && matches(msg)))
      .then((seen) => seen.slice(seenBefore).find(({ msg }) => msg.event === event && matches(msg))?.msg ?? {});

  it('sends a page nothing while the picture is scrolled away', async () => {
    await red.deploy(flows());
    const [page, other] = [await openPage(), await openPage()];
    await untilPainted(page, 5);
    await page.evaluate(() => {
      const { style } = document.querySelector('.frame-display') as HTMLElement;
      style.transform = 'translateY(-5000px)';
    });
    await page.waitForFunction(() => window.isVisible === false);
    const before = (await recordOf(page)).received.length;
    await untilPainted(other, (await paintedOn(other)).length + 30);
    // What was on its way still comes, and that is two at most.
    const came = (await recordOf(page)).received.length - before;
    assert.ok(came <= 2, `${came} pictures came while it was scrolled away`);
    await page.evaluate(() => {
      (document.querySelector('.frame-display') as HTMLElement).style.transform = '';
    });
    await untilPainted(page, (await paintedOn(page)).length + 5);
  });

  it('goes on by itself when its connection was cut', async () => {
    await red.deploy(flows());
    const line = await openSlowLink(red.url, 1e9, 0);
    try {
      const page = await openPage(`${line.url}/dashboard/page`);
      await untilPainted(page, 5);
      line.cut();
      await page.waitForSelector('text=Connection lost');
      const before = (await paintedOn(page)).length;
      line.mend();
      await untilPainted(page, before + 10);
      assertInOrder(await paintedOn(page));
    } finally {
      await line.close();
    }
  });

  it('shows two streams as a wall, one of them alone after a click, and both again', async () => {
    await red.deploy(flows({ stream: 'first' }, { wall: true }, [second()]));
    const page = await openPage();
    await page.waitForFunction(() => new Set(window.painted.map(({ stream }) => stream)).size === 2);
    await untilPainted(page, 40);
    const painted = await paintedOn(page);
    for (const stream of ['first', 'second']) assertInOrder(painted.filter((frame) => frame.stream === stream));
    await page.click('.frame-display__screen[data-stream="second"]');
    await page.waitForFunction(() => document.querySelectorAll('.frame-display__screen').length === 1);
    await page.click('button[aria-label="Stream second"]');
    await page.click('text=All streams');
    await page.waitForFunction(() => document.querySelectorAll('.frame-display__screen').length === 2);
  });

  it('lets a viewer pick one of several streams', async () => {
    await red.deploy(flows({ stream: 'first' }, {}, [second()]));
    const page = await openPage();
    await untilPainted(page, 10);
    await page.hover('.frame-display');
    await page.click('.frame-display__stream');
    await page.click('[role="menuitemradio"]:has-text("second")');
    await page.waitForFunction(() => window.painted.at(-1)?.stream === 'second');
    await untilEvent('command', ({ payload }) => (payload as { value?: string }).value === 'second');
  });

  it('asks for another place in the topic when the bar is dragged', async () => {
    await red.deploy(flows({ topic: 'frames' }));
    const page = await openPage();
    await untilPainted(page, 20);
    await page.hover('.frame-display');
    await page.locator('.frame-display__slider').focus();
    await page.keyboard.press('Home');
    const { action, position } = await untilEvent('seek');
    assert.equal(action, 'seek');
    assert.equal(typeof (position as { time: number }).time, 'number');
  });

  it('plays again from the beginning when it has ended', async () => {
    await red.deploy([
      ...flows({ topic: 'frames', endless: false, autostart: false, count: 30 }),
      { id: 'play', type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']], props: [] },
    ]);
    const page = await openPage();
    await red.inject('play');
    await page.click('.frame-display__replay');
    const { position } = await untilEvent('seek');
    assert.deepEqual(position, { partition: 0, offset: '0' });
  });

  it('shows how far it is once the end is known', async () => {
    await red.deploy(flows({ endless: false, count: 40 }));
    const page = await openPage();
    await page.waitForSelector('[role="progressbar"][aria-valuenow="100"]', { state: 'attached' });
  });

  it('saves the very image that is on screen', async () => {
    await red.deploy(flows());
    const page = await openPage();
    await untilPainted(page, 5);
    await page.click('.frame-display__picture');
    await untilEvent('state', ({ payload }) => (payload as { state: string }).state === 'paused');
    // The display is ahead of the page by the time that pictures travel.
    const [newest] = red.seen('shown').slice(-1) as [Seen];
    const last = (newest.msg.frame as { seq: number }).seq;
    await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq, last);
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button[aria-label="Save this picture"]'),
    ]);
    assert.match(download.suggestedFilename(), /^test_\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d-\d{3}\.jpeg$/);
    assert.equal(await numberIn(readFileSync(await download.path())), last);
  });

  it('changes speed and stops by keyboard', async () => {
    await red.deploy(flows());
    const page = await openPage();
    await untilPainted(page, 5);
    await page.focus('.frame-display');
    await page.keyboard.press('+');
    await page.waitForSelector('button[aria-label="Speed 1.5"]', { state: 'attached' });
    await page.keyboard.press('-');
    await page.waitForSelector('button[aria-label="Speed 1"]', { state: 'attached' });
    await page.keyboard.press('-');
    await page.waitForSelector('button[aria-label="Speed 0.5"]', { state: 'attached' });
    await page.keyboard.press('q');
    await page.waitForSelector('.frame-display[data-state="paused"]');
    await untilEvent('stop', ({ action }) => action === 'stop');
  });

  it('is full screen with F', async () => {
    await red.deploy(flows());
    const page = await openPage();
    await untilPainted(page, 5);
    await page.focus('.frame-display');
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.fullscreenElement?.classList.contains('frame-display'));
  });

  it('lays the figures chosen over the picture, and no others', async () => {
    await red.deploy(flows({}, { overlay: true, figures: 'frame,latency' }));
    const page = await openPage();
    await page.waitForSelector('.frame-display__figure--latency');
    assert.match(await page.innerText('.frame-display__overlay'), /^#\d+\s+\d+ ms$/);
  });

  it('plays on each of two pages of a dashboard, and forgets the page that is left', async () => {
    await red.deploy([
      ...flows(),
      { ...dashboard().find(({ id }) => id === 'page'), id: 'page2', name: 'Other', path: '/other', order: 2 },
      { ...dashboard().find(({ id }) => id === 'group'), id: 'group2', page: 'page2' },
      display({ id: 'display2', group: 'group2', y: 200, wires: [[], []] }),
      second({ wires: [['display2']] }),
    ]);
    const page = await openPage();
    await untilPainted(page, 10);
    await page.click('#app button.v-app-bar-nav-icon, .v-app-bar-nav-icon');
    await page.click('.v-navigation-drawer >> text=Other');
    await page.waitForFunction(() => window.painted.at(-1)?.stream === 'second');
    await untilEvent('viewer-left');
  });

  describe('with an authenticating middleware', () => {
    let guarded: NodeRed;
    before(async () => {
      guarded = await startNodeRed({ flows: flows(), env: { TEST_DASHBOARD_COOKIE: 'pass=yes' } });
    });
    after(() => guarded?.stop());

    it('plays for those who are known, and for no one else', async () => {
      const [known, stranger] = [await browser.newContext(), await browser.newContext()];
      await known.addCookies([{ name: 'pass', value: 'yes', url: guarded.url }]);
      const page = await known.newPage();
      await page.addInitScript(recordPainted);
      await page.goto(`${guarded.url}/dashboard/page`);
      await untilPainted(page, 10);
      const answer = await (await stranger.newPage()).goto(`${guarded.url}/dashboard/page`);
      assert.equal(answer?.status(), 401);
    });
  });
});
