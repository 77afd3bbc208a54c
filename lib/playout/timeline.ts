import type { Frame } from '../frame/frame';

export const pacingModes = ['source', 'interval', 'live'] as const;

/**
 * How frames are paced: by their own time stamps (`source`), one each `interval` ms (`interval`),
 * or each as soon as it is there, older ones given up (`live`).
 */
export type PacingMode = (typeof pacingModes)[number];

/** A frame's place on the playout's own time line, which runs on through sessions, seeks and gaps. */
export interface Placed {
  frame: Frame;
  /** Ms of video from the playout's beginning. */
  position: number;
  /** Ms of video until the next frame is due. */
  hold: number;
  /** Whether `hold` is the frame's own, not the fixed interval. */
  timed: boolean;
  /** The run of frames, without a break in time, that this one belongs to. */
  run: Run;
}

/** Positions are counted from the run's beginning, never summed up from frame to frame: nothing can drift. */
interface Run {
  start: number;
  /** `pts` of the run's first frame. */
  origin: number;
  /** Frames in the run so far. */
  count: number;
}

/** Ms of video that may be missing between two frames before it counts as a jump, not as lost frames. */
const longestGap = 1000;
/** The same where frames of no live stream were sent so far apart: nothing is missing. */
const longestPause = 60_000;

/** Ms of video that a frame stays for its own duration where something else follows than what it announced. */
const longestHold = 10_000;

/**
 * Places the frame that follows `previous`. Where time breaks (a new session, a seek, a gap, frames with and without
 * usable time stamps), the frame follows when the previous one has been shown for its own duration.
 * A frame without `duration` comes from a producer without timestamps: it is paced by the interval.
 */
export function placeAfter(
  previous: Placed | undefined,
  frame: Frame,
  pacing: { mode: PacingMode; interval: number },
): Placed {
  const timed = isTimed(frame, pacing.mode);
  const hold = timed ? (frame.duration as number) : pacing.interval;
  const run =
    previous !== undefined && follows(previous, frame, timed)
      ? { ...previous.run, count: previous.run.count + 1 }
      : {
          start: previous === undefined ? 0 : previous.position + Math.min(previous.hold, longestHold),
          origin: frame.pts,
          count: 0,
        };
  const position = run.start + (timed ? frame.pts - run.origin : run.count * pacing.interval);
  return { frame, position, hold, timed, run };
}

/** Whether the frame's own time stamps pace it. */
export function isTimed(frame: Frame, mode: PacingMode): boolean {
  return mode !== 'interval' && frame.duration !== undefined && frame.duration > 0;
}

function follows(previous: Placed, frame: Frame, timed: boolean): boolean {
  if (timed !== previous.timed) return false;
  if (!timed) return true;
  if (frame.session !== previous.frame.session || frame.stream !== previous.frame.stream) return false;
  const step = frame.pts - previous.frame.pts;
  // So it is with other producers' frames, whose time stamps are those of their records.
  const isPause = !frame.live && frame.time - previous.frame.time === step;
  return step > 0 && step <= previous.hold + (isPause ? longestPause : longestGap);
}
