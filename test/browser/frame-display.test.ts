import assert from 'node:assert/strict';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { assertComplete, assertInOrder, closePages, openDisplayPage, recordOf } from '../support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../support/node-red';

const flows = (source: object = {}, more: object = {}): Flows => [
  ...dashboard(),
  frameSource(source),
  display({ passthru: true, ...more }),
  ...probes(),
  { id: 'play', type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']], props: [] },
];

declare global {
  interface Window {
    /** Pictures whose decoding was held up until `free`, or the number of the one that was made out to be too large. */
    held: number;
    free: () => void;
  }
}

describe('ui-frame-display in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let red: NodeRed;
  /** What the probes had seen before this test. */
  let seenBefore: Record<'shown' | 'events', number>;

  before(async () => {
    browser = await openBrowser();
    red = await startNodeRed();
  });
  beforeEach(() => {
    seenBefore = { shown: red.seen('shown').length, events: red.seen('events').length };
  });
  after(async () => {
    await browser?.close();
    await red?.stop();
  });
  afterEach(() => closePages(browser));

  const openPage = () =>
    openDisplayPage(browser, `${red.url}/dashboard/page`, { viewport: { width: 800, height: 600 } });

  const paintedOn = (page: Page) => page.evaluate(() => window.painted);
  const untilPainted = (page: Page, count: number) =>
    page.waitForFunction((enough) => window.painted.length >= enough, count, { timeout: 20_000 });
  const untilState = (page: Page, state: string) => page.waitForSelector(`.frame-display[data-state="${state}"]`);
  /** Sequence numbers of the frames the display has shown in this test. */
  const shown = () =>
    red
      .seen('shown')
      .slice(seenBefore.shown)
      .map(({ msg }) => (msg.frame as { seq: number }).seq);
  const untilShown = (seq: number) => red.until('shown', () => (shown().at(-1) ?? -1) >= seq);
  const untilTold = (event: string, payload: object) =>
    red.until('events', (seen) =>
      seen
        .slice(seenBefore.events)
        .some(
          ({ msg }) =>
            msg.event === event &&
            Object.entries(payload).every(([name, value]) => (msg.payload as Record<string, unknown>)[name] === value),
        ),
    );

  /** Resolves with the last frame shown, once the display is paused and each page has painted it: it is ahead of them. */
  async function untilPaused(...pages: Page[]): Promise<number> {
    await untilTold('state', { state: 'paused' });
    const last = shown().at(-1) as number;
    for (const page of pages) await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq, last);
    return last;
  }

  it('paints every frame in order but for those it counts as skipped, and leaves the last one on screen', async () => {
    await red.deploy(flows({ count: 50 }));
    const page = await openPage();
    await untilState(page, 'waiting');
    await red.inject('play');
    await untilState(page, 'ended');
    // The display is ahead of its pages by the time that pictures travel.
    await page.waitForFunction(() => window.painted.at(-1)?.seq === 49);
    const record = await recordOf(page);
    assertInOrder(record.painted);
    assertComplete(record, 50);
    assert.deepEqual(
      shown(),
      Array.from({ length: 50 }, (_, seq) => seq),
    );
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
    const seq = await untilPaused(first);
    const second = await openPage();
    await untilPainted(second, 1);
    const painted = await paintedOn(second);
    assertInOrder(painted);
    assert.deepEqual(
      painted.map((frame) => frame.seq),
      [seq],
    );
  });

  it('plays for two pages at once, the same picture on both', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const [first, second] = [await openPage(), await openPage()];
    await untilTold('viewer-joined', { viewers: 2 });
    await untilPainted(second, 20);
    await untilPainted(first, 20);
    // Both have painted what was shown last, and of each frame the same.
    await first.click('.frame-display__picture');
    await untilPaused(first, second);
    const records = [await recordOf(first), await recordOf(second)] as const;
    for (const record of records) {
      assertInOrder(record.painted);
      assertComplete(record);
    }
    const onSecond = new Map(records[1].painted.map(({ number, seq }) => [number, seq]));
    const onBoth = records[0].painted.filter(({ number }) => onSecond.has(number));
    assert.ok(onBoth.length > 0);
    for (const { number, seq } of onBoth) assert.equal(seq, onSecond.get(number), `number ${number}`);
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
    const page = await openPage();
    await untilPainted(page, 5);
    // From now on the page is as slow as a test likes.
    await page.evaluate(() => {
      const decode = window.createImageBitmap;
      const freed = new Promise<void>((resolve) => {
        window.free = resolve;
      });
      window.held = 0;
      window.createImageBitmap = (async (...args: [Blob]) => {
        window.held += 1;
        await freed;
        return decode(...args);
      }) as typeof decode;
    });
    await page.waitForFunction(() => window.held === 2);
    const { received: before } = await recordOf(page);
    const held = before.at(-1)?.seq as number;
    await untilShown(held + 30);
    assert.equal((await recordOf(page)).received.length, before.length, 'more came than two');
    await page.evaluate(() => window.free());
    await page.waitForFunction((seq) => (window.painted.at(-1)?.seq ?? 0) > seq + 30, held);
    const record = await recordOf(page);
    const next = record.received[before.length]?.seq as number;
    assert.ok(next >= held + 30, `after ${held} came ${next}, which was not the newest`);
    assertInOrder(record.painted);
    assertComplete(record);
    assert.equal(record.mostUnacknowledged, 2);
  });

  it('decodes no picture that says it is too large, and goes on with the next', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const page = await openPage();
    await untilPainted(page, 5);
    // As from a node that sends what this one does not.
    await page.evaluate(() => {
      const { parse } = JSON;
      window.held = 0;
      JSON.parse = (...args) => {
        const packet = parse(...args);
        const isPicture = Array.isArray(packet) && /^frame:/.test(packet[0]);
        if (isPicture && window.held === 0) {
          window.held = packet[1].number;
          Object.assign(packet[1], { width: 16_383, height: 16_383 });
        }
        return packet;
      };
    });
    await page.waitForFunction(() => window.held > 0 && (window.painted.at(-1)?.number ?? 0) > window.held + 5);
    const refused = await page.evaluate(() => window.held);
    const { painted, received } = await recordOf(page);
    assert.ok(!painted.some(({ number }) => number === refused), 'it was painted');
    assert.ok(received.find(({ number }) => number === refused)?.isAcknowledged);
    assertInOrder(painted);
  });

  it('sends a hidden page nothing, and the newest frame when it is seen again', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const [page, other] = [await openPage(), await openPage()];
    await untilPainted(page, 5);
    /** Returns how many pictures had come by then. */
    const setHidden = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        Object.defineProperty(document, 'visibilityState', {
          value: hidden ? 'hidden' : 'visible',
          configurable: true,
        });
        document.dispatchEvent(new Event('visibilitychange'));
        return window.received.length;
      }, isHidden);
    const before = await setHidden(true);
    await untilPainted(other, (await paintedOn(other)).length + 30);
    const newest = (await paintedOn(other)).at(-1)?.seq as number;
    const hidden = await setHidden(false);
    // What was on its way still comes, and that is two at most.
    assert.ok(hidden <= before + 2, `${hidden - before} pictures came while it was hidden`);
    await page.waitForFunction((length) => window.received.length > length, hidden);
    const { received } = await recordOf(page);
    assert.ok((received[hidden]?.seq as number) >= newest, 'what came first was not the newest');
    await untilPainted(page, (await paintedOn(page)).length + 5);
    assertInOrder(await paintedOn(page));
  });

  it('pauses, steps one frame, and plays by keyboard and buttons', async () => {
    await red.deploy(flows({ endless: true, autostart: true }));
    const page = await openPage();
    await untilPainted(page, 5);
    await page.focus('.frame-display');
    await page.keyboard.press('Space');
    const last = await untilPaused(page);
    await page.keyboard.press('.');
    await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq + 1, last);
    await page.click('button[aria-label="Step one frame"]');
    await page.waitForFunction((seq) => window.painted.at(-1)?.seq === seq + 2, last);
    assert.deepEqual(shown().slice(-3), [last, last + 1, last + 2]);
    await page.click('button[aria-label="Play"]');
    await page.waitForFunction((seq) => (window.painted.at(-1)?.seq ?? 0) > seq + 10, last);
    const record = await recordOf(page);
    assertInOrder(record.painted);
    assertComplete(record);
  });
});
