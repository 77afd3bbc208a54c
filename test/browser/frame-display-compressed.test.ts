import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { insecureHost, openBrowser, withInsecureHost } from '../support/browser';
import { dashboard, display, probes } from '../support/dashboard-flow';
import { assertComplete, closePages, openDisplayPage, type Painted, recordOf } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';
import { makeNumberedClip } from '../support/numbered-clip';

const fps = 30;
/** Pictures of compressed video on the way to a page: see PacketFeed. */
const mostOnTheWay = 12;

const packetSource = (more: object): Flows[number] => ({
  ...{ id: 'source', type: 'test-packet-source', z: 'tab', x: 100, y: 100, wires: [['display']] },
  ...more,
});

const inject = (id: string, payload: object = {}, to = 'source'): Flows[number] => ({
  ...{ id, type: 'inject', z: 'tab', x: 50, y: 50, wires: [[to]] },
  ...{ props: [{ p: 'payload' }], payload: JSON.stringify(payload), payloadType: 'json' },
});

const command = (action: string): Flows[number] => ({
  ...{ id: action, type: 'inject', z: 'tab', x: 50, y: 50, wires: [['display']] },
  props: [{ p: 'action', v: action, vt: 'str' }],
});

describe('ui-frame-display of compressed video in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;

  before(async () => {
    [browser, red] = await Promise.all([openBrowser(withInsecureHost), startNodeRed()]);
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  afterEach(() => closePages(browser));

  const openPage = async (url = red.url) => {
    const page = await openDisplayPage(browser, `${url}/dashboard/page`);
    // The clocks are being compared.
    await page.waitForFunction(() => window.clockAnswers >= 8);
    return page;
  };
  const paintedOn = (page: Page) => page.evaluate(() => window.painted);
  const untilCode = (page: Page, code: number) =>
    page.waitForFunction((least) => (window.painted.at(-1)?.code ?? -1) >= least, code);

  /** Each picture painted is the one that was announced. */
  function assertTrue(painted: Painted[]): void {
    for (const { pts, code } of painted) assert.equal(code, Math.round((pts * fps) / 1000));
  }

  it('paints every picture of H.264 with B-frames at 30 fps, but for those it counts as skipped, in order', async () => {
    const clip = await makeNumberedClip({ frames: 90, bFrames: 2 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const record = await recordOf(page);
    assertTrue(record.painted);
    assertComplete(record, 90, mostOnTheWay);
    for (const { code, number } of record.painted) assert.equal(code, number - 1);
  });

  it('shows who joins in the middle of a long group of pictures the one on screen, and goes on from there', async () => {
    const clip = await makeNumberedClip({ frames: 120, gop: 120 });
    const commands = ['pause', 'play'].map(command);
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('start'), ...commands]);
    const first = await openPage();
    await red.inject('start');
    await untilCode(first, 40);
    await red.inject('pause');
    await first.waitForSelector('.frame-display[data-state="paused"]');
    const second = await openPage();
    await second.waitForFunction(() => window.painted.length > 0);
    await second.reload();
    await second.waitForFunction(() => window.painted.length > 0);
    const [joined] = await paintedOn(second);
    assert.equal(joined?.code, (await paintedOn(first)).at(-1)?.code);
    await red.inject('play');
    await second.waitForFunction(() => window.painted.at(-1)?.last === true);
    const record = await recordOf(second);
    assertTrue(record.painted);
    assertComplete(record, 120, mostOnTheWay);
  });

  it('shows the very picture that was sought while paused, and then step by step those after it', async () => {
    const clip = await makeNumberedClip({ frames: 90 });
    const commands = ['pause', 'seek', 'step'].map(command);
    await red.deploy([
      ...dashboard(),
      packetSource({ clip }),
      display(),
      ...probes(),
      inject('play', { from: 1560 }),
      ...commands,
    ]);
    const page = await openPage();
    await red.inject('pause');
    await page.waitForSelector('.frame-display[data-state="paused"]');
    await page.evaluate(() => document.querySelector<HTMLElement>('.frame-display')?.focus());
    await red.inject('play');
    await red.inject('step');
    await untilCode(page, 0);
    for (let step = 1; step <= 20; step += 1) {
      await page.keyboard.press('.');
      await page.waitForFunction((count) => window.painted.length > count, step);
    }
    const painted = await paintedOn(page);
    assertTrue(painted);
    const codes = painted.map(({ code }) => code);
    assert.deepEqual(
      codes,
      Array.from({ length: 21 }, (_, index) => 47 + index),
    );
  });

  it('shows pages that have no decoder every picture as a JPEG that the server made, and says so', async () => {
    const clip = await makeNumberedClip({ frames: 90, bFrames: 2 });
    const figures = { overlay: true, figures: 'size' };
    await red.deploy([...dashboard(), packetSource({ clip }), display(figures), ...probes(), inject('play')]);
    const [insecure, other] = await Promise.all([openPage(red.url.replace('127.0.0.1', insecureHost)), openPage()]);
    assert.equal(await insecure.evaluate(() => 'VideoDecoder' in window), false);
    await red.inject('play');
    for (const page of [insecure, other]) await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const record = await recordOf(insecure);
    assertTrue(record.painted);
    assert.ok(record.painted.length > 20, `${record.painted.length} pictures painted`);
    const textOn = (page: Page) => page.textContent('.frame-display__figure--size');
    assert.equal(await textOn(insecure), '320×180 H.264, JPEG (decoded on the server)');
    assert.equal(await textOn(other), '320×180 H.264');
  });
});
