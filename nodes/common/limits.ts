import type { WindowLimits } from '../../lib/flow/window';
import { readNumber } from '../../lib/read-number';
import { windowRanges } from './ranges';

const defaults = { frames: 30, megabytes: 64 };

/** How much a source may have unfinished in its flow, as its properties say. Throws BAD_OPTION. */
export function windowLimits(config: { maxFrames?: unknown; maxMegabytes?: unknown }): WindowLimits {
  const frames = readNumber('Max frames', config.maxFrames, windowRanges.maxFrames);
  const megabytes = readNumber('Max memory', config.maxMegabytes, windowRanges.maxMegabytes);
  return { maxFrames: frames ?? defaults.frames, maxBytes: (megabytes ?? defaults.megabytes) * 1_000_000 };
}
