import type { Page } from 'playwright-core';

/** Records, from the page's very beginning, what the display paints: the `frame-painted` event of its root element. */
export async function watchPainting(page: Page): Promise<void> {
  await page.addInitScript(`
    window.painted = [];
    document.addEventListener('frame-painted', ({ detail }) => window.painted.push(detail), true);
  `);
}

/** Sequence numbers of the frames painted so far, in the order of painting. */
export function paintedSequence(page: Page): Promise<number[]> {
  return page.evaluate('window.painted.map(({ seq }) => seq)');
}
