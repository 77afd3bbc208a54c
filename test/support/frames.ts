import type { Frame } from '../../lib/frame/frame';

/** A frame of a 25 fps video. */
export function frameOf(seq: number, more: Partial<Frame> = {}): Frame {
  return {
    ...{ stream: 'clip.mp4', session: 'first', seq, pts: seq * 40, duration: 40, time: seq * 40 },
    ...{ width: 16, height: 9, codec: 'jpeg' },
    ...more,
  };
}

/**
 * Frames of a 25 fps compressed video with two B-frames between those that they are decoded from, in decoding order, with a key
 * frame at the beginning and after every `gop` pictures. `gop` is 1 more than a multiple of 3, or nothing is left to decode
 * its last pictures from.
 */
export function packetFrames(count: number, more: Partial<Frame> = {}, gop = 13): Frame[] {
  return Array.from({ length: count }, (_, seq) => {
    const [group, place] = [Math.floor(seq / gop), seq % gop];
    // In order of decoding: 0, 3, 1, 2, 6, 4, 5, ...
    const shown = place === 0 ? 0 : place % 3 === 1 ? place + 2 : place - 1;
    return frameOf(seq, {
      ...{ codec: 'h264', pts: (group * gop + shown) * 40, dts: (seq - 1) * 40 },
      ...(place === 0 ? { key: true, profile: 'avc1.64001f' } : {}),
      ...more,
    });
  });
}
