import assert from 'node:assert/strict';
import type { Browser } from 'playwright-core';
import { dashboard, display, frameSource, probes } from './dashboard-flow';
import { assertComplete, assertInOrder, type Painted, recordOf, recordPainted } from './display-page';
import type { NodeRed } from './node-red';

/** Different pictures that are painted beforehand; see test-frame-source. */
export const period = 60;

export interface PacingOptions {
  fps: number;
  seconds: number;
  mode?: 'source' | 'live';
  /** Where the page is loaded from, if not from Node-RED itself. */
  url?: string;
  noise?: number;
}

/** What came of a run at 720p. Times in ms. */
export interface Pacing {
  sent: number;
  painted: number;
  /** Frames shown that it did not paint, by its own count. */
  skipped: number;
  /** |painted - due|; empty where nothing is due at a time (live). */
  error: Distribution;
  /** From the node to the canvas. */
  latency: Distribution;
}

export interface Distribution {
  p50: number;
  p95: number;
  p99: number;
  max: number;
}

/**
 * Plays a 720p video on a page of its own, and throws unless each picture painted is the one announced and all were
 * painted or counted as skipped: see `assertComplete`.
 */
export async function measurePacing(red: NodeRed, browser: Browser, options: PacingOptions): Promise<Pacing> {
  const { fps, seconds, mode = 'source', url = red.url, noise = 0 } = options;
  const count = Math.round(fps * seconds);
  const inFlight = mode === 'live' ? 1 : 30;
  await red.deploy([
    ...dashboard({ groupWidth: 12 }),
    frameSource({ count, fps, width: 1280, height: 720, period, noise, window: inFlight, isSteady: mode === 'live' }),
    display({ width: 12, height: 15, pacing: mode }),
    ...probes(),
    { id: 'play', type: 'inject', z: 'tab', x: 50, y: 50, wires: [['source']], props: [] },
  ]);
  // The dashboard's service worker goes on loading in the background, which on a slow line takes the pictures' room.
  const context = await browser.newContext({ viewport: { width: 1400, height: 1000 }, serviceWorkers: 'block' });
  try {
    const page = await context.newPage();
    await page.addInitScript(recordPainted);
    await page.goto(`${url}/dashboard/page`, { waitUntil: 'networkidle' });
    await page.waitForSelector('.frame-display');
    // The clocks are being compared.
    await page.waitForFunction(() => window.clockAnswers >= 8);
    await red.inject('play');
    const timeout = seconds * 1000 + 60_000;
    await page.waitForFunction((last) => window.painted.at(-1)?.seq === last, count - 1, { timeout, polling: 250 });
    const record = await recordOf(page);
    const { painted } = record;
    assertInOrder(painted, period);
    // Live, a frame may be overtaken by the next before it is shown; else all are shown.
    assertComplete(record, mode === 'live' ? undefined : count);
    if (mode !== 'live') for (const { seq, number } of painted) assert.equal(number, seq + 1);
    const [first, last] = [painted[0] as Painted, painted.at(-1) as Painted];
    const skipped = first.number - 1 + last.skipped;
    return { sent: count, painted: painted.length, skipped, ...timesOf(painted) };
  } finally {
    await context.close();
  }
}

function timesOf(painted: Painted[]): Pick<Pacing, 'error' | 'latency'> {
  const error = painted.flatMap(({ paintedAt, dueAt }) => (dueAt === undefined ? [] : [Math.abs(paintedAt - dueAt)]));
  const latency = painted.flatMap(({ paintedAt, shownAt }) => (shownAt === undefined ? [] : [paintedAt - shownAt]));
  return { error: distributionOf(error), latency: distributionOf(latency) };
}

export function distributionOf(values: number[]): Distribution {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
