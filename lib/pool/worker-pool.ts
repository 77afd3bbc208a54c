// sharp's threads need the main thread to have loaded it first, and to keep it loaded:
// https://sharp.pixelplumbing.com/install/#worker-threads
import 'sharp';
import { Piscina } from 'piscina';

export interface WorkerPoolOptions {
  /** Most threads at a time. */
  maxThreads: number;
  /** Called when an idle thread dies; one that works rejects its tasks instead. */
  onError: (error: Error) => void;
  /** Ms without a task after which a thread ends. */
  idleTimeout?: number;
}

/**
 * A decoder waits for ffmpeg and for the flow nearly all the time, so many share a thread. The number is only there
 * because Piscina wants one: were it reached, sources would wait for others to end.
 */
const tasksPerThread = 1000;

/** Threads shared by decoding and image work: started when needed, ended when idle. */
export class WorkerPool {
  readonly #piscina: Piscina;

  constructor(options: WorkerPoolOptions) {
    const { maxThreads } = options;
    this.#piscina = new Piscina({
      minThreads: 0,
      maxThreads,
      idleTimeout: options.idleTimeout ?? 10_000,
      concurrentTasksPerWorker: tasksPerThread,
      // By default a worker sleeps in Atomics.wait() between tasks: deaf to its message ports, its ffmpegs and timers.
      atomics: 'disabled',
      // Piscina's own balancer fills one thread before it starts the next; ours starts all of them first.
      loadBalancer: (_task, workers) => {
        const [leastBusy] = [...workers].sort((a, b) => a.currentUsage - b.currentUsage);
        if (leastBusy === undefined) return null;
        return leastBusy.currentUsage > 0 && workers.length < maxThreads ? null : leastBusy;
      },
    });
    this.#piscina.on('error', options.onError);
  }

  /** Threads alive now. */
  get threads(): number {
    return this.#piscina.threads.length;
  }

  /**
   * Runs the default export of the module `filename` with `task` in one of the threads.
   * Rejects with what it throws, or when its thread dies.
   */
  run<Result>(
    filename: string,
    task: unknown,
    transferList: NonNullable<Parameters<Piscina['run']>[1]>['transferList'] = [],
  ): Promise<Result> {
    return this.#piscina.run(task, { filename, transferList });
  }

  /** Ends all threads; what still runs is rejected. */
  async close(): Promise<void> {
    await this.#piscina.destroy();
  }
}
