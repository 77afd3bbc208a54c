import type { Clock } from '../../time/clock';
import { sleep } from '../../time/sleep';
import type { BatchReader } from './batch-reader';
import type { LagMeter } from './lag-meter';
import type { TopicTimes } from './topic-times';

export interface MonitorParts {
  lag: LagMeter;
  times: TopicTimes;
  reader: BatchReader;
  isConnected: () => boolean;
  /** Aborted when the consumer is closed. */
  signal: AbortSignal;
  clock: Clock;
}

/** Ms; everything below is a multiple of it. */
const interval = 1000;

/**
 * Keeps lag and times known. What the broker said last tells the lag while it is read; while reading is held, it has to be
 * asked. It is asked for the times of topics, too, soon for those that are not known at all. What is wrong with the broker is
 * noticed by reading.
 */
export async function monitor({ lag, times, reader, isConnected, signal, clock }: MonitorParts): Promise<void> {
  for (let seconds = 1; !signal.aborted; seconds += 1) {
    await sleep(clock, interval, signal);
    if (signal.aborted || !isConnected()) continue;
    if (seconds % 5 === 0 && reader.out.isHeld) await lag.refresh().catch(() => {});
    if (seconds % 10 === 0 || times.isWanting) await times.refresh().catch(() => {});
  }
}
