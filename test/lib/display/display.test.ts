import assert from 'node:assert/strict';
import { Display } from '../../../lib/display/display';
import type { DisplayEvent } from '../../../lib/display/display-event';
import type { DisplayOptions, ViewedFrame } from '../../../lib/display/display-options';
import type { Picture } from '../../../lib/display/picture';
import type { DisplayReport } from '../../../lib/display/report';
import { type DisplayItem, presentationLead } from '../../../lib/display/screen';
import type { VideoError } from '../../../lib/errors';
import type { Frame } from '../../../lib/frame/frame';
import { FakeClock } from '../../support/fake-clock';
import { frameOf } from '../../support/frames';

const data = Buffer.from('picture');

function setUp(more: Partial<DisplayOptions<DisplayItem>> = {}) {
  const clock = new FakeClock();
  const shown: Frame[] = [];
  const dropped: string[] = [];
  const refused: (VideoError | undefined)[] = [];
  const events: DisplayEvent[] = [];
  const reports: DisplayReport[] = [];
  const pictures: Picture<ViewedFrame>[] = [];
  const display = new Display<DisplayItem>({
    ...{ mode: 'source', interval: 40, speed: 1, stream: '', timeout: 0, clock },
    onShow: ({ frame }) => shown.push(frame),
    onDrop: (_item, reason) => dropped.push(reason),
    onRefuse: (_item, error) => refused.push(error),
    onEvent: (event) => events.push(event),
    onReport: (report) => reports.push(report),
    ...more,
  });
  display.viewers.join('viewer', {
    send(picture) {
      pictures.push(picture);
      display.viewers.acknowledge('viewer', picture.screen, picture.number);
    },
  });
  const push = (frame: Frame, offset?: number) => {
    const place = offset === undefined ? undefined : { partition: 0, offset: String(offset) };
    display.push({ frame, data, bytes: data.length, tracked: true, place });
  };
  const pushSome = (count: number, frame: Partial<Frame> = {}, from = 0, isFromKafka = true) => {
    for (let seq = from; seq < from + count; seq += 1) push(frameOf(seq, frame), isFromKafka ? seq : undefined);
  };
  const named = (name: DisplayEvent['event']) => events.filter(({ event }) => event === name);
  return { clock, display, shown, dropped, refused, events, reports, pictures, push, pushSome, named };
}

const seqs = (frames: Frame[]) => frames.map(({ seq }) => seq);

