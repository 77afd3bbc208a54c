import type { Frame } from '../../lib/frame/frame';

/** A frame of a 25 fps video. */
export function frameOf(seq: number, more: Partial<Frame> = {}): Frame {
  return {
    ...{ stream: 'clip.mp4', session: 'first', seq, pts: seq * 40, duration: 40, time: seq * 40 },
    ...{ width: 16, height: 9, codec: 'jpeg' },
    ...more,
  };
}
