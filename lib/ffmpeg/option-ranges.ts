import type { NumberRange } from '../read-number';

/** What the numbers among the decode options may be. The edit dialog goes by this, too, so it imports nothing that runs. */
export const decodeRanges = {
  fps: { above: 0, max: 1000 },
  width: { min: 1, max: 65_500, whole: true },
  height: { min: 1, max: 65_500, whole: true },
  quality: { min: 1, max: 100 },
  start: { min: 0 },
  end: { above: 0 },
  videoStream: { min: 0, whole: true },
  every: { min: 0.1, max: 86_400 },
  stallTimeout: { above: 0, max: 86_400 },
} satisfies Record<string, NumberRange>;
