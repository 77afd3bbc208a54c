import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import sharp from 'sharp';
import { root } from '../demo/user-dir';
import { openBrowser } from '../test/support/browser';
import { type DashboardOptions, dashboard, display, probes } from '../test/support/dashboard-flow';
import { exampleFlowOn, nodeOf } from '../test/support/flows';
import { startTestBroker } from '../test/support/kafka-brokers';
import { type Flows, type NodeRed, startNodeRed } from '../test/support/node-red';
import { createTopic } from '../test/support/topic';

const docs = join(root, 'docs');
const clip = join(root, 'examples', 'bigbuckbunny.mp4');
const streams = ['Front door', 'Car park', 'Loading bay', 'Lobby'];

interface Shot {
  name: string;
  theme?: DashboardOptions['theme'];
  viewport?: { width: number; height: number };
  flows: Flows;
  /** Brings the page into the state that is shown. */
  until: (page: Page, red: NodeRed) => Promise<unknown>;
}

const widget = (more: object = {}) => display({ width: 12, height: 9, overlay: true, ...more });
const film = (more: object = {}) => ({
  ...{ id: 'source', type: 'video-source', z: 'tab', x: 100, y: 100, wires: [['display'], []], name: '' },
  ...{ source: clip, sourceType: 'str', stream: '', fps: '', width: '', height: '', quality: 90, start: '', end: '' },
  ...{ loop: false, realtime: false, autostart: true, maxFrames: 30, maxMegabytes: 64 },
  ...more,
});

const state = (page: Page, name: string) => page.waitForSelector(`.frame-display[data-state="${name}"]`);
const pausedAt = (ms: number) => async (page: Page) => {
  await page.waitForSelector('.frame-display__buttons', { state: 'attached' });
  await page.waitForTimeout(ms);
  await page.focus('.frame-display');
  await page.keyboard.press('Space');
  await state(page, 'paused');
};
const playing = async (page: Page) => {
  await page.waitForSelector('.frame-display__buttons', { state: 'attached' });
  await page.hover('.frame-display');
  await page.waitForTimeout(2000);
  await page.mouse.move(120, 130);
};

const shots: Shot[] = [
  { name: 'light', flows: [film({ loop: true }), widget()], until: playing },
  { name: 'dark', theme: 'dark', flows: [film({ loop: true }), widget()], until: pausedAt(2500) },
  {
    name: 'phone',
    viewport: { width: 390, height: 700 },
    flows: [film({ loop: true }), widget({ height: 0 })],
    until: playing,
  },
  {
    name: 'wall',
    theme: 'dark',
    flows: [
      ...streams.map((stream, index) =>
        film({ id: `source${index}`, stream, start: String(index), loop: true, width: 640, y: 100 + 40 * index }),
      ),
      widget({ wall: true, overlay: false }),
    ],
    until: playing,
  },
  {
    name: 'ended',
    // As if it came from Kafka, so that it can be played again.
    flows: [
      film({ wires: [['place'], []], start: '3', realtime: false }),
      {
        ...{ id: 'place', type: 'function', z: 'tab', x: 200, y: 100, wires: [['display']], outputs: 1 },
        func: 'msg.kafka = { partition: 0, offset: String(msg.frame.seq) }; return msg;',
      },
      widget(),
    ],
    until: (page) => state(page, 'ended'),
  },
  { name: 'waiting', flows: [widget()], until: (page) => state(page, 'waiting') },
  {
    name: 'error',
    theme: 'dark',
    flows: [widget({ timeout: 1 })],
    until: (page) => page.waitForSelector('.frame-display__icon--error'),
  },
];

async function main(): Promise<void> {
  mkdirSync(docs, { recursive: true });
  const wanted = process.argv.slice(2);
  const [browser, red] = await Promise.all([openBrowser(), startNodeRed()]);
  const isWanted = (name: string) => wanted.length === 0 || wanted.includes(name);
  try {
    for (const shot of shots) if (isWanted(shot.name)) await take(shot, browser, red);
    if (isWanted('example')) await takeExample(browser, red);
  } finally {
    await browser.close();
    await red.stop();
  }
}

async function take({ name, theme, viewport, flows, until }: Shot, browser: Browser, red: NodeRed): Promise<void> {
  const context = await browser.newContext({ viewport: viewport ?? { width: 880, height: 690 } });
  const page = await context.newPage();
  await red.deploy([...dashboard({ theme, groupWidth: 12 }), ...flows, ...probes()]);
  await page.goto(`${red.url}/dashboard/page`);
  await page.waitForSelector('.frame-display');
  // "App is offline ready", which Dashboard says once to every new browser.
  await page.addStyleTag({ content: '.v-snackbar, .pwa-toast, [role="alert"] { display: none !important; }' });
  await until(page, red);
  await page.waitForTimeout(800);
  await save(page, `display-${name}`);
  await context.close();
}

/** The example flow while it plays, in the editor and in the dashboard: for the README. */
async function takeExample(browser: Browser, red: NodeRed): Promise<void> {
  const broker = await startTestBroker();
  try {
    await createTopic(broker.brokers, 'video-frames');
    const flows = exampleFlowOn(broker.brokers, 'video-frames');
    await red.deploy(flows);
    const editor = await browser.newPage({ viewport: { width: 1640, height: 760 } });
    await editor.goto(red.url);
    const page = await browser.newPage({ viewport: { width: 1200, height: 740 } });
    await page.goto(`${red.url}/dashboard`);
    await page.waitForSelector('.frame-display');
    await page.addStyleTag({ content: '.v-snackbar, .pwa-toast, [role="alert"] { display: none !important; }' });
    await red.inject(nodeOf(flows, 'inject').id);
    await state(page, 'playing');
    await page.waitForTimeout(2500);
    await Promise.all([save(page, 'dashboard'), save(editor, 'editor')]);
    await Promise.all([editor.close(), page.close()]);
  } finally {
    await broker.remove();
  }
}

async function save(page: Page, name: string): Promise<void> {
  // A palette keeps pictures of videos small.
  await sharp(await page.screenshot())
    .png({ palette: true, quality: 90, effort: 10 })
    .toFile(join(docs, `${name}.png`));
  console.log(`docs/${name}.png`);
}

void main();
