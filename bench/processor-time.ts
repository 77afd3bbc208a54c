import { readdirSync, readFileSync } from 'node:fs';

/** Processor time of a process, in ms. */
export interface ProcessorTime {
  /** All its threads. */
  total: number;
  main: number;
  /** Threads started since, which in Node-RED are those that decode. */
  started: number;
  /** All others: V8's and libuv's. */
  helpers: number;
  /** Its children that have ended since: ffmpeg and ffprobe. */
  children: number;
}

/** What /proc tells of a process at one moment, in ms. */
export interface ProcessorSnapshot {
  total: number;
  children: number;
  threads: ReadonlyMap<number, number>;
}

/** Linux counts in ticks of 10 ms. */
const tick = 10;

/** Undefined where /proc is not, or the process is not known. */
export function processorSnapshot(pid: number | undefined): ProcessorSnapshot | undefined {
  if (process.platform !== 'linux' || pid === undefined) return undefined;
  const [total, children] = times(`/proc/${pid}/stat`);
  const tids = readdirSync(`/proc/${pid}/task`).map(Number);
  return { total, children, threads: new Map(tids.map((tid) => [tid, times(`/proc/${pid}/task/${tid}/stat`)[0]])) };
}

/** What a process used since `before`. */
export function processorTimeSince(pid: number | undefined, before: ProcessorSnapshot | undefined) {
  const after = processorSnapshot(pid);
  if (before === undefined || after === undefined) return undefined;
  const spent: ProcessorTime = {
    total: after.total - before.total,
    children: after.children - before.children,
    ...{ main: 0, started: 0, helpers: 0 },
  };
  for (const [tid, ms] of after.threads) {
    const ago = before.threads.get(tid);
    spent[tid === pid ? 'main' : ago === undefined ? 'started' : 'helpers'] += ms - (ago ?? 0);
  }
  return spent;
}

/** Of a process or thread, and of its children that were waited for, in user and kernel mode: proc(5), fields 14 to 17. */
function times(path: string): [own: number, children: number] {
  const stat = readFileSync(path, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = fields.slice(11, 15).map(Number);
  return [(user + system) * tick, (childrenUser + childrenSystem) * tick];
}
