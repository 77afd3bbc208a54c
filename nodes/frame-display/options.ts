import { VideoError } from '../../lib/errors';
import { readNumber } from '../../lib/read-number';
import { displayRanges } from '../common/ranges';
import { type ViewerMode, viewerModes } from './rights';

export interface PacingFields {
  interval: string | number;
  speed: string | number;
  /** Ms; missing in flows saved before there was such a property. */
  maxDelay?: string | number;
  /** Seconds. */
  timeout: string | number;
}

const corners = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

/** The corner that is laid over; top left where nothing is said. Throws BAD_OPTION. */
export function overlayCorner(value: unknown): string {
  const corner = value === undefined || value === '' ? corners[0] : corners.find((each) => each === value);
  if (corner !== undefined) return corner;
  throw new VideoError('BAD_OPTION', `Overlay position "${value}" is unknown: use ${corners.join(', ')}.`);
}

interface PacingOptions {
  interval: number;
  speed: number;
  maxDelay: number;
  timeout: number;
}

/** How the display is paced; an empty field is the default. Throws BAD_OPTION. */
export function pacingOptions(config: PacingFields): PacingOptions {
  return {
    interval: readNumber('Interval', config.interval, displayRanges.interval) ?? 16,
    speed: readNumber('Speed', config.speed, displayRanges.speed) ?? 1,
    maxDelay: readNumber('Max delay', config.maxDelay, displayRanges.maxDelay) ?? 2000,
    timeout: (readNumber('Timeout', config.timeout, displayRanges.timeout) ?? 20) * 1000,
  };
}

/** What viewers may do: all where nothing is said. Throws BAD_OPTION for what is no such mode: then nobody may do anything. */
export function viewerMode(value: unknown): ViewerMode {
  const mode = value === undefined || value === '' ? 'all' : viewerModes.find((each) => each === value);
  if (mode !== undefined) return mode;
  throw new VideoError('BAD_OPTION', `Viewers "${value}" is unknown: use ${viewerModes.join(', ')}.`);
}
