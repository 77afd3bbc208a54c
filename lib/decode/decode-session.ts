import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { messageOf } from '../errors';
import { DecodeError } from '../ffmpeg/fault';
import { killOrphan } from '../ffmpeg/process';
import type { EncodedFrame } from '../frame/frame';
import { noteFrameMemory } from '../frame/frame-memory';
import type { WorkerPool } from '../pool/worker-pool';
import type { Session, SessionEnd, SessionListener } from './session';
import {
  type DecodeRequest,
  type DecoderCommand,
  type DecoderReport,
  type DecodeTask,
  unknownMessage,
} from './worker/messages';

export interface DecodeSessionListener extends Omit<SessionListener, 'onFrame' | 'onSkipped'> {
  /** The frame takes up `room` bytes of the decoder's window, 0 where it does not count, until `finish` gives them back. */
  onFrame(frame: EncodedFrame, room: number): void;
}

/** One run of a source: the main thread's side of a `Decoder` in the pool. */
export class DecodeSession implements Session {
  /** Settles when the source has ended, its ffmpeg is gone and every frame has been told. Never rejects. */
  readonly end: Promise<SessionEnd>;
  readonly #port: MessagePort;
  readonly #listener: DecodeSessionListener;
  readonly #source: string;
  /** ffmpegs that run for this session: a thread that dies leaves them behind. */
  readonly #pids = new Set<number>();
  /** Sizes of finished frames that the decoder is not told of yet. */
  readonly #finished: number[] = [];
  #state: 'running' | 'closing' | 'over' = 'running';
  #lastReport: SessionEnd | undefined;

  constructor(pool: WorkerPool, request: DecodeRequest, listener: DecodeSessionListener) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#listener = listener;
    this.#source = request.source.name;
    port1.on('message', (report: DecoderReport) => this.#onReport(report));
    const task: DecodeTask = { request, port: port2 };
    this.end = this.#watch(pool.run(join(__dirname, 'worker', 'decode-worker.js'), task, [port2]));
  }

  /** A frame of so many bytes is finished. */
  finish(room: number): void {
    if (room === 0) return;
    // Frames sent in one request are acknowledged at once: one message tells of them all, for each wakes the thread.
    if (this.#finished.push(room) > 1) return;
    setImmediate(() => this.#send({ type: 'finished', sizes: this.#finished.splice(0) }));
  }

  pause(): void {
    this.#send({ type: 'pause' });
  }

  resume(): void {
    this.#send({ type: 'resume' });
  }

  /** Goes on at `position`, in ms from the source's beginning. */
  seek(position: number): void {
    this.#send({ type: 'seek', position });
  }

  /** Stops; frames on their way are dropped. Resolves when ffmpeg is gone. */
  async close(): Promise<void> {
    if (this.#state === 'running') {
      this.#send({ type: 'stop' });
      this.#state = 'closing';
    }
    await this.end;
  }

  async #watch(run: Promise<void>): Promise<SessionEnd> {
    const portClosed = once(this.#port, 'close');
    try {
      await run;
      // The task's result and the port's messages come by different ways: only the port's end is after them all.
      await portClosed;
    } catch (cause) {
      this.#port.close();
      this.#killOrphans();
      this.#lastReport ??= { how: 'failed', error: this.#crash(cause) };
    }
    const end: SessionEnd =
      this.#state === 'closing' ? { how: 'closed' } : (this.#lastReport ?? { how: 'failed', error: this.#crash() });
    this.#state = 'over';
    return end;
  }

  #onReport(report: DecoderReport): void {
    switch (report.type) {
      case 'spawned':
        this.#pids.add(report.pid);
        return;
      case 'gone':
        this.#pids.delete(report.pid);
        return;
      case 'ended':
        this.#lastReport = { how: 'ended', reason: report.reason };
        return;
      case 'failed':
        this.#lastReport = { how: 'failed', error: new DecodeError(report.code, report.message, report.log) };
        return;
      case 'opened':
        if (this.#state === 'running') this.#listener.onOpened(report.opened);
        return;
      case 'warning':
        if (this.#state === 'running') this.#listener.onWarning(report.message, report.log);
        return;
      case 'reconnecting': {
        const { attempt, delay, code, message } = report;
        if (this.#state === 'running') this.#listener.onReconnecting({ attempt, delay, code, message });
        return;
      }
      case 'reconnected':
        if (this.#state === 'running') this.#listener.onReconnected();
        return;
      case 'frame': {
        const { frame, data, room } = report;
        if (this.#state !== 'running') return;
        noteFrameMemory(data.byteLength);
        this.#listener.onFrame({ frame, data: Buffer.from(data) }, room);
        return;
      }
      default:
        throw unknownMessage(report);
    }
  }

  #send(command: DecoderCommand): void {
    if (this.#state === 'running') this.#port.postMessage(command);
  }

  #killOrphans(): void {
    for (const pid of this.#pids) killOrphan(pid);
    this.#pids.clear();
  }

  #crash(cause?: unknown): DecodeError {
    const why = cause === undefined ? '' : ` (${messageOf(cause)})`;
    return new DecodeError('DECODER_CRASHED', `The decoder of ${this.#source} crashed${why}: start it again`, [], {
      cause,
    });
  }
}
