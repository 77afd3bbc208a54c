import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, probes } from '../support/dashboard-flow';
import { closePages, openDisplayPage, type Painted } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';
import { makeNumberedClip } from '../support/numbered-clip';

const fps = 30;

const packetSource = (more: object): Flows[number] => ({
  ...{ id: 'source', type: 'test-packet-source', z: 'tab', x: 100, y: 100, wires: [['display']] },
  ...more,
});

const inject = (id: string, payload: object = {}): Flows[number] => ({
  ...{ id, type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']] },
  ...{ props: [{ p: 'payload' }], payload: JSON.stringify(payload), payloadType: 'json' },
});

describe('ui-frame-display of compressed video in a browser', function () {
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

  const openPage = () => openDisplayPage(browser, `${red.url}/dashboard/page`);
  const paintedOn = (page: Page) => page.evaluate(() => window.painted);

  /** Each picture painted is the one that was announced. */
  function assertTrue(painted: Painted[]): void {
    for (const { pts, code } of painted) assert.equal(code, Math.round((pts * fps) / 1000));
  }

  it('paints every picture of H.264 with B-frames at 30 fps, each once and in order', async () => {
    const clip = await makeNumberedClip({ frames: 90, bFrames: 2 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await page.waitForFunction(() => window.clockAnswers >= 8);
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const painted = await paintedOn(page);
    assertTrue(painted);
    assert.deepEqual(
      painted.map(({ code }) => code),
      Array.from({ length: 90 }, (_, index) => index),
    );
  });
});
