import assert from 'node:assert/strict';
import type { Frame } from '../../../lib/frame/frame';
import type { Playable } from '../../../lib/playout/frame-queue';
import { Playout } from '../../../lib/playout/playout';
import type { PlayoutOptions } from '../../../lib/playout/playout-options';
import { FakeClock } from '../../support/fake-clock';

interface Shown {
  seq: number;
  session: string;
  stream: string;
  at: number;
}

function frameOf(seq: number, overrides: Partial<Frame> = {}): Frame {
  return {
    stream: 'clip.mp4',
    session: 'first',
    seq,
    pts: seq * 40,
    duration: 40,
    time: 0,
    width: 16,
    height: 9,
    codec: 'jpeg',
    ...overrides,
  };
}

/** `count` frames at 25 fps, the last one marked. */
function video(count: number, overrides: Partial<Frame> = {}): Frame[] {
  return Array.from({ length: count }, (_, seq) =>
    frameOf(seq, { ...overrides, ...(seq === count - 1 ? { last: true as const } : {}) }),
  );
}

function setUp(overrides: Partial<PlayoutOptions<Playable>> = {}) {
  const clock = new FakeClock();
  const shown: Shown[] = [];
  const dropped: { seq: number; stream: string; reason: string }[] = [];
  const states: string[] = [];
  const ended: { session: string; at: number }[] = [];
  const starved: number[] = [];
  const playout = new Playout<Playable>({
    mode: 'source',
    interval: 16,
    speed: 1,
    stream: '',
    timeout: 20_000,
    untrackedLimits: { maxFrames: 120, maxBytes: 64e6 },
    onShow: ({ frame: { seq, session, stream } }) => shown.push({ seq, session, stream, at: clock.now() }),
    onDrop: ({ frame: { seq, stream } }, reason) => dropped.push({ seq, stream, reason }),
    onState: (state) => states.push(state),
    onEnded: ({ session }) => ended.push({ session, at: clock.now() }),
    onStarved: () => starved.push(clock.now()),
    clock,
    ...overrides,
  });
  const push = (frame: Frame, tracked = true) => playout.push({ frame, bytes: 1000, tracked });
  return { clock, playout, shown, dropped, states, ended, starved, push };
}

/** A source that keeps `window` frames unfinished in the flow, as `video-source` does. */
function heldSource(frames: Frame[], window: number, overrides: Partial<PlayoutOptions<Playable>> = {}) {
  const pending = [...frames];
  let unfinished = 0;
  let mostUnfinished = 0;
  const clock = new FakeClock();
  const shown: Shown[] = [];
  const ended: number[] = [];
  const fill = () => {
    while (unfinished < window && pending.length > 0) {
      unfinished += 1;
      mostUnfinished = Math.max(mostUnfinished, unfinished);
      playout.push({ frame: pending.shift() as Frame, bytes: 1000, tracked: true });
    }
  };
  const playout: Playout<Playable> = new Playout<Playable>({
    mode: 'source',
    interval: 16,
    speed: 1,
    stream: '',
    timeout: 0,
    untrackedLimits: { maxFrames: 120, maxBytes: 64e6 },
    onShow: ({ frame: { seq, session, stream } }) => {
      shown.push({ seq, session, stream, at: clock.now() });
      unfinished -= 1;
      clock.setTimeout(fill, 1);
    },
    onDrop: () => assert.fail('a held frame was dropped'),
    onState: () => {},
    onEnded: () => ended.push(clock.now()),
    onStarved: () => {},
    clock,
    ...overrides,
  });
  fill();
  return { clock, playout, shown, ended, remaining: () => pending.length, mostUnfinished: () => mostUnfinished };
}

const seqs = (shown: { seq: number }[]) => shown.map(({ seq }) => seq);
const upTo = (count: number) => Array.from({ length: count }, (_, seq) => seq);
const within = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);

