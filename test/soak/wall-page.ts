import type { Page } from 'playwright-core';

/** What a page of the wall shows of one stream: the brightness of the 32 fields of its capture code, and when. */
export interface Tile {
  stream: string;
  width: number;
  height: number;
  /** `Date.now()` when it was painted, and when the page was asked. */
  paintedAt: number;
  askedAt: number;
  fields: number[];
}

declare global {
  interface Window {
    lastPainted?: Map<string, { canvas: HTMLCanvasElement; paintedAt: number }>;
  }
}

/** Runs in the page before anything else: keeps where each stream was painted last. */
export function rememberPainted(): void {
  const painted = new Map<string, { canvas: HTMLCanvasElement; paintedAt: number }>();
  window.lastPainted = painted;
  document.addEventListener('frame-painted', (event) => {
    const canvas = (event.target as HTMLElement).querySelector('canvas');
    if (canvas !== null) painted.set((event as CustomEvent).detail.stream, { canvas, paintedAt: Date.now() });
  });
}

/** What the wall shows at this moment. */
export function lookAt(page: Page): Promise<Tile[]> {
  return page.evaluate(() => {
    const askedAt = Date.now();
    return [...(window.lastPainted ?? [])].map(([stream, { canvas, paintedAt }]) => {
      const { width, height } = canvas;
      const field = width / 16;
      const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, width, field * 2);
      const fields = Array.from({ length: 32 }, (_, bit) => {
        const x = Math.floor(((bit % 16) + 0.5) * field);
        const y = Math.floor((Math.floor(bit / 16) + 0.5) * field);
        return data[(y * width + x) * 4] as number;
      });
      return { stream, width, height, paintedAt, askedAt, fields };
    });
  });
}
