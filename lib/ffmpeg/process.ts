import { type ChildProcess, spawn } from 'node:child_process';
import { setPriority } from 'node:os';
import type { Duplex, Readable, Writable } from 'node:stream';
import { extraDescriptor, indexDescriptor } from './command';
import { DescriptionReader } from './description';
import type { RawProbe } from './ffprobe';
import { toolEnvironment } from './lookup';

/** How an ffmpeg ended. */
export type Exit =
  | { how: 'exited'; code: number }
  | { how: 'killed'; signal: NodeJS.Signals }
  | { how: 'not-started'; error: Error };

/** Ms between asking ffmpeg to end and making it. */
const patience = 1000;
/** Lines of ffmpeg's complaints kept: the last ones tell most. */
const logLength = 20;
/** A third of the weight of others on Linux: enough to let them go first, not to starve where much else runs. */
const niceness = 5;

/**
 * Lets others have the processor first: several ffmpegs take all of it, and what handles their frames, needing little,
 * would wait for its turn.
 */
function yieldTo(pid: number): void {
  try {
    setPriority(pid, niceness);
  } catch (error) {
    // Gone already, or not allowed here: then it runs as it is.
    const { code } = (error as { info?: { code?: string } }).info ?? {};
    if (code !== 'ESRCH' && code !== 'EACCES' && code !== 'EPERM') throw error;
  }
}

/** A line of the log where ffmpeg tells each one's level: `[h264 @ 0x55d0] [error] no frame!`. */
const levelled = /^((?:\[[^\]]+ @ [^\]]+\] )*)\[(\w+)\] (.*)$/;
/** What `-loglevel error` would let through. */
const complaints = new Set(['panic', 'fatal', 'error']);

/** One running ffmpeg that writes an index and images. */
export class FfmpegProcess {
  readonly pid: number | undefined;
  readonly index: Readable;
  readonly images: Readable;
  /** What it reads, where it was started so. */
  readonly stdin: Writable | undefined;
  /** The descriptor after the index: ffmpeg reads its filters from it, or writes to it. */
  readonly extra: Duplex;
  /** Settles when it is gone and all it wrote has been read. */
  readonly exit: Promise<Exit>;
  /** What it said of its input; undefined when it could not open it, or was not asked: see `openingArguments`. */
  readonly description: Promise<RawProbe | undefined>;
  readonly #child: ChildProcess;
  readonly #log: string[] = [];
  #gone = false;

  /** `env`: variables it needs in addition. `stdin`: whether there is something to read on it. */
  constructor(path: string, args: string[], env: NodeJS.ProcessEnv, stdin: 'ignore' | 'pipe' = 'ignore') {
    const child = spawn(path, args, {
      stdio: [stdin, 'pipe', 'pipe', 'pipe', 'pipe'],
      env: toolEnvironment(env),
      windowsHide: true,
    });
    this.#child = child;
    this.pid = child.pid;
    this.images = child.stdio[1] as Readable;
    this.index = child.stdio[indexDescriptor] as Readable;
    this.stdin = child.stdin ?? undefined;
    this.extra = child.stdio[extraDescriptor] as unknown as Duplex;
    // It went before it read them; why is told by its exit.
    this.extra.on('error', () => {});
    this.stdin?.on('error', () => {});
    if (child.pid !== undefined) yieldTo(child.pid);
    this.description = this.#readLog(child.stdio[2] as Readable);
    this.exit = new Promise((resolve) => {
      child.once('error', (error) => {
        // `error` also tells of a signal that could not be sent; only without a process is it the end.
        if (child.pid === undefined) resolve({ how: 'not-started', error });
      });
      child.once('close', (code, signal) => {
        resolve(signal !== null ? { how: 'killed', signal } : { how: 'exited', code: code ?? 0 });
      });
    });
    this.exit.then(() => {
      this.#gone = true;
    });
  }

  /** The last lines it complained with. */
  get log(): readonly string[] {
    return this.#log;
  }

  /** Tells an ffmpeg that waits for its filters what they are. */
  setFilters(filters: readonly string[]): void {
    this.extra.end(filters.join(','));
  }

  /** Ends it, whatever it does: resolves when it is gone. What it wrote and nobody read is thrown away. */
  async kill(): Promise<Exit> {
    if (!this.#gone && this.pid !== undefined) {
      // It may be blocked writing, where it hears no signal: a closed pipe wakes it.
      this.index.destroy();
      this.images.destroy();
      this.stdin?.destroy();
      this.extra.destroy();
      this.#child.kill('SIGTERM');
      const timer = setTimeout(() => this.#child.kill('SIGKILL'), patience);
      await this.exit;
      clearTimeout(timer);
    }
    return this.exit;
  }

  /** Keeps the complaints, to the end. Resolves with the description when it is complete. */
  #readLog(stderr: Readable): Promise<RawProbe | undefined> {
    const reader = new DescriptionReader();
    return new Promise((resolve) => {
      let rest = '';
      const read = (line: string) => {
        const [, context, level, words] = levelled.exec(line) ?? [];
        if (words === undefined || complaints.has(level as string)) this.#complain(`${context ?? ''}${words ?? line}`);
        else if (context === '') {
          const description = reader.push(words);
          if (description !== undefined) resolve(description);
        }
      };
      stderr.setEncoding('utf8');
      stderr.on('data', (text: string) => {
        const lines = (rest + text).split(/\r?\n/);
        rest = (lines.pop() ?? '').slice(-1000);
        for (const line of lines) read(line);
      });
      stderr.on('close', () => {
        read(rest);
        resolve(reader.description);
      });
    });
  }

  #complain(line: string): void {
    if (line.trim() === '') return;
    this.#log.push(line);
    this.#log.splice(0, this.#log.length - logLength);
  }
}

/** Ends an ffmpeg that the thread which ran it has left behind, if it is still there. */
export function killOrphan(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // Gone by itself: its pipes closed with the thread.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