describe('Playout', () => {
  describe('paced by the source', () => {
    it('shows 132 frames of 25 fps in 5.28 s, none lost', () => {
      const { clock, shown, ended, push } = setUp();
      for (const frame of video(132)) push(frame);
      clock.advance(10_000);
      assert.deepEqual(seqs(shown), upTo(132));
      within(ended[0].at - shown[0].at, 5280, 2);
    });

    it('plays evenly when frames come in bursts', () => {
      const { clock, shown, ended, push } = setUp();
      const frames = video(132);
      while (frames.length > 0) {
        for (const frame of frames.splice(0, 10)) push(frame);
        clock.advance(390);
      }
      clock.advance(2000);
      assert.deepEqual(seqs(shown), upTo(132));
      within(ended[0].at - shown[0].at, 5280, 264);
      const gaps = shown.slice(1).map(({ at }, index) => at - shown[index].at);
      within(Math.max(...gaps), 40, 1);
      within(Math.min(...gaps), 40, 1);
    });

    for (const window of [1, 3, 30]) {
      it(`plays evenly with a source that is held at ${window} unfinished frames`, () => {
        const { clock, shown, ended, mostUnfinished } = heldSource(video(132), window);
        clock.advance(10_000);
        assert.deepEqual(seqs(shown), upTo(132));
        assert.equal(mostUnfinished(), window);
        within(ended[0] - shown[0].at, 5280, 2);
      });
    }

    it('drifts less than one frame in ten hours of 29.97 fps', () => {
      const duration = 1001 / 30;
      const count = Math.floor(36_000_000 / duration);
      const { clock, playout, shown, push } = setUp();
      let next = 0;
      let first: number | undefined;
      // Frames arrive in lumps of ten; only the last few shown are kept.
      while (next < count) {
        for (let n = 0; n < 10 && next < count; n += 1, next += 1)
          push(frameOf(next, { pts: next * duration, duration }));
        clock.advance(duration * 10);
        first ??= shown[0].at;
        shown.splice(0, shown.length - 1);
      }
      clock.advance(5000);
      const last = shown[shown.length - 1];
      assert.equal(last.seq, count - 1);
      within(last.at - (first as number), (count - 1) * duration, duration / 2);
      void playout.close();
    });

    it('keeps variable frame rates as they are', () => {
      const { clock, shown, push } = setUp();
      const pts = [0, 10, 110, 120, 620];
      pts.forEach((time, seq) => {
        push(frameOf(seq, { pts: time, duration: (pts[seq + 1] ?? 660) - time }));
      });
      clock.advance(2000);
      assert.deepEqual(
        shown.map(({ at }) => Math.round(at - shown[0].at)),
        pts,
      );
    });

    it('plays at the speed asked for, and changes it at once', () => {
      const { clock, playout, shown, push } = setUp({ speed: 2 });
      for (const frame of video(100)) push(frame);
      clock.advance(1000);
      within(shown.length, 50, 1);
      playout.setSpeed(0.5);
      const before = shown.length;
      clock.advance(800);
      within(shown.length - before, 10, 1);
    });

    it('goes on from a gap, a seek backwards and a new session without waiting or hurrying', () => {
      const { clock, shown, push } = setUp();
      [
        frameOf(0),
        frameOf(1),
        frameOf(2, { pts: 60_000 }),
        frameOf(3, { pts: 60_040 }),
        frameOf(4, { pts: 400 }),
        frameOf(0, { session: 'second', pts: 7000 }),
        frameOf(1, { session: 'second', pts: 7040 }),
      ].forEach((frame) => {
        push(frame);
      });
      clock.advance(2000);
      assert.deepEqual(
        shown.map(({ at }) => Math.round(at - shown[0].at)),
        [0, 40, 80, 120, 160, 200, 240],
      );
    });

    it('waits through a few lost frames', () => {
      const { clock, shown, push } = setUp();
      for (const frame of [frameOf(0), frameOf(1), frameOf(5), frameOf(6, { last: true })]) push(frame);
      clock.advance(2000);
      assert.deepEqual(
        shown.map(({ at }) => at - shown[0].at),
        [0, 40, 200, 240],
      );
    });

    it('never sprints after a stall: what was late stays late', () => {
      const { clock, shown, states, push } = setUp();
      const frames = video(60);
      for (const frame of frames.splice(0, 20)) push(frame);
      clock.advance(3000);
      assert.equal(shown.length, 20);
      assert.equal(states.at(-1), 'buffering');
      for (const frame of frames) push(frame);
      clock.advance(5000);
      assert.deepEqual(seqs(shown), upTo(60));
      const gaps = shown.slice(21).map(({ at }, index) => at - shown[20 + index].at);
      within(Math.min(...gaps), 40, 1);
    });

    it('makes up for a short hold-up of the event loop at double pace at most', () => {
      const { clock, shown, push } = setUp();
      for (const frame of video(50)) push(frame);
      clock.advance(400);
      clock.block(150);
      clock.advance(2000);
      assert.deepEqual(seqs(shown), upTo(50));
      const gaps = shown.slice(1).map(({ at }, index) => at - shown[index].at);
      assert.ok(Math.min(...gaps) >= 19);
      within(shown[49].at - shown[0].at, 49 * 40, 2);
    });

    it('paces frames without a duration by the interval', () => {
      const { clock, shown, push } = setUp({ interval: 50 });
      for (let seq = 0; seq < 5; seq += 1) push(frameOf(seq, { duration: undefined, pts: seq * 7 }));
      clock.advance(1000);
      assert.deepEqual(
        shown.map(({ at }) => at),
        [0, 50, 100, 150, 200],
      );
    });
  });

  describe('paced by the interval', () => {
    it('shows one frame each interval, whatever their time stamps say', () => {
      const { clock, shown, push } = setUp({ mode: 'interval', interval: 16 });
      for (const frame of video(100)) push(frame);
      clock.advance(16 * 50 - 1);
      within(shown.length, 50, 1);
    });
  });

  describe('live', () => {
    it('shows the newest frame and drops the others at once', () => {
      const { clock, shown, dropped, push } = setUp({ mode: 'live' });
      for (const frame of video(5)) push(frame);
      clock.advance(5);
      assert.deepEqual(seqs(shown), [4]);
      assert.deepEqual(seqs(dropped), [0, 1, 2, 3]);
      assert.ok(dropped.every(({ reason }) => reason === 'superseded'));
    });

    it('shows each frame when they come one by one', () => {
      const { clock, shown, dropped, states, push } = setUp({ mode: 'live' });
      for (const frame of video(10)) {
        push(frame);
        clock.advance(40);
      }
      clock.advance(100);
      assert.deepEqual(seqs(shown), upTo(10));
      assert.deepEqual(dropped, []);
      assert.deepEqual(states, ['playing', 'ended']);
    });
  });

  describe('states', () => {
    it('waits, plays, and has ended one frame duration after the last frame was shown', () => {
      const { clock, playout, shown, states, ended, push } = setUp();
      assert.equal(playout.state, 'waiting');
      for (const frame of video(3)) push(frame);
      clock.advance(1000);
      assert.deepEqual(states, ['buffering', 'playing', 'ended']);
      within(ended[0].at - shown[2].at, 40, 1);
    });

    it('collects a little before it starts, but not for ever', () => {
      const { clock, shown, states, push } = setUp();
      push(frameOf(0));
      clock.advance(100);
      assert.equal(shown.length, 0);
      assert.deepEqual(states, ['buffering']);
      clock.advance(160);
      assert.equal(shown.length, 1);
      assert.deepEqual(states, ['buffering', 'playing']);
    });

    it('plays one session after the other, in order, and reports the end of each', () => {
      const { clock, shown, ended, push } = setUp();
      for (const frame of video(10)) push(frame);
      for (const frame of video(10, { session: 'second' })) push(frame);
      for (const frame of video(10, { session: 'third', stream: 'other.mp4' })) push(frame);
      clock.advance(5000);
      assert.deepEqual(
        shown.map(({ session, seq }) => `${session} ${seq}`),
        ['first', 'second', 'third'].flatMap((session) => upTo(10).map((seq) => `${session} ${seq}`)),
      );
      assert.deepEqual(
        ended.map(({ session }) => session),
        ['first', 'second', 'third'],
      );
      within(shown[29].at - shown[0].at, 29 * 40, 2);
    });

    it('plays again after it has ended', () => {
      const { clock, shown, states, push } = setUp();
      for (const frame of video(3)) push(frame);
      clock.advance(60_000);
      for (const frame of video(3, { session: 'second' })) push(frame);
      clock.advance(1000);
      assert.equal(shown.length, 6);
      assert.deepEqual(states, ['buffering', 'playing', 'ended', 'buffering', 'playing', 'ended']);
    });

    it('warns once when starved, and goes on by itself', () => {
      const { clock, shown, starved, push } = setUp();
      for (const frame of video(20).slice(0, 10)) push(frame);
      clock.advance(60_000);
      assert.equal(starved.length, 1);
      within(starved[0] - shown[9].at, 20_000, 300);
      for (const frame of video(20).slice(10)) push(frame);
      clock.advance(1000);
      assert.equal(shown.length, 20);
    });

    it('does not count pause and the end as starving', () => {
      const { clock, playout, starved, push } = setUp();
      for (const frame of video(3)) push(frame);
      clock.advance(60_000);
      assert.deepEqual(starved, []);
      playout.pause();
      clock.advance(60_000);
      assert.deepEqual(starved, []);
    });
  });

  describe('pause, step, play', () => {
    it('gives nothing back while paused, so that the source is held', () => {
      const { clock, playout, shown, remaining } = heldSource(video(90_000), 3);
      clock.advance(1000);
      playout.pause();
      const before = shown.length;
      const left = remaining();
      clock.advance(3_600_000);
      assert.equal(shown.length, before);
      assert.ok(left - remaining() <= 1);
      assert.equal(playout.queued, 3);
    });

    it('goes on with the very next frame, at the pace', () => {
      const { clock, playout, shown, push } = setUp();
      for (const frame of video(50)) push(frame);
      clock.advance(400);
      playout.pause();
      const before = shown.length;
      clock.advance(10_000);
      const resumedAt = clock.now();
      playout.play();
      clock.advance(40);
      assert.equal(shown.length, before + 1);
      assert.equal(shown[before].seq, before);
      clock.advance(5000);
      assert.deepEqual(seqs(shown), upTo(50));
      within(shown[49].at - resumedAt, (50 - before) * 40, 41);
    });

    it('shows exactly one frame a step', () => {
      const { clock, playout, shown, push } = setUp();
      for (const frame of video(50)) push(frame);
      clock.advance(400);
      const before = shown.length;
      playout.step();
      assert.equal(playout.state, 'paused');
      assert.equal(shown.length, before + 1);
      clock.advance(1000);
      assert.equal(shown.length, before + 1);
      playout.step();
      playout.step();
      assert.equal(shown.length, before + 3);
    });

    it('keeps a step that finds no frame for the next to come', () => {
      const { clock, playout, shown, push } = setUp();
      playout.step();
      push(frameOf(0));
      push(frameOf(1));
      clock.advance(1000);
      assert.deepEqual(seqs(shown), [0]);
    });

    it('reports the end after resuming on the last frame', () => {
      const { clock, playout, shown, ended, push } = setUp();
      for (const frame of video(3)) push(frame);
      clock.advance(90);
      playout.pause();
      clock.advance(5000);
      assert.equal(shown.length, 3);
      assert.equal(ended.length, 0);
      playout.play();
      clock.advance(50);
      assert.equal(ended.length, 1);
      assert.equal(playout.state, 'ended');
    });
  });

  describe('streams', () => {
    const other = (seq: number) => frameOf(seq, { stream: 'other.mp4', session: 'other' });

    it('shows the selected stream only and gives the others back at once', () => {
      const { clock, shown, dropped, push } = setUp({ stream: 'other.mp4' });
      for (let seq = 0; seq < 10; seq += 1) {
        push(frameOf(seq));
        push(other(seq));
      }
      clock.advance(2000);
      assert.equal(shown.length, 10);
      assert.ok(shown.every(({ stream }) => stream === 'other.mp4'));
      assert.ok(dropped.length === 10 && dropped.every(({ reason }) => reason === 'other-stream'));
    });

    it('stays with the first seen when several run at once', () => {
      const { clock, shown, dropped, push } = setUp();
      for (let seq = 0; seq < 20; seq += 1) {
        push(frameOf(seq));
        push(other(seq));
      }
      push(frameOf(20, { last: true }));
      clock.advance(5000);
      assert.deepEqual(seqs(shown), upTo(21));
      assert.ok(shown.every(({ stream }) => stream === 'clip.mp4'));
      assert.equal(dropped.length, 20);
    });

    it('turns to a stream that was put aside once the first is over', () => {
      const { clock, shown, push } = setUp();
      for (let seq = 0; seq < 5; seq += 1) {
        push(frameOf(seq, seq === 4 ? { last: true } : {}));
        push(other(seq));
      }
      clock.advance(2000);
      push(other(5));
      clock.advance(2000);
      assert.equal(shown.at(-1)?.stream, 'other.mp4');
    });

    it('follows a stream that was broken off without an end', () => {
      const { clock, shown, dropped, push } = setUp();
      for (let seq = 0; seq < 5; seq += 1) push(frameOf(seq));
      for (let seq = 0; seq < 5; seq += 1) push(other(seq));
      clock.advance(2000);
      assert.equal(shown.length, 10);
      assert.deepEqual(dropped, []);
    });

    it('changes the stream on request', () => {
      const { clock, playout, shown, dropped, push } = setUp({ stream: 'clip.mp4' });
      for (const frame of video(50)) push(frame);
      clock.advance(200);
      const before = shown.length;
      playout.setStream('other.mp4');
      assert.equal(playout.state, 'waiting');
      assert.equal(dropped.length, 50 - before);
      push(other(0));
      clock.advance(300);
      assert.equal(shown.at(-1)?.stream, 'other.mp4');
    });
  });

  describe('room', () => {
    it('drops the oldest frames that no source waits for, and counts them', () => {
      const { playout, dropped, push } = setUp({ untrackedLimits: { maxFrames: 3, maxBytes: 1e6 } });
      playout.pause();
      for (let seq = 0; seq < 5; seq += 1) push(frameOf(seq), false);
      assert.deepEqual(dropped, [
        { seq: 0, stream: 'clip.mp4', reason: 'overflow' },
        { seq: 1, stream: 'clip.mp4', reason: 'overflow' },
      ]);
      assert.equal(playout.queued, 3);
    });

    it('bounds their bytes', () => {
      const { playout, dropped, push } = setUp({ untrackedLimits: { maxFrames: 100, maxBytes: 2500 } });
      playout.pause();
      for (let seq = 0; seq < 5; seq += 1) push(frameOf(seq), false);
      assert.deepEqual(seqs(dropped), [0, 1, 2]);
    });

    it('never drops a frame that a source waits for', () => {
      const { playout, dropped, push } = setUp({ untrackedLimits: { maxFrames: 3, maxBytes: 1e6 } });
      playout.pause();
      for (let seq = 0; seq < 50; seq += 1) push(frameOf(seq), true);
      assert.deepEqual(dropped, []);
      assert.equal(playout.queued, 50);
    });
  });

  it('leaves no timer behind when closed, and gives nothing back any more', async () => {
    const { clock, playout, shown, push } = setUp();
    for (const frame of video(50)) push(frame);
    clock.advance(200);
    const before = shown.length;
    await playout.close();
    push(frameOf(60));
    assert.equal(clock.pending, 0);
    clock.advance(1000);
    assert.equal(shown.length, before);
  });

  it('refuses options that make no sense', () => {
    assert.throws(() => setUp({ speed: 0 }), { code: 'BAD_OPTION' });
    assert.throws(() => setUp({ interval: Number.NaN }), { code: 'BAD_OPTION' });
    assert.throws(() => setUp({ mode: 'warp' as never }), { code: 'BAD_OPTION' });
    assert.throws(() => setUp().playout.setSpeed(17), { code: 'BAD_OPTION' });
  });
});
