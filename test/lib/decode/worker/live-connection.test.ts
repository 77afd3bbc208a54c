import assert from 'node:assert/strict';
import { FrameSequence } from '../../../../lib/decode/worker/frame-sequence';
import { LiveConnection } from '../../../../lib/decode/worker/live-connection';
import { LiveFrames } from '../../../../lib/decode/worker/live-frames';
import { Timeline } from '../../../../lib/decode/worker/timeline';
import { Window } from '../../../../lib/flow/window';
import type { Frame } from '../../../../lib/frame/frame';
import { FakeClock } from '../../../support/fake-clock';

const bytes = 100;

/** A connection whose frames of 40 ms come all at once, into a window of four. */
class Rush {
  readonly window = new Window({ maxFrames: 4, maxBytes: 1e6 });
  readonly sequence: FrameSequence;
  readonly connection: LiveConnection;
  /** Room that each frame takes up, as it went into the flow. */
  readonly rooms: number[] = [];
  #count = 0;

  constructor(format = 'mpegts') {
    const clock = new FakeClock();
    this.sequence = new FrameSequence({ stream: 'a', session: 'b' }, clock, (_frame, _data, room) => {
      this.rooms.push(room);
    });
    const live = new LiveFrames({ frames: this.sequence, timeline: new Timeline() });
    this.connection = new LiveConnection(format, live, this.window, clock);
  }

  take(frames: number): void {
    for (let left = frames; left > 0; left -= 1) {
      const pts = this.#count * 40;
      const entry = { pts, dts: pts, isTimed: true, isKey: true, size: bytes, width: 64, height: 48 };
      this.connection.take({ entry, data: new ArrayBuffer(bytes), pts, at: 1000, duration: 40 });
      this.#count += 1;
    }
  }

  /** Takes frames until they are seconds ahead of time, which is when they are read as the window allows. */
  runAhead(): void {
    this.take(130);
  }
}

describe('LiveConnection', () => {
  it('reads a source on that comes in its time, whatever room there is', async () => {
    const rush = new Rush();
    rush.take(100);
    assert.equal(await rush.connection.ready(bytes), true);
    assert.equal(rush.window.frames, 0);
  });

  it('reads a source that comes as fast as it is read no faster than the window allows', async () => {
    const rush = new Rush();
    rush.runAhead();
    const before = rush.rooms.length;
    for (let count = 0; count < 4; count += 1) {
      assert.equal(await rush.connection.ready(bytes), true);
      rush.take(1);
    }
    assert.deepEqual(rush.rooms.slice(before), [bytes, bytes, bytes, bytes]);
    let isReady = false;
    const fifth = rush.connection.ready(bytes).then(() => {
      isReady = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(isReady, false);
    rush.window.release(bytes);
    await fifth;
  });

  it('takes the segments that a live HLS begins with for no such source', async () => {
    const rush = new Rush('hls');
    rush.runAhead();
    await rush.connection.ready(bytes);
    assert.equal(rush.window.frames, 0);
  });

  it('goes on in time where the clock of the source jumps ahead', async () => {
    const clock = new FakeClock();
    const window = new Window({ maxFrames: 4, maxBytes: 1e6 });
    const frames: Frame[] = [];
    const sequence = new FrameSequence({ stream: 'a', session: 'b' }, clock, (frame) => frames.push(frame));
    const live = new LiveFrames({ frames: sequence, timeline: new Timeline() });
    const connection = new LiveConnection('hls', live, window, clock);
    const began = clock.date();
    const wrap = 2 ** 33 / 90;
    for (let count = 0; count < 100; count += 1) {
      await connection.ready(bytes);
      const pts = count * 40 + (count < 50 ? 0 : wrap);
      const entry = { pts, dts: pts, isTimed: true, isKey: true, size: bytes, width: 64, height: 48 };
      connection.take({ entry, data: new ArrayBuffer(bytes), pts, at: clock.date(), duration: 40 });
      clock.advance(40);
    }
    connection.close();
    assert.deepEqual(
      frames.map(({ pts, time }) => [pts, time - began]),
      frames.map((_, index) => [index * 40, index * 40]),
    );
    assert.equal(frames.length, 100);
    assert.equal(window.frames, 0);
  });

  it('gives back the room of a frame that does not come, and of one that a pause leaves out', async () => {
    const rush = new Rush();
    rush.runAhead();
    await rush.connection.ready(bytes);
    rush.connection.miss(bytes);
    assert.equal(rush.window.frames, 0);
    await rush.connection.ready(bytes);
    rush.sequence.pause();
    rush.take(1);
    assert.equal(rush.window.frames, 0);
  });
});
