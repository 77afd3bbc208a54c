import assert from 'node:assert/strict';
import type { Frame } from '../../../lib/frame/frame';
import { PictureGroups } from '../../../lib/frame/picture-groups';
import { frameOf } from '../../support/frames';

const video = (seq: number, more: Partial<Frame> = {}) => frameOf(seq, { codec: 'h264', ...more });
const key = (seq: number, more: Partial<Frame> = {}) => video(seq, { key: true, ...more });

/** What each frame is, where all that can be decoded are passed on. */
function standings(frames: Frame[], isNumbered = true): string[] {
  const groups = new PictureGroups();
  return frames.map((frame) => {
    const standing = groups.standingOf(frame, isNumbered);
    if (standing === 'decodable') groups.passOn(frame);
    return standing;
  });
}

describe('PictureGroups', () => {
  it('takes all from a key frame on for decodable, and images anyway', () => {
    assert.deepEqual(standings([video(0), key(1), video(2), frameOf(0, { stream: 'other' })]), [
      ...['unknown', 'decodable', 'decodable', 'decodable'],
    ]);
  });

  it('takes what follows a missing frame for undecodable, up to the next key frame', () => {
    const frames = [key(0), video(1), video(3), video(4), key(5), video(6)];
    const [first, last] = [Array(2).fill('decodable'), Array(2).fill('decodable')];
    assert.deepEqual(standings(frames), [...first, 'undecodable', 'undecodable', ...last]);
  });

  it('knows a frame that comes again', () => {
    assert.deepEqual(standings([key(0), video(1), video(2), video(1), video(2), video(3)]), [
      ...['decodable', 'decodable', 'decodable', 'repeated', 'repeated', 'decodable'],
    ]);
  });

  it('misses nothing where frames are not numbered one by one', () => {
    assert.deepEqual(standings([key(0), video(7), video(9)], false), Array(3).fill('decodable'));
  });

  it('keeps sessions of one stream apart', () => {
    const other = { session: 'second' };
    assert.deepEqual(standings([key(0), key(0, other), video(1), video(1, other), video(2), video(2, other)]), [
      ...Array(6).fill('decodable'),
    ]);
  });

  it('takes what follows another codec for undecodable without a key frame of its own', () => {
    assert.deepEqual(standings([key(0), video(1, { codec: 'hevc' }), key(2, { codec: 'hevc' }), video(3)]), [
      ...['decodable', 'undecodable', 'decodable', 'undecodable'],
    ]);
    assert.deepEqual(standings([key(0), frameOf(1), video(2)]), ['decodable', 'decodable', 'undecodable']);
  });

  it('lets what came before a lost frame be passed on, and what comes behind it only from a key frame on', () => {
    const groups = new PictureGroups();
    const pass = (frame: Frame) => {
      const standing = groups.standingOf(frame);
      if (standing === 'decodable') groups.passOn(frame);
      return standing;
    };
    pass(key(0));
    groups.lose(video(2));
    assert.deepEqual([video(1), video(2), video(3), key(4), video(5)].map(pass), [
      ...['decodable', 'undecodable', 'undecodable', 'decodable', 'decodable'],
    ]);
  });

  it('misses what hangs on a first frame that was lost', () => {
    const groups = new PictureGroups();
    groups.lose(key(0));
    assert.equal(groups.standingOf(video(1)), 'undecodable');
  });

  it('remembers 1000 sessions', () => {
    const groups = new PictureGroups();
    for (let index = 0; index <= 1000; index += 1) groups.passOn(key(0, { session: `${index}` }));
    assert.equal(groups.standingOf(video(1, { session: '0' })), 'unknown');
    assert.equal(groups.standingOf(video(1, { session: '1000' })), 'decodable');
  });
});
