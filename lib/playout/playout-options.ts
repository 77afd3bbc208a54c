import { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import type { Clock } from '../time/clock';
import type { Playable, QueueLimits } from './frame-queue';
import { type PacingMode, pacingModes } from './timeline';

/**
 * `waiting`: nothing to show yet. `buffering`: a stream runs, but its next frame is not there.
 * `playing`. `paused`: nothing is shown nor given back. `ended`: the last frame has had its time and stays.
 */
export type PlayoutState = 'waiting' | 'buffering' | 'playing' | 'paused' | 'ended';

/**
 * `superseded`: live, and a newer one was there, or behind the present. `overflow`: no room. `other-stream`: not the stream shown.
 * `seek`: from before a seek. `too-large`: more pixels than a page can decode. `undecodable`: compressed video whose key frame,
 * or another frame since, is missing.
 */
export type DropReason = 'superseded' | 'overflow' | 'other-stream' | 'seek' | 'too-large' | 'undecodable';

export interface PlayoutOptions<T extends Playable> {
  mode: PacingMode;
  /** Ms per frame for frames that are not paced by their time stamps. */
  interval: number;
  /** Times the recorded pace, 0.1 to 16. */
  speed: number;
  /** Name of the stream to show; '' shows whatever comes, one session after the other. */
  stream: string;
  /** Ms without a frame to show until `onStarved`; 0 = never. */
  timeout: number;
  /**
   * Ms that a live stream may be behind the present, unless that is what the viewer wants: beyond, it is taken up at its newest
   * frame. 0 = any. Default 2000.
   */
  maxDelay?: number;
  /** Ms by which a frame may be late and be seen on its beat all the same, as it is on its way to the screen meanwhile. Default 0. */
  slack?: number;
  /** Room for frames no source waits for. */
  untrackedLimits: QueueLimits;
  /**
   * The frame is due: show it. It is given back with this. `due` is the very time, by the clock, which may have passed
   * by as much as timers are late; undefined where there is no time to keep (live, a step).
   */
  onShow: (item: T, due?: number) => void;
  /** The frame will not be shown. It is given back with this. */
  onDrop: (item: T, reason: DropReason) => void;
  onState: (state: PlayoutState, previous: PlayoutState) => void;
  /** A session's last frame has had its time. */
  onEnded: (last: Frame) => void;
  /** Nothing to show for `timeout` ms; it goes on by itself when frames come. */
  onStarved: () => void;
  clock?: Clock;
}

/** Throws BAD_OPTION for a pacing or an interval that makes no sense. */
export function checkPacing({ mode, interval }: { mode: PacingMode; interval: number }): void {
  if (!pacingModes.includes(mode)) {
    throw new VideoError('BAD_OPTION', `Pacing "${mode}" is unknown: use ${pacingModes.join(', ')}.`);
  }
  if (!(interval > 0)) {
    throw new VideoError('BAD_OPTION', `Interval ${interval} is not valid: give a number of milliseconds above 0.`);
  }
}
