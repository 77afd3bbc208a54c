import { once } from 'node:events';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { messageOf } from '../errors';
import { DecodeError } from '../ffmpeg/fault';
import { killOrphan } from '../ffmpeg/process';
import { noteFrameMemory } from '../frame/frame-memory';
import type { WorkerPool } from '../pool/worker-pool';
import {
  type TranscodeCommand,
  type TranscodeReport,
  type TranscodeRequest,
  type TranscodeTask,
  unknownMessage,
} from './worker/messages';

export interface RawPicture {
  /** That of its packet, microseconds. */
  time: number;
  width: number;
  height: number;
  data: Buffer;
}

export interface TranscodeListener {
  onPicture(picture: RawPicture): void;
  /** ffmpeg has read so many more packets. */
  onRead(packets: number): void;
}

/** One ffmpeg that makes pictures of packets: the main thread's side of a `PacketRun` in the pool. */
export class TranscodeRun {
  /** Settles when ffmpeg is gone and every picture has been told: with what went wrong, if something did. Never rejects. */
  readonly end: Promise<DecodeError | undefined>;
  readonly #port: MessagePort;
  readonly #listener: TranscodeListener;
  readonly #name: string;
  /** A thread that dies leaves its ffmpeg behind. */
  #pid: number | undefined;
  #state: 'running' | 'stopping' | 'over' = 'running';
  #failure: DecodeError | undefined;
  #hasEnded = false;

  constructor(pool: WorkerPool, request: TranscodeRequest, listener: TranscodeListener) {
    const { port1, port2 } = new MessageChannel();
    this.#port = port1;
    this.#listener = listener;
    this.#name = request.name;
    port1.on('message', (report: TranscodeReport) => this.#onReport(report));
    const task: TranscodeTask = { request, port: port2 };
    this.end = this.#watch(pool.run(join(__dirname, 'worker', 'transcode-worker.js'), task, [port2]));
  }

  /** `time`: microseconds, 0 or more, a different one for each packet; `data`: a copy is made. */
  push(time: number, isKey: boolean, data: Uint8Array): void {
    // What is sent is the whole buffer that the bytes are a part of.
    const copy = new Uint8Array(data).buffer;
    this.#send({ type: 'packet', time, isKey, data: copy }, [copy]);
  }

  /** A picture was taken: another may be read. */
  taken(picture: RawPicture): void {
    this.#send({ type: 'taken', size: picture.data.length });
  }

  /** No more packets come. */
  finish(): void {
    this.#send({ type: 'end' });
  }

  /** Ends ffmpeg; pictures on their way are dropped. Resolves when it is gone. */
  async close(): Promise<void> {
    this.#send({ type: 'stop' });
    if (this.#state === 'running') this.#state = 'stopping';
    await this.end;
  }

  async #watch(run: Promise<void>): Promise<DecodeError | undefined> {
    const portClosed = once(this.#port, 'close');
    try {
      await run;
      // The task's result and the port's messages come by different ways: only the port's end is after them all.
      await portClosed;
    } catch (cause) {
      this.#port.close();
      if (this.#pid !== undefined) killOrphan(this.#pid);
      this.#failure ??= this.#crash(cause);
    }
    const isStopped = this.#state === 'stopping';
    this.#state = 'over';
    if (isStopped) return undefined;
    return this.#failure ?? (this.#hasEnded ? undefined : this.#crash());
  }

  #onReport(report: TranscodeReport): void {
    switch (report.type) {
      case 'spawned':
        this.#pid = report.pid;
        return;
      case 'gone':
        this.#pid = undefined;
        return;
      case 'read':
        if (this.#state === 'running') this.#listener.onRead(report.packets);
        return;
      case 'picture': {
        const { time, width, height, data } = report;
        if (this.#state !== 'running') return;
        noteFrameMemory(data.byteLength);
        this.#listener.onPicture({ time, width, height, data: Buffer.from(data) });
        return;
      }
      case 'ended':
        this.#hasEnded = true;
        return;
      case 'failed':
        this.#failure = new DecodeError(report.code, report.message, report.log);
        return;
      default:
        throw unknownMessage(report);
    }
  }

  #send(command: TranscodeCommand, transferList: ArrayBuffer[] = []): void {
    if (this.#state === 'running') this.#port.postMessage(command, transferList);
  }

  #crash(cause?: unknown): DecodeError {
    const why = cause === undefined ? '' : ` (${messageOf(cause)})`;
    const message = `The decoder of ${this.#name} crashed${why}. It goes on at the next key frame`;
    return new DecodeError('DECODER_CRASHED', message, [], { cause });
  }
}
