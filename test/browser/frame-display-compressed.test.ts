import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { insecureHost, openBrowser, withInsecureHost } from '../support/browser';
import { dashboard, display, frameSource, probes } from '../support/dashboard-flow';
import { assertComplete, closePages, numberIn, openDisplayPage, type Painted, recordOf } from '../support/display-page';
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

declare global {
  interface Window {
    decoders: VideoDecoder[];
    /** Pictures that decoders gave out, and that were not closed. */
    openPictures: number;
    /** Chunks until one is damaged on its way into a decoder; Infinity for all of them. */
    chunksToDamage: number;
    /** Whether decoders keep their pictures to themselves. */
    areSilent: boolean;
  }
}

/** Runs in the page before anything else: watches its decoders, and damages what one is given where a test asks for it. */
function watchDecoders(): void {
  Object.assign(window, { decoders: [], openPictures: 0, chunksToDamage: -1, areSilent: false });
  const { VideoDecoder: Original } = window;
  if (Original === undefined) return;
  window.VideoDecoder = class extends Original {
    constructor({ output, error }: VideoDecoderInit) {
      const count = (picture: VideoFrame) => {
        window.openPictures += 1;
        if (window.areSilent) picture.close();
        else output(picture);
      };
      super({ output: count, error });
      window.decoders.push(this);
    }

    override decode(chunk: EncodedVideoChunk): void {
      const { type, timestamp } = chunk;
      const isDamaged = window.chunksToDamage === 0 || window.chunksToDamage === Number.POSITIVE_INFINITY;
      window.chunksToDamage -= 1;
      super.decode(isDamaged ? new EncodedVideoChunk({ type, timestamp, data: new Uint8Array(100) }) : chunk);
    }
  };
  const { close } = VideoFrame.prototype;
  VideoFrame.prototype.close = function (this: VideoFrame) {
    if (this.format !== null) window.openPictures -= 1;
    close.call(this);
  };
}

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

  const openPage = (url = red.url) => openDisplayPage(browser, `${url}/dashboard/page`, {}, watchDecoders);
  const untilClocksAreCompared = (page: Page) => page.waitForFunction(() => window.clockAnswers >= 8);
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
    await untilClocksAreCompared(page);
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const record = await recordOf(page);
    assertTrue(record.painted);
    assertComplete(record, 90, mostOnTheWay);
    for (const { code, number } of record.painted) assert.equal(code, number - 1);
  });

  it('paints what a video-source sends as it is in the source, from the place where that is to start', async () => {
    const clip = await makeNumberedClip({ frames: 90, bFrames: 2 });
    const source = packetSource({ type: 'video-source', source: clip, pictures: 'source', start: '1.5' });
    await red.deploy([...dashboard(), source, display(), ...probes(), inject('play')]);
    const page = await openPage();
    await untilClocksAreCompared(page);
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const { painted } = await recordOf(page);
    assertTrue(painted);
    assert.deepEqual([painted[0]?.code, painted.at(-1)?.code], [45, 89]);
  });

  it('shows who joins in the middle of a long group of pictures the one on screen, and goes on from there', async () => {
    const clip = await makeNumberedClip({ frames: 90, gop: 90 });
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
    await untilClocksAreCompared(second);
    const [joined] = await paintedOn(second);
    assert.equal(joined?.code, (await paintedOn(first)).at(-1)?.code);
    await red.inject('play');
    await second.waitForFunction(() => window.painted.at(-1)?.last === true);
    const record = await recordOf(second);
    assertTrue(record.painted);
    assertComplete(record, 90, mostOnTheWay);
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

  it('waits for the next key frame, and says so, where a page cannot decode what it was sent', async () => {
    const clip = await makeNumberedClip({ frames: 90, gop: 90 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await page.evaluate(() => {
      window.chunksToDamage = 30;
    });
    await red.inject('play');
    const notice = '.frame-display__notice:has-text("Waiting for the next key frame")';
    await page.waitForSelector(notice);
    await page.waitForSelector('.frame-display[data-state="ended"]');
    const before = await paintedOn(page);
    assertTrue(before);
    assert.ok((before.at(-1)?.code ?? 0) < 32, `painted picture ${before.at(-1)?.code}`);
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    assertTrue(await paintedOn(page));
    await page.waitForSelector(notice, { state: 'detached' });
  });

  it('has it decoded on the server where the page cannot, although its browser says so', async () => {
    const clip = await makeNumberedClip({ frames: 60, gop: 10 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await page.evaluate(() => {
      window.chunksToDamage = Number.POSITIVE_INFINITY;
    });
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    assertTrue(await paintedOn(page));
  });

  it('has it decoded on the server where the browser takes it, and gives no picture', async () => {
    const clip = await makeNumberedClip({ frames: 90 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await page.evaluate(() => {
      window.areSilent = true;
    });
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    assertTrue(await paintedOn(page));
  });

  it('goes on with another codec and another size, losing nothing of the session before', async () => {
    const [clip, other] = await Promise.all([
      makeNumberedClip({ frames: 30 }),
      makeNumberedClip({ frames: 30, codec: 'vp9', size: '160x90' }),
    ]);
    const injects = [inject('first'), inject('second', { clip: other })];
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), ...injects]);
    const page = await openPage();
    await red.inject('first');
    await untilCode(page, 15);
    await red.inject('second');
    await page.waitForFunction(
      () => window.painted.at(-1)?.last === true && window.painted.at(-1)?.session === 'test-2',
    );
    const painted = await paintedOn(page);
    assertTrue(painted);
    assertComplete(await recordOf(page), undefined, mostOnTheWay);
    assert.ok(painted.filter(({ session }) => session === 'test-2').length > 10);
  });

  it('plays one session after the other, closes every picture, and its decoder when the display is gone', async () => {
    const clip = await makeNumberedClip({ frames: 60 });
    const flows = [...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')];
    await red.deploy(flows);
    const page = await openPage();
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.number === 120);
    const record = await recordOf(page);
    assertTrue(record.painted);
    assertComplete(record, 120, mostOnTheWay);
    assert.equal(await page.evaluate(() => window.openPictures), 1);
    const decoders = await page.evaluate(() => window.decoders.length);
    assert.equal(decoders, 1);
    await red.deploy(flows.filter(({ type }) => type !== 'ui-frame-display'));
    await page.waitForSelector('.frame-display', { state: 'detached' });
    assert.deepEqual(await page.evaluate(() => window.decoders.map(({ state }) => state)), ['closed']);
    assert.equal(await page.evaluate(() => window.openPictures), 0);
  });

  it('sends a hidden page nothing, and the picture on screen when it is seen again', async () => {
    const clip = await makeNumberedClip({ frames: 120, gop: 120 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const [page, other] = [await openPage(), await openPage()];
    const setHidden = (isHidden: boolean) =>
      page.evaluate((hidden) => {
        const value = hidden ? 'hidden' : 'visible';
        Object.defineProperty(document, 'visibilityState', { value, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
        return window.received.length;
      }, isHidden);
    await red.inject('play');
    await untilCode(page, 10);
    const before = await setHidden(true);
    await untilCode(other, 70);
    const hidden = await setHidden(false);
    assert.ok(hidden <= before + mostOnTheWay, `${hidden - before} pictures came while it was hidden`);
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    const painted = await paintedOn(page);
    assertTrue(painted);
    const first = painted.find(({ code }) => code > before + mostOnTheWay);
    assert.ok((first?.code ?? 0) > 65, `began again with picture ${first?.code}`);
  });

  it('saves the picture on screen, as a JPEG in full size', async () => {
    const clip = await makeNumberedClip({ frames: 30 });
    await red.deploy([...dashboard(), packetSource({ clip }), display(), ...probes(), inject('play')]);
    const page = await openPage();
    await red.inject('play');
    await page.waitForFunction(() => window.painted.at(-1)?.last === true);
    await page.hover('.frame-display');
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.click('button[aria-label="Save this picture"]'),
    ]);
    assert.match(download.suggestedFilename(), /\.jpeg$/);
    const { format, width, height } = await sharp(await download.path()).metadata();
    assert.deepEqual({ format, width, height }, { format: 'jpeg', width: 320, height: 180 });
    assert.equal(await numberIn(readFileSync(await download.path())), 29);
  });

  it('shows compressed video and JPEGs beside each other on a wall, and each of them alone', async () => {
    const clip = await makeNumberedClip({ frames: 90, gop: 90 });
    const jpegs = { ...frameSource({ stream: 'jpegs', endless: true, fps: 10, isSteady: true }), id: 'jpegs' };
    await red.deploy([
      ...[...dashboard(), packetSource({ clip }), jpegs, display({ wall: true }), ...probes()],
      ...[inject('play'), inject('more', {}, 'jpegs')],
    ]);
    const page = await openPage();
    await red.inject('play');
    await red.inject('more');
    const untilMoreOf = async (stream: string, more: number) => {
      const countOf = () => window.painted.length;
      const from = await page.evaluate(countOf);
      await page.waitForFunction(
        ([name, start, count]) => window.painted.slice(start).filter((each) => each.stream === name).length >= count,
        [stream, from, more] as const,
      );
    };
    await Promise.all(['test', 'jpegs'].map((stream) => untilMoreOf(stream, 5)));
    await page.click('.frame-display__screen[data-stream="jpegs"]');
    await untilMoreOf('jpegs', 5);
    await page.focus('.frame-display');
    await page.keyboard.press('Escape');
    // It may have come to its end meanwhile.
    await red.inject('play');
    await untilMoreOf('test', 5);
    await page.click('.frame-display__screen[data-stream="test"]');
    await red.inject('play');
    await untilMoreOf('test', 5);
    assertTrue((await paintedOn(page)).filter(({ stream }) => stream === 'test'));
  });
});
