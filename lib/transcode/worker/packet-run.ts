import type { Readable } from 'node:stream';
import { PacketReader } from '../../decode/worker/packet-reader';
import { notStarted, quote } from '../../ffmpeg/exit-verdict';
import { DecodeError } from '../../ffmpeg/fault';
import { packetArguments } from '../../ffmpeg/packet-command';
import { type Exit, FfmpegProcess } from '../../ffmpeg/process';
import { Window } from '../../flow/window';
import { type Clock, systemClock, type TimerHandle } from '../../time/clock';
import { matroskaHeader, matroskaPacket } from './matroska';
import type { TranscodeReport, TranscodeRequest } from './messages';

/** How much is read ahead of whoever takes the pictures. */
const ahead = { maxFrames: 4, maxBytes: 16_000_000 };

/** Ms that ffmpeg may take to read on, or to give the next picture: it needs far less for the largest. */
const patience = 60_000;

/** One ffmpeg that makes pictures of packets. */
export class PacketRun {
  readonly #request: TranscodeRequest;
  readonly #report: (report: TranscodeReport) => void;
  readonly #ffmpeg: FfmpegProcess;
  readonly #window = new Window(ahead);
  readonly #clock: Clock;
  /** Runs while ffmpeg has something to do. */
  #timer: TimerHandle | undefined;
  #unread = 0;
  #pictures = 0;
  #isStalled = false;
  #state: 'open' | 'ending' | 'stopped' = 'open';

  /** `report` takes each report; a picture's `data` is handed over for good. */
  constructor(request: TranscodeRequest, report: (report: TranscodeReport) => void, clock: Clock = systemClock) {
    const { tools, capabilities, packets, quality } = request;
    this.#request = request;
    this.#report = report;
    this.#clock = clock;
    const args = packetArguments(packets, quality, capabilities);
    this.#ffmpeg = new FfmpegProcess(tools.ffmpeg, args, {}, 'pipe');
    const { pid, extra, exit } = this.#ffmpeg;
    if (pid !== undefined) {
      report({ type: 'spawned', pid });
      void exit.then(() => report({ type: 'gone' }));
    }
    this.#countRead(extra);
    this.#write(matroskaHeader(packets.codec, packets.width, packets.height));
  }

  push(time: number, isKey: boolean, data: ArrayBuffer): void {
    if (this.#state !== 'open') return;
    this.#unread += 1;
    if (this.#timer === undefined) this.#watch();
    this.#write(matroskaPacket(time, isKey, new Uint8Array(data)));
  }

  /** A picture of `size` bytes was taken. */
  taken(size: number): void {
    this.#window.release(size);
  }

  /** No more packets come: what ffmpeg still holds comes out. */
  end(): void {
    if (this.#state !== 'open') return;
    this.#state = 'ending';
    this.#watch();
    this.#ffmpeg.stdin?.end();
  }

  /** Ends ffmpeg; pictures that are not out are dropped. */
  stop(): void {
    this.#state = 'stopped';
    this.#window.close();
    void this.#ffmpeg.kill();
  }

  /**
   * Reports the pictures, to the end. Throws FFMPEG_MISSING, DECODER_CRASHED when it was killed, FFMPEG_FAILED when it failed, ended
   * unasked or made no picture at all, SOURCE_STALLED when it did not go on. ffmpeg is gone when it settles.
   */
  async finish(): Promise<void> {
    try {
      const reader = new PacketReader(this.#ffmpeg.index, this.#ffmpeg.images);
      for (let entry = await reader.next(); entry !== undefined; entry = await reader.next()) {
        if (!(await this.#window.acquire(entry.size))) return;
        const data = await reader.read(entry);
        if (data === undefined) break;
        this.#pictures += 1;
        this.#watch();
        const { width, height } = entry;
        this.#report({ type: 'picture', time: Math.round(entry.pts * 1000), width, height, data });
      }
      const exit = await this.#ffmpeg.exit;
      if (this.#state !== 'stopped') this.#judge(exit);
    } finally {
      this.#clock.clearTimeout(this.#timer);
      this.#state = 'stopped';
      await this.#ffmpeg.kill();
    }
  }

  /** Waits anew for ffmpeg to do something, if it has something to do. */
  #watch(): void {
    this.#clock.clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#state === 'stopped' || (this.#state === 'open' && this.#unread === 0)) return;
    this.#timer = this.#clock.setTimeout(() => {
      // Nobody takes its pictures: then it is not to go on.
      if (this.#window.full) return this.#watch();
      this.#isStalled = true;
      void this.#ffmpeg.kill();
    }, patience);
  }

  #write(bytes: Buffer): void {
    this.#ffmpeg.stdin?.write(bytes);
  }

  /** ffmpeg's copy of the packets' index tells of each that it has read, also of those that make no picture. */
  #countRead(index: Readable): void {
    let isLineStart = true;
    let isHeader = false;
    index.on('data', (text: Buffer) => {
      let packets = 0;
      for (const byte of text) {
        if (isLineStart) isHeader = byte === 0x23;
        isLineStart = byte === 0x0a;
        if (isLineStart && !isHeader) packets += 1;
      }
      if (packets === 0) return;
      this.#unread -= packets;
      this.#watch();
      this.#report({ type: 'read', packets });
    });
  }

  #judge(exit: Exit): void {
    const { tools, name } = this.#request;
    const { log } = this.#ffmpeg;
    const after = `after ${this.#pictures} pictures of ${name}${quote(log)}`;
    const goesOn = 'It goes on at the next key frame';
    if (this.#isStalled) {
      const what = `ffmpeg did not go on for ${patience / 1000} s`;
      throw new DecodeError('SOURCE_STALLED', `${what} ${after} and was ended. ${goesOn}`, log);
    }
    switch (exit.how) {
      case 'not-started':
        throw notStarted(tools, exit.error);
      case 'killed':
        throw new DecodeError('DECODER_CRASHED', `ffmpeg was ended by ${exit.signal} ${after}. ${goesOn}`, log);
      case 'exited':
        if (exit.code === 0 && this.#state === 'ending' && this.#pictures > 0) return;
        throw new DecodeError(
          'FFMPEG_FAILED',
          `ffmpeg could not decode the video (exit code ${exit.code}) ${after}. ${goesOn}; check the camera or its encoder`,
          log,
        );
    }
  }
}
