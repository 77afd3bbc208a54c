import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

/** The middle one; of an even number the mean of the two in the middle. */
export function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** Wall-clock ms of a program from start to exit; throws when it fails. */
export async function timeProgram(command: string, args: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  await succeeded(child, command);
  return performance.now() - started;
}

/** Runs a module of this package in a process of its own and gives what it sends to its parent, once. */
export async function runModule<Result>(path: string, args: string[]): Promise<Result> {
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const [result] = await Promise.all([once(child, 'message'), succeeded(child, path)]);
  return result[0] as Result;
}

async function succeeded(child: ChildProcess, name: string): Promise<void> {
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${name} ended with ${signal ?? code}`);
}

/** Ms from a program's start to the first byte it writes; it is ended then. */
export async function timeToFirstByte(command: string, args: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const ms = performance.now() - started;
  child.kill('SIGKILL');
  await once(child, 'close');
  return ms;
}
