import assert from 'node:assert/strict';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import sharp from 'sharp';

/** A frame as the page painted it. */
export interface Painted {
  stream: string;
  /** By the widget's own event. */
  seq: number;
  session: string;
  number: number;
  /** Ms of video. */
  pts: number;
  last?: true;
  /** By the code burnt into the picture. */
  code: number;
  /** Ms, as performance.now() tells them: see frame-painted in the display's help. */
  paintedAt: number;
  shownAt?: number;
  dueAt?: number;
  /** Pictures so far that were shown, and not painted here. */
  skipped: number;
}

/** A picture that came. */
export interface Received {
  screen: number;
  number: number;
  seq: number;
  /** Ms, as performance.now() tells them. */
  receivedAt: number;
  decodedAt?: number;
  /** This one, or a later one. */
  isAcknowledged: boolean;
}

/** What a page did since it was loaded. */
export interface PageRecord {
  painted: Painted[];
  received: Received[];
  mostUnacknowledged: number;
  /** Answers to its questions what time it is on the display's clock. */
  clockAnswers: number;
  /** Whether it can be seen, as it told last. */
  isVisible?: boolean;
  /** The only screen it looks at, as it told last; none for all. */
  looksAt?: number;
}

declare global {
  interface Window extends PageRecord {}
}

/**
 * Runs in the page before anything else: notes every frame painted, reads its number off the canvas, and listens to what
 * page and node say to each other: all of it passes through JSON, whichever way socket.io takes.
 */
export function recordPainted(): void {
  Object.assign(window, { painted: [], received: [], mostUnacknowledged: 0, clockAnswers: 0 });
  const { parse, stringify } = JSON;
  JSON.parse = (...args) => {
    const packet = parse(...args);
    const [event, meta] = Array.isArray(packet) ? packet : [];
    if (/^frame-clock:/.test(event)) window.clockAnswers += 1;
    if (/^frame:/.test(event)) {
      const { screen, number, seq } = meta;
      window.received.push({ screen, number, seq, receivedAt: performance.now(), isAcknowledged: false });
      const unacknowledged = window.received.filter(({ isAcknowledged }) => !isAcknowledged).length;
      window.mostUnacknowledged = Math.max(window.mostUnacknowledged, unacknowledged);
    }
    return packet;
  };
  JSON.stringify = ((...args: Parameters<typeof stringify>) => {
    const [event, message] = Array.isArray(args[0]) ? args[0] : [];
    if (/^(frame-display:|widget-change$)/.test(event)) {
      const { screen, decoded, visible } = message ?? {};
      window.isVisible = visible ?? window.isVisible;
      if (visible !== undefined) window.looksAt = screen;
      for (const picture of window.received) {
        if (picture.screen !== screen || !(picture.number <= decoded)) continue;
        picture.isAcknowledged = true;
        if (picture.number === decoded) picture.decodedAt = performance.now();
      }
    }
    return stringify(...args);
  }) as typeof stringify;
  document.addEventListener('frame-painted', (event) => {
    const { seq, session, stream, number, pts, last, paintedAt, shownAt, dueAt, skipped } = (event as CustomEvent)
      .detail;
    const canvas = (event.target as HTMLElement).querySelector('canvas') as HTMLCanvasElement;
    const field = canvas.width / 12;
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, canvas.width, field);
    let code = 0;
    for (let bit = 0; bit < 12; bit += 1) {
      const at = (Math.floor(field / 2) * canvas.width + Math.floor((bit + 0.5) * field)) * 4;
      if (data[at] > 127) code += 2 ** bit;
    }
    window.painted.push({ stream, seq, session, number, pts, last, code, paintedAt, shownAt, dueAt, skipped });
  });
}

/**
 * Opens the dashboard page at `url` for a viewer of its own, once its display is there, and notes what it does. `prepare` runs in
 * the page before anything else.
 */
export async function openDisplayPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
  prepare?: () => void,
): Promise<Page> {
  const context = await browser.newContext({ viewport: { width: 900, height: 700 }, ...options });
  const page = await context.newPage();
  await page.addInitScript(recordPainted);
  if (prepare !== undefined) await page.addInitScript(prepare);
  await page.goto(url);
  await page.waitForSelector('.frame-display');
  return page;
}

/** Closes all that viewers opened. */
export async function closePages(browser: Browser): Promise<void> {
  for (const context of browser.contexts()) await context.close();
}

export function recordOf(page: Page): Promise<PageRecord> {
  return page.evaluate(() => {
    const { painted, received, mostUnacknowledged, clockAnswers, isVisible } = window;
    return { painted, received, mostUnacknowledged, clockAnswers, isVisible };
  });
}

/** `period` as in test-frame-source: how many different pictures there are. */
export function assertInOrder(painted: Painted[], period = 4096): void {
  for (const [index, { seq, session, code, number }] of painted.entries()) {
    assert.equal(code, seq % period, 'the picture painted is not the frame announced');
    const previous = painted[index - 1];
    if (previous === undefined) continue;
    // A page that joins again is given the picture on screen once more.
    const isAgain = number === previous.number && seq === previous.seq && session === previous.session;
    assert.ok(isAgain || number > previous.number, `${number} came after ${previous.number}`);
  }
}

/** Ms by which a picture has to be late for one before it to be passed over: see PresentationQueue. */
const late = 8;

/**
 * For a page that was seen all the time and has one screen, however slow it was: every picture that came was painted
 * once and in order, but for those that were overtaken; and the page counted every frame that it was not given or did
 * not paint. With `shown`, the display showed so many frames while the page was there, and the last one was painted.
 * `mostOnTheWay`: pictures, 12 of compressed video.
 */
export function assertComplete(
  { painted, received, mostUnacknowledged }: PageRecord,
  shown?: number,
  mostOnTheWay = 2,
): void {
  const numbers = painted.map(({ number }) => number);
  for (const [index, number] of numbers.entries()) {
    assert.ok(index === 0 || number > (numbers[index - 1] as number), `${number} came after ${numbers[index - 1]}`);
    assert.equal(painted[index]?.skipped, number - (numbers[0] as number) - index, `counted as skipped at ${number}`);
  }
  const came = new Map(received.map((each) => [each.number, each]));
  assert.equal(came.size, received.length, 'a picture came twice');
  for (const number of numbers) assert.ok(came.has(number), `${number} was painted, but never came`);
  const isPainted = new Set(numbers);
  for (const { number, decodedAt = Number.POSITIVE_INFINITY } of received) {
    const next = painted.find((each) => each.number > number);
    if (isPainted.has(number) || next === undefined) continue;
    const { paintedAt, dueAt = Number.NEGATIVE_INFINITY } = next;
    const isOvertaken = decodedAt >= paintedAt || dueAt <= paintedAt - late;
    assert.ok(isOvertaken, `${number} was not painted, although ${next.number} was not late`);
  }
  assert.ok(mostUnacknowledged <= mostOnTheWay, `${mostUnacknowledged} pictures were on the way`);
  if (shown !== undefined) assert.equal(numbers.at(-1), shown);
}

/** The number burnt into an image by test-frame-source. */
export async function numberIn(jpeg: Buffer): Promise<number> {
  const { data, info } = await sharp(jpeg).greyscale().raw().toBuffer({ resolveWithObject: true });
  const field = info.width / 12;
  const at = (bit: number) => Math.floor(field / 2) * info.width + Math.floor((bit + 0.5) * field);
  return Array.from({ length: 12 }, (_, bit) => ((data[at(bit)] as number) > 127 ? 2 ** bit : 0)).reduce(
    (sum, value) => sum + value,
  );
}
