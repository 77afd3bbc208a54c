import assert from 'node:assert/strict';
import type { Frame } from '../../../lib/frame/frame';
import { deepest, PacketsInside } from '../../../lib/transcode/packets-inside';
import { frameOf } from '../../support/frames';

describe('the packets inside a decoder', () => {
  const seqs = (frames: Frame[]) => frames.map(({ seq }) => seq);

  /** In decoding order: shown as the third, the first, the second. */
  function inside(...pts: number[]) {
    const packets = new PacketsInside();
    const times = pts.map((each, seq) => packets.add(frameOf(seq, { pts: each }), true));
    return { packets, times };
  }

  it('are those of pictures with their times', () => {
    const { packets, times } = inside(80, 0, 40);
    assert.equal(packets.take(times[1] as number).packet?.seq, 1);
    assert.equal(packets.take(times[2] as number).packet?.seq, 2);
    assert.equal(packets.take(times[0] as number).packet?.seq, 0);
    assert.deepEqual(packets.takeAll(), []);
  });

  it('give no picture where one comes that is shown later', () => {
    const { packets, times } = inside(80, 0, 40, 120);
    const { packet, passed } = packets.take(times[0] as number);
    assert.equal(packet?.seq, 0);
    assert.deepEqual(seqs(passed), [1, 2]);
    assert.deepEqual(seqs(packets.takeAll()), [3]);
  });

  it('have times of their own also where several have the same', () => {
    const { times } = inside(0, 0, 0, 0.001);
    assert.equal(new Set(times).size, 4);
  });

  it('have growing times where they are decoded in the order they are shown', () => {
    const packets = new PacketsInside();
    const times = [0, 80, 40].map((pts, seq) => packets.add(frameOf(seq, { pts }), false));
    assert.deepEqual(
      times,
      [...times].sort((a, b) => a - b),
    );
  });

  it('give no picture where the decoder has read many after them', () => {
    const { packets } = inside(1e6, 0);
    for (let seq = 2; seq < deepest + 1; seq += 1) packets.add(frameOf(seq), true);
    assert.deepEqual(packets.noteRead(deepest), []);
    assert.deepEqual(seqs(packets.noteRead(1)), [0]);
    assert.deepEqual(seqs(packets.noteRead(1)), [1]);
  });

  it('are not told from those of hours before', () => {
    const { packets } = inside(1e7);
    assert.ok(packets.isNear(frameOf(1, { pts: 1e7 - 1000 })));
    assert.ok(!packets.isNear(frameOf(1, { pts: 0 })));
    assert.ok(!packets.isNear(frameOf(1, { pts: 3e13 })));
  });
});
