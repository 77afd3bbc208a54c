import type { NumberRange } from '../../lib/read-number';

/*
 * What the nodes' numeric properties may be, by their names: told once for the runtime and for the edit dialogs, so it imports
 * nothing that runs. Those of video-source's decode options are in lib/ffmpeg/option-ranges.ts.
 */

type Ranges = Record<string, NumberRange>;

/** Ms: Node.js fires longer timers at once. */
const longestTimer = 2 ** 31 - 1;

/** How much a source may have unfinished in its flow. */
export const windowRanges = {
  maxFrames: { min: 1, max: 1_000_000, whole: true },
  maxMegabytes: { above: 0, max: 1_000_000 },
} satisfies Ranges;

export const brokerRanges = {
  connectionTimeout: { above: 0, max: 3_600_000 },
  requestTimeout: { above: 0, max: 3_600_000 },
} satisfies Ranges;

export const frameOutRanges = {
  maxRecordBytes: { min: 1024, max: 1_000_000_000, whole: true },
  linger: { min: 0, max: 60_000 },
  partitions: { min: 1, max: 10_000, whole: true },
  replication: { min: 1, max: 32_767, whole: true },
  retention: { min: -1, max: 1_000_000 },
} satisfies Ranges;

export const frameInRanges = {
  commitInterval: { min: 1, max: longestTimer },
  maxDelay: { min: 1, max: longestTimer },
  /** The name that `maxDelay` had. */
  keepUp: { min: 1, max: longestTimer },
} satisfies Ranges;

export const displayRanges = {
  interval: { above: 0, max: longestTimer },
  speed: { min: 0.1, max: 16 },
  /** Ms. */
  maxDelay: { min: 0, max: longestTimer },
  /** Seconds. */
  timeout: { min: 0, max: Math.floor(longestTimer / 1000) },
} satisfies Ranges;
