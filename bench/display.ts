import { loadavg } from 'node:os';
import type { Browser, Page } from 'playwright-core';
import { openBrowser } from '../test/support/browser';
import { dashboard, display, frameSource, probes } from '../test/support/dashboard-flow';
import { recordPainted } from '../test/support/display-page';
import { type Flows, type NodeRed, startNodeRed } from '../test/support/node-red';
import { distributionOf, measurePacing, period } from '../test/support/pacing';
import { openSlowLink } from '../test/support/slow-link';
import { writeReport } from './report';

/*
 * `node scripts/bench.mjs display`: how well the display keeps time, at 720p in a real browser; what a slow line and
 * many viewers cost. Node-RED, the browser and the line all run on this machine, so its load is told with the figures.
 */

const noise = 18;
const slow = { bitsPerSecond: 10e6, delay: 100 };

async function main(): Promise<void> {
  const [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  const results: Record<string, unknown> = {};
  const note = (name: string, figures: unknown) => {
    results[name] = { ...(figures as object), load: loadavg()[0] };
    console.log(name, JSON.stringify(results[name]));
  };
  try {
    for (const fps of [10, 24, 50, 60])
      note(`${fps} fps`, await measurePacing(red, browser, { fps, seconds: 10, noise }));
    note('30 fps for 60 s', await measurePacing(red, browser, { fps: 30, seconds: 60, noise }));
    note('30 fps live', await measurePacing(red, browser, { fps: 30, seconds: 20, noise, mode: 'live' }));
    note('slow line', await onSlowLine(red, browser));
    note('slow line, base64 in ui-template', await base64OnSlowLine(red, browser));
    note('20 viewers', await manyViewers(red, browser, 20));
  } finally {
    await browser.close();
    await red.stop();
  }
  writeReport('display', { results });
}

interface Memory {
  rss: number;
  arrayBuffers: number;
}

const megabytes = (bytes: number) => Math.round(bytes / 1e5) / 10;

async function onSlowLine(red: NodeRed, browser: Browser) {
  const line = await openSlowLink(red.url, slow.bitsPerSecond, slow.delay);
  try {
    const before = await red.ask<Memory>('memory');
    const pacing = await measurePacing(red, browser, { fps: 30, seconds: 20, noise, url: line.url });
    const after = await red.ask<Memory>('memory');
    return { ...pacing, memoryGrowthMB: megabytes(after.rss - before.rss) };
  } finally {
    await line.close();
  }
}

/** What people do without this node: each frame as a data URL in an <img>, through the dashboard's own messages. */
async function base64OnSlowLine(red: NodeRed, browser: Browser) {
  const line = await openSlowLink(red.url, slow.bitsPerSecond, slow.delay);
  const fps = 30;
  const seconds = 20;
  const size = { width: 1280, height: 720 };
  const source = { count: fps * seconds, fps, ...size, period, noise, window: 30, isSteady: true, wires: [['base64']] };
  await red.deploy([
    ...dashboard({ groupWidth: 12 }),
    frameSource(source),
    {
      ...{ id: 'base64', type: 'function', z: 'tab', x: 200, y: 100, wires: [['template']], outputs: 1 },
      func: `return { payload: 'data:image/jpeg;base64,' + msg.payload.toString('base64'), seq: msg.frame.seq, sent: Date.now() };`,
    },
    {
      ...{
        id: 'template',
        type: 'ui-template',
        z: 'tab',
        x: 300,
        y: 100,
        wires: [[]],
        group: 'group',
        name: '',
        order: 1,
      },
      ...{
        width: 12,
        height: 15,
        templateScope: 'local',
        passthru: false,
        storeOutMessages: false,
        className: '',
        page: '',
      },
      format:
        '<template><img :src="msg?.payload" :data-seq="msg?.seq" :data-sent="msg?.sent" @load="note"></template>\
<script>export default { methods: { note(e) { (window.loaded ??= []).push(Date.now() - Number(e.target.dataset.sent)) } } }</script>',
    },
    { id: 'play', type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']], props: [] },
  ]);
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    await page.goto(`${line.url}/dashboard/page`, { waitUntil: 'networkidle' });
    await page.waitForSelector('img', { state: 'attached' });
    await page.waitForTimeout(1000);
    const before = await red.ask<Memory>('memory');
    await red.inject('play');
    await page.waitForTimeout(seconds * 1000);
    const after = await red.ask<Memory>('memory');
    const latencies = await page.evaluate<number[]>('window.loaded ?? []');
    return {
      ...{ sent: fps * seconds, painted: latencies.length, latency: distributionOf(latencies) },
      memoryGrowthMB: megabytes(after.rss - before.rss),
    };
  } finally {
    await context.close();
    await line.close();
  }
}

async function manyViewers(red: NodeRed, browser: Browser, viewers: number) {
  const flows: Flows = [
    ...dashboard({ groupWidth: 12 }),
    frameSource({ endless: true, autostart: true, fps: 25, width: 1280, height: 720, period, noise }),
    display(),
    ...probes(),
  ];
  await red.deploy(flows);
  const settle = () => new Promise((resolve) => setTimeout(resolve, 10_000));
  const measure = async () => {
    await red.ask('startMeasuring');
    await settle();
    const { delayP99, cpu, peak } = await red.ask<{ delayP99: number; cpu: number; peak: number }>('stopMeasuring');
    return { delayP99, cores: cpu / 10_000, peakMB: megabytes(peak) };
  };
  await settle();
  const alone = await measure();
  const context = await browser.newContext({ viewport: { width: 400, height: 400 } });
  const pages: Page[] = [];
  for (let count = 0; count < viewers; count += 1) {
    const page = await context.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(`${red.url}/dashboard/page`);
    pages.push(page);
  }
  const watched = await measure();
  const painted = await Promise.all(pages.map((page) => page.evaluate(() => window.painted.length)));
  await context.close();
  await settle();
  return { alone, watched, painted: distributionOf(painted), afterwards: await measure() };
}

void main();