describe('Display', () => {
  it('tells viewers the time each picture is meant for, evenly, however late the timers are', () => {
    const { clock, pictures, pushSome } = setUp();
    pushSome(10);
    clock.block(7);
    clock.advance(90);
    clock.block(15);
    clock.advance(300);
    const dues = pictures.map(({ due }) => due as number);
    assert.deepEqual(
      dues,
      dues.map((_, index) => (dues[0] as number) + index * 40),
    );
    assert.ok(pictures.every(({ due, shown }) => (due as number) <= shown + presentationLead + 1));
  });

  it('leaves less time to the live pictures that come later than others, instead of delaying them all', () => {
    const { clock, pictures, push } = setUp();
    for (let seq = 0; seq < 1000; seq += 1) {
      const isLate = seq % 10 === 9;
      clock.advance(isLate ? 70 : seq % 10 === 0 && seq > 0 ? 10 : 40);
      push(frameOf(seq, { live: true, time: clock.date() }));
    }
    for (const { due, shown, meta } of pictures.slice(-20)) {
      const left = (due as number) - shown;
      const expected = meta.seq % 10 === 9 ? presentationLead - 30 : presentationLead;
      assert.ok(Math.abs(left - expected) < 6, `${left} ms left, not ${expected}`);
    }
  });

  it('tells viewers with each picture how many before it should have been shown, and were not', () => {
    const { clock, pictures, pushSome } = setUp({ mode: 'live' });
    pushSome(1);
    clock.advance(100);
    pushSome(5, {}, 1);
    clock.advance(100);
    pushSome(1, {}, 6);
    clock.advance(100);
    assert.deepEqual(
      pictures.map(({ missed }) => missed),
      [0, 4, 4],
    );
  });

  it('lets live pictures and single steps be seen at once', () => {
    const live = setUp({ mode: 'live' });
    live.pushSome(1);
    live.clock.advance(5);
    assert.equal(live.pictures[0]?.due, undefined);
    const stepped = setUp();
    stepped.pushSome(10);
    stepped.display.command('step', undefined, 'message');
    assert.equal(stepped.pictures.at(-1)?.due, undefined);
  });

  it('refuses pictures too large for a browser, complains once and counts them, and shows the next', () => {
    const { clock, pictures, refused, reports, push, named } = setUp({ mode: 'live' });
    for (let seq = 0; seq < 100; seq += 1) push(frameOf(seq, { width: 16_383, height: 16_383 }));
    clock.advance(1500);
    assert.equal(refused.length, 100);
    assert.deepEqual(
      refused.flatMap((error) => error?.code ?? []),
      ['PICTURE_TOO_LARGE'],
    );
    assert.match(refused[0]?.message ?? '', /16383 x 16383 pixels/);
    assert.match(reports.at(-1)?.problem ?? '', /too large: 16383 × 16383/);
    assert.equal(named('dropped').at(-1)?.payload['too-large'], 100);
    assert.equal(pictures.length, 0);
    push(frameOf(100));
    clock.advance(1500);
    assert.equal(pictures.length, 1);
    assert.equal(reports.at(-1)?.problem, undefined);
  });

  it('tells its pages as little of a topic with 10,000 sessions as of one with a hundred, a few times a second at most', () => {
    let reports = 0;
    const onReport = () => {
      reports += 1;
    };
    const { clock, display, shown, push } = setUp({ onReport });
    const sizes: number[] = [];
    for (let count = 0; count < 10_000; count += 1) {
      const id = `session ${String(count).padStart(5, '0')}`;
      push(frameOf(0, { stream: `stream ${id}`, session: id, time: 1e12 + count * 40, last: true }), count);
      clock.advance(40);
      if (count % 1000 === 100) sizes.push(JSON.stringify(display.report).length);
    }
    clock.advance(1000);
    assert.equal(shown.length, 10_000);
    assert.ok(reports <= 20 + (7 * clock.now()) / 1000, `${reports} reports in ${clock.now() / 1000} s`);
    assert.equal(display.report.sessions?.length, 32);
    const [early = 0, most] = [sizes[0], Math.max(...sizes)];
    assert.ok(most < early + 50, `${early} characters after 100 sessions, then up to ${most}`);
    assert.ok(clock.pending <= 3, `${clock.pending} timers`);
  });

  for (const [where, wait] of [
    ['waits', 0],
    ['is on screen', 300],
    ['has had its time', 900],
  ] as const) {
    it(`ends a session whose last picture is too large for a browser while the one before it ${where}`, () => {
      const { clock, display, events, push, pushSome, named } = setUp({ timeout: 1000 });
      pushSome(5);
      clock.advance(wait);
      push(frameOf(5, { width: 16_383, height: 16_383, last: true }));
      clock.advance(3000);
      assert.equal(display.report.state, 'ended');
      assert.equal(named('ended')[0]?.payload.frames, 5);
      assert.ok(!events.some(({ event }) => event === 'starved'));
    });
  }

  it('keeps a pause between frames of another producer as long as it was, and is not interrupted by it', () => {
    const { clock, shown, push, named } = setUp();
    for (const [seq, time] of [0, 40, 80, 8080, 8120].entries()) push(frameOf(seq, { pts: time, time }), seq);
    clock.advance(7900);
    assert.deepEqual(seqs(shown), [0, 1, 2]);
    clock.advance(1000);
    assert.deepEqual(seqs(shown), [0, 1, 2, 3, 4]);
    assert.equal(named('state').filter(({ payload }) => payload.state === 'playing').length, 1);
  });

  it('answers what is no number, no time and no name with BAD_OPTION, and goes on as it was', () => {
    const { display } = setUp();
    const odd = [Number.NaN, Infinity, 1e308, 10n, Symbol('x'), Object.create(null), { valueOf: () => 2 }, [2], true];
    for (const value of odd) {
      for (const action of ['speed', 'seek', 'stream', 'range', value]) {
        assert.throws(() => display.command(action, value, 'message'), { code: 'BAD_OPTION' });
      }
    }
    assert.equal(display.report.speed, 1);
  });

  it('shows 8K', () => {
    const { clock, pictures, push } = setUp({ mode: 'live' });
    push(frameOf(0, { width: 8192, height: 4320 }));
    clock.advance(100);
    push(frameOf(1, { width: 4320, height: 8192 }));
    clock.advance(100);
    assert.equal(pictures.length, 2);
  });

  it('tells each frame shown, only when asked to', () => {
    const silent = setUp();
    silent.pushSome(10);
    silent.clock.advance(1000);
    assert.equal(silent.named('shown').length, 0);
    const telling = setUp({ tellShown: true });
    telling.pushSome(10);
    telling.clock.advance(1000);
    assert.deepEqual(
      telling.named('shown').map(({ payload }) => payload.seq),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
    );
  });

  it('names all streams seen, and which one is selected', () => {
    const { display, pushSome } = setUp();
    pushSome(1, { stream: 'b' });
    pushSome(1, { stream: 'a' });
    display.command('stream', 'a', 'viewer');
    assert.deepEqual(display.report.streams, ['a', 'b']);
    assert.equal(display.report.selected, 'a');
    display.command('stream', '', 'viewer');
    assert.equal(display.report.selected, '');
  });

  it('knows where a session begins and, from its last frame on, where it ends', () => {
    const { clock, display, push, pushSome } = setUp();
    pushSome(10);
    clock.advance(100);
    assert.equal(display.report.screens[0]?.end, undefined);
    push(frameOf(10, { last: true }));
    assert.equal(display.report.screens[0]?.end, 440);
  });

  describe('as a wall', () => {
    it('gives each stream a screen and a clock of its own', () => {
      const { clock, display, pictures, pushSome } = setUp({ wall: true });
      pushSome(10, { stream: 'one', session: 'one' });
      clock.advance(100);
      pushSome(10, { stream: 'two', session: 'two' });
      clock.advance(1000);
      assert.deepEqual(
        display.report.screens.map(({ stream }) => stream),
        ['one', 'two'],
      );
      for (const [screen, startedAt] of [
        [0, 0],
        [1, 100],
      ]) {
        const own = pictures.filter((picture) => picture.screen === screen);
        assert.deepEqual(seqs(own.map(({ meta }) => meta)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
        assert.equal(own[9]?.shown, (startedAt as number) + 360);
      }
    });

    it('pauses, steps and plays all screens, those that come later as well', () => {
      const { clock, display, shown, pushSome } = setUp({ wall: true });
      pushSome(5, { stream: 'one', session: 'one' });
      display.command('pause', undefined, 'viewer');
      pushSome(5, { stream: 'two', session: 'two' });
      clock.advance(10_000);
      assert.equal(shown.length, 0);
      assert.equal(display.report.state, 'paused');
      display.command('step', undefined, 'viewer');
      assert.deepEqual(
        shown.map(({ stream }) => stream),
        ['one', 'two'],
      );
      display.command('play', undefined, 'viewer');
      clock.advance(10_000);
      assert.equal(shown.length, 10);
    });

    it('shows one stream alone when it is selected, and all again', () => {
      const { clock, display, dropped, pushSome } = setUp({ wall: true });
      for (const stream of ['one', 'two']) pushSome(5, { stream, session: stream });
      display.command('stream', 'two', 'viewer');
      assert.equal(dropped.length, 5);
      pushSome(5, { stream: 'one', session: 'one' }, 5);
      assert.equal(dropped.length, 10);
      assert.equal(display.report.screens.length, 1);
      display.command('stream', '', 'viewer');
      pushSome(5, { stream: 'one', session: 'one' }, 10);
      clock.advance(1000);
      assert.equal(display.report.screens.length, 2);
    });

    it('has no more than sixteen screens, and uses those again whose stream is over', () => {
      const { clock, display, dropped, push } = setUp({ wall: true });
      for (let number = 0; number < 20; number += 1) {
        push(frameOf(0, { stream: `stream ${number}`, session: `${number}`, last: true }));
      }
      assert.equal(display.report.screens.length, 16);
      assert.equal(dropped.length, 4);
      clock.advance(1000);
      push(frameOf(0, { stream: 'new', session: 'new', last: true }));
      clock.advance(1000);
      assert.equal(display.report.screens.length, 16);
      assert.equal(display.report.screens.at(-1)?.stream, 'new');
    });
  });

  describe('time shift', () => {
    it('sends the position sought to whoever reads the frames, and drops what waited', () => {
      const { clock, display, shown, dropped, named, pushSome } = setUp();
      pushSome(20, {}, 100);
      clock.advance(100);
      display.command('seek', 1000, 'viewer');
      const [{ action, position, event } = {}] = named('seek');
      assert.deepEqual({ action, position, event }, { action: 'seek', position: { time: 1000 }, event: 'seek' });
      assert.deepEqual(dropped, Array(20 - shown.length).fill('seek'));
      pushSome(5, {}, 120);
      pushSome(5, {}, 25);
      clock.advance(5000);
      assert.deepEqual(seqs(shown).slice(-5), [25, 26, 27, 28, 29]);
      assert.ok(!seqs(shown).includes(120));
    });

    it('shows where it is when it seeks while paused', () => {
      const { clock, display, shown, pushSome } = setUp();
      pushSome(20, {}, 100);
      display.command('pause', undefined, 'viewer');
      display.command('seek', 'beginning', 'viewer');
      pushSome(10);
      clock.advance(5000);
      assert.deepEqual(seqs(shown), [100, 0]);
      assert.equal(display.report.state, 'paused');
    });

    it('plays a session again from its first frame', () => {
      const { clock, display, named, push, pushSome } = setUp();
      pushSome(10);
      push(frameOf(10, { last: true }), 10);
      clock.advance(5000);
      assert.equal(display.report.state, 'ended');
      assert.equal(display.report.screens[0]?.canReplay, true);
      display.command('replay', undefined, 'viewer');
      assert.deepEqual(named('seek')[0]?.position, { partition: 0, offset: '0' });
      pushSome(10);
      clock.advance(300);
      assert.equal(display.report.state, 'playing');
    });

    it('plays the sessions of a wall again from where the first of them begins, not from the beginning of the topic', () => {
      const { clock, display, named, push } = setUp({ wall: true });
      display.command('range', { begin: 1000, end: 99_000 }, 'message');
      push(frameOf(0, { stream: 'gate', session: 'gate', time: 60_000 }), 7);
      push(frameOf(0, { stream: 'yard', session: 'yard', time: 50_000 }), 8);
      clock.advance(1000);
      display.command('replay', undefined, 'viewer');
      assert.deepEqual(named('seek')[0]?.position, { time: 50_000 });
    });

    it('offers no replay of frames that do not come from a topic', () => {
      const { clock, display, pushSome } = setUp();
      pushSome(10, {}, 0, false);
      clock.advance(5000);
      assert.equal(display.report.screens[0]?.canReplay, false);
      assert.equal(display.report.range, undefined);
    });

    it('seeks a moment of a session at the time it was taken, however fast that was', () => {
      const { display, named, push } = setUp();
      for (let seq = 0; seq < 100; seq += 1) push(frameOf(seq, { session: 's', time: 5000 + seq * 10 }), seq);
      const { pts } = frameOf(50);
      display.command('seek', { session: 's', pts }, 'viewer');
      const [{ position } = {}] = named('seek');
      assert.deepEqual(position, { time: 5500 });
      assert.throws(() => display.command('seek', { session: 'other', pts: 0 }, 'viewer'), { code: 'BAD_OPTION' });
      assert.deepEqual(
        display.report.sessions?.map(({ session }) => session),
        ['s'],
      );
    });

    describe('to a session that begins', () => {
      const sessionAt = (offset: number) => ({ partition: 0, offset: String(offset) });
      const told = (frames: Frame[]) => frames.map(({ session, seq }) => `${session} ${seq}`);

      it('gives up what was before it, and shows it from its first frame, each once', () => {
        const { clock, display, shown, dropped, named, push } = setUp();
        for (let seq = 0; seq < 30; seq += 1) push(frameOf(seq, { session: 'old' }), seq);
        clock.advance(400);
        const before = told(shown);
        // The consumer has read on meanwhile, into the session.
        for (let seq = 0; seq < 3; seq += 1) push(frameOf(seq, { session: 'new' }), 100 + seq);
        display.command('session', sessionAt(100), 'message');
        for (let seq = 3; seq < 10; seq += 1) push(frameOf(seq, { session: 'new' }), 100 + seq);
        clock.advance(2000);
        assert.deepEqual(
          told(shown).slice(before.length),
          Array.from({ length: 10 }, (_, seq) => `new ${seq}`),
        );
        assert.equal(dropped.length, 30 - before.length);
        assert.deepEqual(named('seek'), [], 'it need not seek');
      });

      it('passes over what is still read from before it', () => {
        const { clock, display, shown, push } = setUp();
        for (let seq = 0; seq < 10; seq += 1) push(frameOf(seq, { session: 'old' }), seq);
        clock.advance(100);
        const before = shown.length;
        display.command('session', sessionAt(100), 'message');
        for (let seq = 10; seq < 20; seq += 1) push(frameOf(seq, { session: 'old' }), seq);
        push(frameOf(0, { session: 'new', last: true }), 100);
        clock.advance(1000);
        assert.deepEqual(told(shown).slice(before), ['new 0']);
      });

      it('has the consumer seek it where it is far', () => {
        const { clock, display, named, push } = setUp();
        push(frameOf(0, { session: 'old' }), 0);
        clock.advance(100);
        display.command('session', sessionAt(5000), 'message');
        assert.deepEqual(named('seek')[0]?.position, sessionAt(5000));
      });

      it('plays it, though it was paused before', () => {
        const { clock, display, shown, push } = setUp();
        for (let seq = 0; seq < 30; seq += 1) push(frameOf(seq, { session: 'old' }), seq);
        clock.advance(400);
        display.command('pause', undefined, 'viewer');
        const before = shown.length;
        display.command('session', sessionAt(100), 'message');
        for (let seq = 0; seq < 10; seq += 1) push(frameOf(seq, { session: 'new' }), 100 + seq);
        clock.advance(2000);
        assert.equal(told(shown).slice(before).length, 10);
      });

      it('goes back behind it when somebody seeks later', () => {
        const { clock, display, shown, push } = setUp();
        push(frameOf(0, { session: 'old' }), 0);
        display.command('session', sessionAt(100), 'message');
        for (let seq = 0; seq < 10; seq += 1) push(frameOf(seq, { session: 'new' }), 100 + seq);
        clock.advance(200);
        display.command('seek', 'beginning', 'viewer');
        push(frameOf(0, { session: 'old', last: true }), 0);
        clock.advance(1000);
        assert.equal(told(shown).at(-1), 'old 0');
      });
    });

    it('tells a source it is wired to that it is stopped', () => {
      const { display, named } = setUp();
      display.command('stop', undefined, 'viewer');
      assert.equal(named('stop')[0]?.action, 'stop');
      assert.equal(display.report.state, 'paused');
    });
  });

  describe('live', () => {
    /** Filmed and pushed at once for so long. */
    function film({ clock, push }: ReturnType<typeof setUp>, frames: number, from = 0) {
      for (let seq = from; seq < from + frames; seq += 1) {
        push(frameOf(seq, { live: true, time: clock.date() }), seq);
        clock.advance(40);
      }
    }

    it('returns to the present when it is told to, and sends the reader there, too, where that is far', () => {
      const shown = setUp({ timeout: 0 });
      const { clock, display, named } = shown;
      film(shown, 100);
      display.command('pause', undefined, 'viewer');
      film(shown, 150, 100);
      display.command('speed', 2, 'viewer');
      display.command('live', undefined, 'viewer');
      clock.advance(100);
      assert.deepEqual([display.report.state, display.report.speed], ['playing', 1]);
      assert.equal(display.report.screens[0]?.live, 'present');
      assert.equal(shown.shown.at(-1)?.seq, 249);
      assert.deepEqual(
        named('seek').map(({ action, position, seek }) => [action, position, typeof seek]),
        [['seek', 'end', 'string']],
      );
    });

    it('returns to the present from close by without the reader', () => {
      const shown = setUp();
      film(shown, 100);
      shown.display.command('pause', undefined, 'viewer');
      film(shown, 75, 100);
      shown.display.command('live', undefined, 'viewer');
      shown.clock.advance(100);
      assert.equal(shown.shown.at(-1)?.seq, 174);
      assert.equal(shown.named('seek').length, 0);
    });

    it('keeps a reader that would leap to the present where it was paused', () => {
      const shown = setUp();
      const { clock, display, named, push } = shown;
      const film = (frames: number, from: number, more: { isReaderLeaping: boolean; isPast?: boolean }) => {
        for (let seq = from; seq < from + frames; seq += 1) {
          const frame = frameOf(seq, { live: true, time: clock.date() });
          display.push({ frame, data, bytes: 1, tracked: true, place: { partition: 0, offset: `${seq}` }, ...more });
          clock.advance(40);
        }
      };
      const pause = () => {
        display.command('pause', undefined, 'viewer');
        clock.advance(10_000);
        display.command('play', undefined, 'viewer');
      };
      film(100, 0, { isReaderLeaping: false });
      pause();
      assert.equal(named('seek').length, 0);
      display.command('live', undefined, 'viewer');
      film(100, 350, { isReaderLeaping: true });
      const before = named('seek').length;
      const { time } = shown.shown.at(-1) as Frame;
      pause();
      assert.deepEqual(
        named('seek')
          .slice(before)
          .map(({ position }) => position),
        [{ time: time + 1 }],
      );
      push(frameOf(450, { live: true, time: time + 40 }));
      clock.advance(100);
      assert.equal(display.report.screens[0]?.live, 'past');
    });

    it('tells how far behind it is while it is paused, and that it is behind afterwards', () => {
      const shown = setUp();
      const { clock, display } = shown;
      film(shown, 100);
      assert.deepEqual([display.report.screens[0]?.live, display.report.behind], ['present', 40]);
      display.command('pause', undefined, 'viewer');
      clock.advance(79_000);
      assert.equal(display.report.behind, 79_040);
      display.command('play', undefined, 'viewer');
      assert.equal(display.report.screens[0]?.live, 'past');
    });

    it('says nothing of the present of a recorded video', () => {
      const { clock, display, pushSome } = setUp();
      pushSome(10);
      clock.advance(200);
      assert.ok(!('behind' in display.report) && !('live' in (display.report.screens[0] ?? {})));
    });

    it('tells the latency from capture to screen once a second, after a pause as well', () => {
      const shown = setUp();
      const { clock, display, named, push } = shown;
      const late = (frames: number, from: number) => {
        for (let seq = from; seq < from + frames; seq += 1) {
          push(frameOf(seq, { live: true, time: clock.date() - 30 }), seq);
          clock.advance(40);
        }
      };
      late(100, 0);
      const last = () => named('stats').at(-1)?.payload;
      assert.equal(last()?.latency, 30 + presentationLead);
      assert.equal(last()?.stream, 'clip.mp4');
      display.command('pause', undefined, 'viewer');
      late(250, 100);
      display.command('play', undefined, 'viewer');
      late(50, 350);
      assert.equal(last()?.live, 'past');
      const expected = 10_000 + 30 + presentationLead;
      assert.ok(Math.abs((last()?.latency as number) - expected) <= 50, `${last()?.latency} ms`);
      assert.ok(Math.abs((last()?.behind as number) - 10_000) <= 50, `${last()?.behind} ms behind`);
    });

    it('tells viewers when each picture was captured, on its own clock, also where a camera has a wrong one', () => {
      for (const error of [0, -3600_000, 3600_000]) {
        const { clock, pictures, push } = setUp({ mode: 'live' });
        for (let seq = 0; seq < 100; seq += 1) {
          push(frameOf(seq, { live: true, time: clock.date() + error }));
          clock.advance(40);
        }
        const { meta, shown } = pictures.at(-1) as Picture<ViewedFrame>;
        assert.ok(meta.captured <= shown && meta.captured > shown - 10, `${shown - meta.captured} ms, ${error} off`);
      }
    });
  });

  it('leaves no timer behind when closed', async () => {
    const { clock, display, pushSome } = setUp({ wall: true });
    for (const stream of ['one', 'two']) pushSome(5, { stream, session: stream });
    clock.advance(50);
    await display.close();
    assert.equal(clock.pending, 0);
  });
});
