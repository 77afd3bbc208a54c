import assert from 'node:assert/strict';
import { type Arrival, CaptureClock } from '../../../../lib/decode/worker/capture-clock';
import { FakeClock } from '../../../support/fake-clock';

interface Taken extends Arrival {
  /** When it was taken, ms. */
  taken: number;
}

interface Told {
  frame: Taken;
  pts: number;
  time: number;
}

const start = 1_000_000;

/** Lets frames come at their times, and returns what is told of each, in order. */
function tell(frames: Taken[]): Told[] {
  const clock = new FakeClock();
  const told: Told[] = [];
  const capture = new CaptureClock<Taken>(clock, (frame, pts, time) => told.push({ frame, pts, time }));
  let now = start;
  for (const frame of frames) {
    clock.advance(Math.max(0, frame.at - now));
    now = Math.max(now, frame.at);
    capture.take(frame);
  }
  clock.advance(1000);
  assert.deepEqual(
    told.map(({ frame }) => frame),
    frames,
  );
  return told;
}

/** Frames taken every 40 ms from `from` to `to` (ms), with a clock of their own; `arrive` tells when each comes. */
function film(from: number, to: number, arrive: (taken: number) => number): Taken[] {
  const count = Math.round((to - from) / 40);
  return Array.from({ length: count }, (_, index) => {
    const taken = start + from + index * 40;
    return { taken, pts: from + index * 40 + 5000, at: arrive(taken) };
  });
}

/** How far the times told are from those of taking, ms. */
function errorsOf(told: Told[]): number[] {
  return told.map(({ frame, time }) => time - frame.taken);
}

function assertTrue(told: Told[], tolerance: number): void {
  const wrong = errorsOf(told).filter((error) => Math.abs(error) > tolerance);
  assert.deepEqual(wrong, []);
}

/** When the segment of `length` ms is there, in which a frame was taken, and `late` ms later. */
const inSegments = (length: number, late: (segment: number) => number) => (taken: number) => {
  const segment = Math.floor((taken - start) / length);
  return start + (segment + 1) * length + late(segment);
};

describe('CaptureClock', () => {
  it('tells the time at which frames come, however uneven the network', () => {
    const told = tell(film(0, 20_000, (taken) => taken + ((taken / 40) % 7) * 10));
    assertTrue(told, 60);
  });

  it('tells when the frames were taken that come at once where a connection begins', () => {
    const told = tell(film(0, 10_000, (taken) => Math.max(taken, start + 3000)));
    assertTrue(told, 1);
  });

  it('tells when the frames of segments were taken, however late each is found', () => {
    // Of segments, only the end of one that is found at once can be known.
    const told = tell(
      film(
        0,
        60_000,
        inSegments(2000, (segment) => [0, 700, 300, 900][segment % 4] as number),
      ),
    );
    const errors = errorsOf(told);
    assert.ok(Math.max(...errors) - Math.min(...errors) <= 1, `${Math.min(...errors)} to ${Math.max(...errors)} ms`);
    assert.deepEqual(new Set(told.map(({ frame, pts }) => pts - frame.pts)), new Set([0]));
  });

  it('tells when the frames were taken that the network held up', () => {
    const told = tell(film(0, 20_000, (taken) => (taken > start + 8000 ? Math.max(taken, start + 12_000) : taken)));
    assertTrue(told, 1);
    assert.deepEqual(new Set(told.map(({ frame, pts }) => pts - frame.pts)), new Set([0]));
  });

  it('counts the time in which a camera was away behind a server that went on', () => {
    const before = film(
      0,
      10_000,
      inSegments(1000, () => 0),
    );
    // Its timestamps go on as if nothing had been.
    const after = film(
      15_000,
      25_000,
      inSegments(1000, () => 0),
    ).map((frame) => ({ ...frame, pts: frame.pts - 5000 }));
    const told = tell([...before, ...after]);
    const steps = told.slice(1).map(({ pts }, index) => pts - (told[index] as Told).pts);
    assert.deepEqual(
      steps.filter((step) => step !== 40),
      [5040],
    );
    const errors = errorsOf(told);
    assert.ok(Math.max(...errors) - Math.min(...errors) <= 1);
  });

  it('follows a source whose clock is slow', () => {
    const told = tell(film(0, 600_000, (taken) => taken).map((frame) => ({ ...frame, pts: frame.pts * 0.99 })));
    assertTrue(told, 350);
  });

  it('tells a frame at once that comes alone', () => {
    const clock = new FakeClock();
    const told: number[] = [];
    const capture = new CaptureClock<Arrival>(clock, (_frame, _pts, time) => told.push(time));
    capture.take({ pts: 0, at: start });
    clock.advance(250);
    assert.deepEqual(told, [start]);
    clock.advance(4750);
    capture.take({ pts: 5000, at: start + 5000 });
    assert.deepEqual(told, [start, start + 5000]);
    capture.close();
    assert.equal(clock.pending, 0);
  });

  it('never tells a time before the one before', () => {
    const told = tell(film(0, 5000, (taken) => (taken < start + 2000 ? taken + 500 : taken + 100)));
    const times = told.map(({ time }) => time);
    assert.deepEqual(
      times,
      times.toSorted((a, b) => a - b),
    );
  });
});
