import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';

/** A program this process started and will stop. */
export interface Service {
  process: ChildProcess;
  /** Why it ended, once it has. */
  ended: Promise<string>;
  /** Asks it to end (SIGTERM), insists after `grace` ms (SIGKILL), and resolves when it is gone. */
  stop(grace?: number): Promise<void>;
}

const services = new Set<Service>();

/** Stops every service still running, the newest first. */
export async function stopServices(): Promise<void> {
  for (const service of [...services].reverse()) await service.stop();
}

/**
 * Starts a program in a process group of its own, so that Ctrl+C in the terminal reaches this process alone and the
 * services end in the order it chooses.
 */
export function startService(command: string, args: string[], options: SpawnOptions = {}): Service {
  const child = spawn(command, args, { ...options, detached: process.platform !== 'win32' });
  // Not awaited by everyone: a service that fails to start is reported by whoever waits for it to be ready.
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ?? `exit code ${code}`));
  });
  const running = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const service: Service = {
    process: child,
    ended,
    async stop(grace = 20_000) {
      if (!running()) return;
      const exit = once(child, 'exit');
      child.kill('SIGTERM');
      const insist = setTimeout(() => child.kill('SIGKILL'), grace);
      await exit;
      clearTimeout(insist);
    },
  };
  services.add(service);
  void ended.then(() => services.delete(service));
  return service;
}

/** Asks `isReady` until it says yes; throws with the reason when the service ends or `timeout` ms pass first. */
export async function untilReady(
  name: string,
  service: Service,
  isReady: () => Promise<boolean>,
  timeout: number,
): Promise<void> {
  let reason: string | undefined;
  service.ended.then((why) => {
    reason = why;
  });
  const deadline = Date.now() + timeout;
  while (!(await isReady())) {
    if (reason !== undefined) throw new Error(`${name} ended before it was ready (${reason})`);
    if (Date.now() > deadline) throw new Error(`${name} was not ready after ${timeout / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}
