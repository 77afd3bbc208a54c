import { execFileSync } from 'node:child_process';

export interface ProcessInfo {
  pid: number;
  command: string;
}

/** All living descendants of a process. */
export function descendants(pid: number): ProcessInfo[] {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat=,comm='], { encoding: 'utf8' })
    .trim()
    .split('\n')
    .map((row) => {
      const [id, parent, state, ...command] = row.trim().split(/\s+/);
      return { pid: Number(id), parent: Number(parent), state: state ?? '', command: command.join(' ') };
    })
    .filter(({ state }) => !state.startsWith('Z'));
  const found: ProcessInfo[] = [];
  const visit = (parent: number) => {
    for (const row of rows.filter((candidate) => candidate.parent === parent)) {
      if (row.command === 'ps') continue;
      found.push({ pid: row.pid, command: row.command });
      visit(row.pid);
    }
  };
  visit(pid);
  return found;
}

/** Resolves once `holds` says so, asking every 50 ms; throws with `what` after `timeout` ms. For what sends no event. */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeout = 10_000,
): Promise<void> {
  const deadline = Date.now() + timeout;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeout / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
