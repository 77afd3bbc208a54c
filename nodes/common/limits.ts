import type { WindowLimits } from '../../lib/flow/window';
import { readNumber } from '../../lib/read-number';

/** Ms: Node.js fires longer timers at once. */
export const longestTimer = 2 ** 31 - 1;

const defaults = { frames: 30, megabytes: 64 };

/** How much a source may have unfinished in its flow, as its properties say. Throws BAD_OPTION. */
export function windowLimits(config: { maxFrames?: unknown; maxMegabytes?: unknown }): WindowLimits {
  const frames = readNumber('Max frames', config.maxFrames, { min: 1, max: 1_000_000, whole: true });
  const megabytes = readNumber('Max memory', config.maxMegabytes, { above: 0, max: 1_000_000 });
  return { maxFrames: frames ?? defaults.frames, maxBytes: (megabytes ?? defaults.megabytes) * 1_000_000 };
}
