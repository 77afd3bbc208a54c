import { readNumber } from '../../lib/read-number';
import { displayRanges } from '../common/ranges';

export interface PacingFields {
  interval: string | number;
  speed: string | number;
  /** Seconds. */
  timeout: string | number;
}

/** How the display is paced; an empty field is the default. Throws BAD_OPTION. */
export function pacingOptions(config: PacingFields): { interval: number; speed: number; timeout: number } {
  return {
    interval: readNumber('Interval', config.interval, displayRanges.interval) ?? 16,
    speed: readNumber('Speed', config.speed, displayRanges.speed) ?? 1,
    timeout: (readNumber('Timeout', config.timeout, displayRanges.timeout) ?? 20) * 1000,
  };
}
