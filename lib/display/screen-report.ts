import type { Viewpoint } from '../playout/live-view';
import type { PlayoutState } from '../playout/playout-options';

/** How one screen is doing. */
export interface ScreenReport {
  id: number;
  /** The stream on screen, or the one selected. */
  stream: string;
  state: PlayoutState;
  /** Frames shown in the last second. */
  fps: number;
  /** `pts` at which the session on screen began and at which it ends, once its last frame has come. */
  begin: number;
  end?: number;
  /** Whether it can be played again from its beginning. */
  canReplay: boolean;
  /** Where a live stream is looked at, and how many ms behind its present; missing for recorded ones. */
  live?: Viewpoint;
  behind?: number;
  /** What keeps the picture from coming, in words; goes when the next frame is shown or the state changes. */
  problem?: string;
}

export type ScreenEvent = 'state' | 'ended' | 'starved' | 'dropped' | 'stats';
