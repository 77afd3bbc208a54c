import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { closePages, openDisplayPage, recordOf } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';

const endless = { endless: true, autostart: true };
const flows = (more: object = {}): Flows => [
  ...dashboard(),
  frameSource({ ...endless, stream: 'first' }),
  display(more),
  ...probes(),
];
const wall = (more: object = {}): Flows => [
  ...flows({ wall: true, ...more }),
  frameSource({ ...endless, id: 'second', stream: 'second', y: 200 }),
];

describe('several viewers of one ui-frame-display', function () {
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

  const openPage = (options?: BrowserContextOptions) => openDisplayPage(browser, `${red.url}/dashboard/page`, options);

  const events = () => red.seen('events').slice(seenBefore);
  const commands = () => events().filter(({ msg }) => msg.event === 'command');
  const untilPainted = (page: Page, count: number) =>
    page.waitForFunction((enough) => window.painted.length >= enough, count);
  const untilScreens = (page: Page, count: number) =>
    page.waitForFunction((n) => document.querySelectorAll('.frame-display__screen').length === n, count);
  const countOf = async (page: Page, stream: string) =>
    (await recordOf(page)).painted.filter((frame) => frame.stream === stream).length;
  const untilMoreOf = async (page: Page, stream: string, more: number) => {
    const enough = (await countOf(page, stream)) + more;
    const isThere = ([name, count]: [string, number]) =>
      window.painted.filter((frame) => frame.stream === name).length >= count;
    await page.waitForFunction(isThere, [stream, enough] as [string, number]);
  };

  it('shows one who clicks a picture of a wall that one alone, and everyone else all of them still', async () => {
    await red.deploy(wall());
    const [page, other] = [await openPage(), await openPage()];
    await Promise.all([untilScreens(page, 2), untilScreens(other, 2)]);
    await page.click('.frame-display__screen[data-stream="second"]');
    await untilScreens(page, 1);
    for (const stream of ['first', 'second']) await untilMoreOf(other, stream, 10);
    await untilScreens(other, 2);
    await page.focus('.frame-display');
    await page.keyboard.press('Escape');
    await untilScreens(page, 2);
    for (const stream of ['first', 'second']) await untilMoreOf(page, stream, 5);
    assert.deepEqual(commands(), []);
  });

  it('sends one who sees one picture of a wall alone nothing of the others, and the others again while paused', async () => {
    await red.deploy(wall());
    const page = await openPage();
    await untilScreens(page, 2);
    await page.click('.frame-display__screen[data-stream="second"]');
    await untilScreens(page, 1);
    await page.waitForFunction(() => window.looksAt !== undefined);
    await untilMoreOf(page, 'second', 10);
    const before = await page.evaluate(() => window.received.map(({ screen }) => screen));
    await untilMoreOf(page, 'second', 10);
    const after = await page.evaluate(
      (length) => window.received.slice(length).map(({ screen }) => screen),
      before.length,
    );
    assert.equal(new Set(after).size, 1, 'pictures came that nobody sees');
    await page.keyboard.press('Space');
    await page.waitForSelector('.frame-display[data-state="paused"]');
    await page.keyboard.press('Escape');
    await untilScreens(page, 2);
    await page.waitForFunction(() => document.querySelectorAll('.frame-display__picture--empty').length === 0);
  });

  it('lets a picture of a wall be chosen by keyboard, as a button with a name and a visible focus', async () => {
    await red.deploy(wall());
    const page = await openPage();
    await untilScreens(page, 2);
    await untilMoreOf(page, 'second', 1);
    await page.focus('.frame-display');
    const focused = () =>
      page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return { name: element.getAttribute('aria-label'), role: element.role, outlineStyle, outlineWidth };
      });
    const names: (string | null)[] = [];
    for (let count = 0; count < 2; count += 1) {
      await page.keyboard.press('Tab');
      const { name, ...look } = await focused();
      names.push(name);
      assert.deepEqual(look, { role: 'button', outlineStyle: 'solid', outlineWidth: '3px' });
    }
    assert.deepEqual(names.sort(), ['Show first alone', 'Show second alone']);
    await page.keyboard.press('Space');
    await untilScreens(page, 1);
    // The focus stays in the display, so its keys do.
    await page.keyboard.press('Escape');
    await untilScreens(page, 2);
    await page.getByRole('button', { name: 'Show first alone' }).press('Enter');
    await untilScreens(page, 1);
    assert.deepEqual(commands(), []);
  });

  it('has a name for every control, and shows where the focus is', async () => {
    await red.deploy([
      ...flows(),
      frameSource({ ...endless, id: 'second', stream: 'second', topic: 'frames', y: 200 }),
    ]);
    const page = await openPage();
    await untilPainted(page, 5);
    await page.waitForSelector('.frame-display__stream', { state: 'attached' });
    await page.focus('.frame-display');
    const seen: string[] = [];
    for (let count = 0; count < 20; count += 1) {
      await page.keyboard.press('Tab');
      const control = await page.evaluate(() => {
        const element = document.activeElement as HTMLElement;
        const { outlineStyle } = getComputedStyle(element);
        if (element.closest('.frame-display') === null) return undefined;
        return { label: element.getAttribute('aria-label') ?? '', outlineStyle };
      });
      if (control === undefined) break;
      assert.ok(control.label !== '', `control ${count} has no name`);
      assert.equal(control.outlineStyle, 'solid', control.label);
      seen.push(control.label);
    }
    for (const label of ['Pause', 'Step one frame', 'Speed 1', 'Save this picture', 'Full screen']) {
      assert.ok(seen.includes(label), `${label} cannot be reached, but ${seen}`);
    }
    assert.ok(seen.some((label) => label.startsWith('Stream')));
  });

  it('makes a double click full screen and pauses nobody', async () => {
    await red.deploy(flows());
    const page = await openPage();
    await untilPainted(page, 5);
    await page.dblclick('.frame-display__picture', { delay: 50 });
    await page.waitForFunction(() => document.fullscreenElement?.classList.contains('frame-display'));
    await page.dblclick('.frame-display__picture', { delay: 50 });
    await page.waitForFunction(() => document.fullscreenElement === null);
    // A single click after it is carried out, so those before would have been.
    await page.click('.frame-display__picture');
    await page.waitForSelector('.frame-display[data-state="paused"]');
    assert.equal(commands().length, 1);
  });

  it('stops nothing for others with the key that leaves full screen', async () => {
    await red.deploy(flows());
    const page = await openPage();
    await untilPainted(page, 5);
    await page.focus('.frame-display');
    await page.keyboard.press('f');
    await page.waitForFunction(() => document.fullscreenElement?.classList.contains('frame-display'));
    await page.keyboard.press('Escape');
    await page.keyboard.press('+');
    await page.waitForSelector('button[aria-label="Speed 1.5"]', { state: 'attached' });
    assert.deepEqual(
      commands().map(({ msg }) => (msg.payload as { action: string }).action),
      ['speed'],
    );
  });

  it('brings the controls at the first tap on a phone, and pauses at the second', async () => {
    await red.deploy(flows());
    const page = await openPage({ viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true });
    await untilPainted(page, 5);
    await page.waitForSelector('.frame-display__bar:not(.frame-display__bar--shown)', { state: 'attached' });
    await page.tap('.frame-display__picture');
    await page.waitForSelector('.frame-display__bar--shown');
    await untilPainted(page, (await recordOf(page)).painted.length + 15);
    assert.deepEqual(commands(), []);
    await page.mouse.move(0, 0);
    await page.tap('.frame-display__picture');
    await page.waitForSelector('.frame-display[data-state="paused"]');
  });

  it('leaves viewers who may change their own view the choice on a wall and full screen, and no more', async () => {
    await red.deploy(wall({ viewers: 'own' }));
    const page = await openPage();
    await untilScreens(page, 2);
    await page.click('.frame-display__screen[data-stream="second"]');
    await untilScreens(page, 1);
    const labels = await page
      .locator('.frame-display__bar [aria-label]')
      .evaluateAll((all) => all.map((each) => each.getAttribute('aria-label')));
    assert.deepEqual(labels, ['Stream second', 'Save this picture', 'Full screen']);
    await page.click('.frame-display__picture');
    await page.focus('.frame-display');
    for (const key of ['Space', '.', '+', 'q', 'ArrowLeft']) await page.keyboard.press(key);
    await page.click('button[aria-label="Stream second"]');
    await page.click('text=All streams');
    await untilScreens(page, 2);
    assert.deepEqual(commands(), []);
  });

  it('has viewers who may do nothing only watch', async () => {
    await red.deploy(wall({ viewers: 'none' }));
    const page = await openPage();
    await untilScreens(page, 2);
    await untilPainted(page, 10);
    assert.equal(await page.locator('.frame-display__bar').count(), 0);
    await page.dblclick('.frame-display__screen[data-stream="second"]');
    await page.focus('.frame-display');
    for (const key of ['Space', 'f', 'q', 'Escape']) await page.keyboard.press(key);
    await untilMoreOf(page, 'second', 10);
    assert.equal(await page.locator('.frame-display__screen').count(), 2);
    assert.equal(await page.evaluate(() => document.fullscreenElement), null);
    assert.deepEqual(commands(), []);
  });
});
