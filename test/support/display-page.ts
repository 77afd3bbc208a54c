import assert from 'node:assert/strict';

/** A frame as the page painted it. */
export interface Painted {
  stream: string;
  /** By the widget's own event. */
  seq: number;
  session: string;
  number: number;
  /** By the code burnt into the picture. */
  code: number;
  /** Ms, as performance.now() tells them: see frame-painted in the display's help. */
  paintedAt: number;
  shownAt?: number;
  dueAt?: number;
}

declare global {
  interface Window {
    painted: Painted[];
  }
}

/** Runs in the page before anything else: notes every frame painted, and reads its number off the canvas. */
export function recordPainted(): void {
  window.painted = [];
  document.addEventListener('frame-painted', (event) => {
    const { seq, session, stream, number, paintedAt, shownAt, dueAt } = (event as CustomEvent).detail;
    const canvas = (event.target as HTMLElement).querySelector('canvas') as HTMLCanvasElement;
    const field = canvas.width / 12;
    const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(0, 0, canvas.width, field);
    let code = 0;
    for (let bit = 0; bit < 12; bit += 1) {
      const at = (Math.floor(field / 2) * canvas.width + Math.floor((bit + 0.5) * field)) * 4;
      if (data[at] > 127) code += 2 ** bit;
    }
    window.painted.push({ stream, seq, session, number, code, paintedAt, shownAt, dueAt });
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
