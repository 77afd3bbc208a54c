import assert from 'node:assert/strict';
import type { Frame } from '../../../lib/frame/frame';
import type { Playable } from '../../../lib/playout/frame-queue';
import { Playout } from '../../../lib/playout/playout';
import type { PlayoutOptions } from '../../../lib/playout/playout-options';
import { FakeClock } from '../../support/fake-clock';

const minute = 60_000;
/** Ms from one frame to the next, and from the camera to the display. */
const step = 40;
const transit = 30;

interface Options extends Partial<PlayoutOptions<Playable>> {
  /** Ms by which the clock of the camera's machine is wrong. */
  clockError?: number;
  /** Ms of video in a ms. */
  pace?: number;
  /** Ms by which every tenth frame takes longer than the others. */
  lateness?: number;
  /** Ms of video that are delivered together. */
  burst?: number;
  /** Frames that may be unfinished, as with a reader of Kafka. */
  window?: number;
  /** Ms of video that were there before anybody looked. */
  backlog?: number;
  /** Whether the reader says that it was sent to the past. */
  isPast?: boolean;
}

/**
 * A camera that has filmed for `backlog` ms, on its way through something that keeps what is not read yet, as Kafka does: what
 * is there is read as fast as the flow takes it.
 */
function watch(options: Options = {}) {
  const {
    clockError = 0,
    pace = 1,
    burst = 0,
    window = 30,
    backlog = 0,
    isPast = false,
    lateness = 0,
    ...more
  } = options;
  const clock = new FakeClock();
  clock.advance(10 * minute);
  const began = clock.now() - backlog;
  const shown: { frame: Frame; delay: number; at: number; due: number | undefined }[] = [];
  const kept: Frame[] = [];
  let unfinished = 0;
  let seq = 0;
  let isCut = false;
  let isReading = false;
  const read = () => {
    if (isReading || isCut || unfinished >= window || kept.length === 0) return;
    isReading = true;
    clock.setTimeout(() => {
      isReading = false;
      const frame = isCut ? undefined : kept.shift();
      if (frame !== undefined) {
        unfinished += 1;
        playout.push({ frame, bytes: 1000, tracked: true, isPast });
      }
      read();
    }, 2);
  };
  const finish = () => {
    unfinished -= 1;
    read();
  };
  const playout: Playout<Playable> = new Playout<Playable>({
    ...{ mode: 'source', interval: 16, speed: 1, stream: '', timeout: 0, clock },
    untrackedLimits: { maxFrames: 120, maxBytes: 64e6 },
    onShow: ({ frame }, due) => {
      const captured = began + frame.pts / pace;
      shown.push({ frame, delay: clock.now() - captured, at: clock.now(), due });
      finish();
    },
    onDrop: finish,
    onState: () => {},
    onEnded: () => {},
    onStarved: () => {},
    ...more,
  });
  const nextAt = () => {
    const captured = (seq * step) / pace;
    return (
      began +
      (burst > 0 ? Math.ceil((captured + 1) / burst) * burst : captured) +
      transit +
      (seq % 10 === 9 ? lateness : 0)
    );
  };
  const film = () => {
    while (nextAt() <= clock.now()) {
      const time = (burst > 0 ? nextAt() : began + (seq * step) / pace) + clockError;
      kept.push({
        ...{ stream: 'camera', session: 'first', seq, pts: seq * step, duration: step, time: Math.round(time) },
        ...{ width: 16, height: 9, codec: 'jpeg', live: true },
      });
      seq += 1;
    }
    read();
    clock.setTimeout(film, nextAt() - clock.now());
  };
  film();
  return {
    ...{ clock, playout, shown },
    /** Nothing comes through for so long. */
    cut(ms: number) {
      isCut = true;
      clock.advance(ms);
      isCut = false;
      read();
    },
    /** Ms from camera to screen of what is on screen, and at most since a time. */
    delay: () => clock.now() - (began + (shown.at(-1)?.frame.pts ?? 0) / pace),
    worst: (since: number) => Math.max(...shown.filter(({ at }) => at >= since).map(({ delay }) => delay)),
  };
}

/** What is on screen has been captured a moment ago, and a frame's time. */
const assertPresent = (delay: number) => assert.ok(delay < transit + 300, `${delay} ms behind`);

describe('A live stream', () => {
  it('is shown without delay, but for what its frames need to be shown evenly', () => {
    const { clock, shown, worst } = watch();
    clock.advance(minute);
    assert.equal(shown.length, minute / step);
    assert.ok(worst(0) <= transit + 5, `${worst(0)} ms`);
  });

  it('is not delayed by frames that come later than others, as far as there is time for them on their way', () => {
    const { clock, shown } = watch({ lateness: 30, slack: 40 });
    clock.advance(minute);
    const delays = shown.slice(-20).map(({ frame, delay }) => ({ isLate: frame.seq % 10 === 9, delay }));
    for (const { isLate, delay } of delays)
      assert.ok(delay <= transit + (isLate ? 30 : 0) + 6, `${delay} ms, ${isLate ? 'late' : 'not late'}`);
  });

  it('keeps the beat of frames that come later than others, as far as there is time for them on their way', () => {
    const { clock, shown } = watch({ lateness: 30, slack: 40 });
    clock.advance(minute);
    const dues = shown.slice(-20).map(({ due = 0 }) => due);
    for (const [index, due] of dues.slice(1).entries())
      assert.ok(Math.abs(due - (dues[index] as number) - step) < 1, `${due - (dues[index] as number)} ms`);
  });

  it('leaves frames all of the time on their way where none comes later than others', () => {
    const { clock, cut, shown } = watch({ slack: 40, window: 200 });
    clock.advance(5000);
    // Makes up for it at a higher pace.
    cut(1500);
    const begin = clock.now() + 1000;
    clock.advance(minute);
    const late = shown.filter(({ at, due = 0 }) => at > begin && at - due >= 6);
    assert.equal(late.length, 0, `the first is shown ${(late[0]?.at ?? 0) - (late[0]?.due ?? 0)} ms late`);
  });

  for (const pace of [1.01, 0.99]) {
    it(`whose clock runs at ${pace} of its pace stays at the present for ten minutes, and every frame is shown`, () => {
      const { clock, shown, worst } = watch({ pace });
      clock.advance(10 * minute);
      assert.ok(worst(0) < transit + 400, `${worst(0)} ms`);
      assert.ok(shown.length >= (10 * minute * pace) / step - 20);
    });
  }

  it('is at the present after each of three outages of 15 s', () => {
    const { clock, cut, delay } = watch();
    for (let outage = 0; outage < 3; outage += 1) {
      clock.advance(20_000);
      cut(15_000);
      clock.advance(3000);
      assertPresent(delay());
    }
  });

  it('is at the present again after an outage whose backlog comes in hardly faster than it was filmed', () => {
    const { clock, cut, worst, shown } = watch({ window: 1 });
    clock.advance(5000);
    cut(15_000);
    const before = shown.length;
    clock.advance(10_000);
    assertPresent(worst(clock.now() - 1000));
    assert.ok(shown.length > before + 25);
  });

  it('makes up for a delay within the bound without passing over frames', () => {
    const { clock, cut, delay, shown } = watch({ window: 200 });
    clock.advance(5000);
    cut(1500);
    clock.advance(minute);
    assertPresent(delay());
    const seqs = shown.map(({ frame }) => frame.seq);
    assert.deepEqual(
      seqs,
      seqs.map((_, index) => index),
    );
  });

  it('goes on where it was paused, behind, and is at the present when asked to be', () => {
    const { clock, playout, delay } = watch();
    clock.advance(5000);
    playout.pause();
    clock.advance(15_000);
    playout.play();
    clock.advance(10_000);
    assert.equal(playout.live.viewpoint, 'past');
    assert.ok(Math.abs(delay() - 15_000) < 300, `${delay()} ms behind`);
    assert.ok(Math.abs(playout.live.behind - 15_000) < 300, `${playout.live.behind} ms behind, it says`);
    playout.returnToPresent();
    clock.advance(2000);
    assert.equal(playout.live.viewpoint, 'present');
    assertPresent(delay());
  });

  it('that is paused is at the present when asked to be', () => {
    const { clock, playout, delay } = watch();
    clock.advance(5000);
    playout.pause();
    clock.advance(15_000);
    playout.returnToPresent();
    clock.advance(2000);
    assert.equal(playout.state, 'playing');
    assertPresent(delay());
  });

  it('stays at the present after a pause that is shorter than the bound', () => {
    const { clock, playout, delay } = watch();
    clock.advance(5000);
    playout.pause();
    clock.advance(1000);
    playout.play();
    clock.advance(20_000);
    assert.equal(playout.live.viewpoint, 'present');
    assertPresent(delay());
  });

  it('is left in the past after a seek, and is at the present again once it has caught up', () => {
    const { clock, playout, delay } = watch({ backlog: minute });
    playout.flush();
    clock.advance(10_000);
    assert.equal(playout.live.viewpoint, 'past');
    assert.ok(delay() > minute - 1000, `${delay()} ms behind`);
    playout.setSpeed(16);
    clock.advance(10_000);
    assert.equal(playout.live.viewpoint, 'present');
    playout.setSpeed(1);
    clock.advance(10_000);
    assertPresent(delay());
  });

  it('is left in the past where its reader was sent there, until it is asked to be at the present', () => {
    const { clock, playout, delay } = watch({ backlog: minute, isPast: true });
    clock.advance(10_000);
    assert.equal(playout.live.viewpoint, 'past');
    assert.ok(delay() > minute - 1000, `${delay()} ms behind`);
    playout.returnToPresent();
    clock.advance(5000);
    assert.equal(playout.live.viewpoint, 'present');
    assertPresent(delay());
  });

  it('is left behind where it is played in slow motion', () => {
    const { clock, playout, delay } = watch();
    clock.advance(5000);
    playout.setSpeed(0.5);
    clock.advance(20_000);
    assert.ok(delay() > 9000, `${delay()} ms behind`);
    playout.setSpeed(1);
    clock.advance(5000);
    assert.equal(playout.live.viewpoint, 'past');
    assert.ok(delay() > 9000, `${delay()} ms behind`);
  });

  it('is taken up at its newest frame, of all that there are', () => {
    const { clock, delay, shown } = watch({ backlog: 10 * minute });
    clock.advance(35_000);
    assertPresent(delay());
    assert.ok(shown.length < 250, `${shown.length} frames shown`);
  });

  for (const clockError of [-3600_000, -10_000, 10_000, 3600_000]) {
    it(`is at the present after an outage where its clock is ${clockError / 1000} s off`, () => {
      const { clock, cut, delay, shown, playout } = watch({ clockError });
      clock.advance(10_000);
      assert.ok(shown.length > 220, `${shown.length} frames shown`);
      assertPresent(delay());
      cut(15_000);
      clock.advance(3000);
      assertPresent(delay());
      const [{ frame, at }] = shown.slice(-1) as [(typeof shown)[number]];
      const latency = at - playout.live.capturedAt(frame);
      assert.ok(latency >= 0 && latency < 500, `${latency} ms`);
    });
  }

  it('that comes in bursts is played evenly, and every frame shown', () => {
    const { clock, shown } = watch({ burst: 6000, window: 500 });
    clock.advance(2 * minute);
    const from = shown.findIndex(({ at }) => at > 10.5 * minute);
    const steps = shown.slice(from + 1).map(({ at, frame }, index) => {
      const before = shown[from + index] as (typeof shown)[number];
      return [at - before.at, frame.seq - before.frame.seq] as const;
    });
    assert.ok(steps.every(([ms]) => ms > 30 && ms < 60));
    assert.ok(steps.every(([, seqs]) => seqs === 1));
  });

  it('is never passed over where its delay is not bounded', () => {
    const { clock, cut, delay } = watch({ maxDelay: 0 });
    clock.advance(5000);
    cut(15_000);
    clock.advance(3000);
    assert.ok(delay() > 14_000, `${delay()} ms behind`);
  });
});

describe('A recorded stream', () => {
  it('is played from where it was, however late it comes', () => {
    const clock = new FakeClock();
    const shown: number[] = [];
    const playout = new Playout<Playable>({
      ...{ mode: 'source', interval: 16, speed: 1, stream: '', timeout: 0, clock, maxDelay: 1000 },
      untrackedLimits: { maxFrames: 1200, maxBytes: 64e6 },
      onShow: ({ frame }) => shown.push(frame.seq),
      onDrop: () => assert.fail('a frame was passed over'),
      onState: () => {},
      onEnded: () => {},
      onStarved: () => {},
    });
    clock.advance(minute);
    for (let seq = 0; seq < 500; seq += 1) {
      const frame: Frame = {
        ...{ stream: 'clip', session: 'first', seq, pts: seq * step, duration: step, time: 0 },
        ...{ width: 16, height: 9, codec: 'jpeg' },
      };
      playout.push({ frame, bytes: 1000, tracked: false });
    }
    clock.advance(minute);
    assert.equal(shown.length, 500);
    assert.equal(playout.live.viewpoint, undefined);
  });
});
