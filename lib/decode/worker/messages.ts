import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../errors';
import type { Capabilities } from '../../ffmpeg/capabilities';
import { toVideoError } from '../../ffmpeg/fault';
import type { FfmpegTools } from '../../ffmpeg/lookup';
import type { DecodeOptions } from '../../ffmpeg/options';
import type { Probe } from '../../ffmpeg/probe';
import type { WindowLimits } from '../../flow/window';
import type { Codec, Frame } from '../../frame/frame';
import type { Source } from '../../source/source';

/** What a decoder is to do; all of it can be cloned into a thread. */
export interface DecodeRequest {
  tools: FfmpegTools;
  /** Asked once for all threads, which come and go. */
  capabilities: Capabilities;
  source: Source;
  options: DecodeOptions;
  /** The stream's id in its frames. */
  stream: string;
  /** The session's id in its frames. */
  session: string;
  limits: WindowLimits;
}

/** What the worker runs: see `decode-worker`. */
export interface DecodeTask {
  request: DecodeRequest;
  port: MessagePort;
}

/** What was opened. */
export interface Opened extends Probe {
  session: string;
  /** How its frames are encoded: `jpeg`, or as they are in the source. */
  pictures: Codec;
  /** The ffmpeg that decodes: its path and version. */
  ffmpeg: string;
  ffmpegVersion: string;
}

export type EndReason = 'end of source' | 'stopped';

/** From the main thread to a decoder. */
export type DecoderCommand =
  /** Sizes of frames that are finished. */
  | { type: 'finished'; sizes: number[] }
  | { type: 'pause' }
  | { type: 'resume' }
  | { type: 'seek'; position: number }
  | { type: 'stop' };

/** From a decoder to the main thread. `ended` or `failed` is the last. */
export type DecoderReport =
  | { type: 'spawned'; pid: number }
  | { type: 'gone'; pid: number }
  | { type: 'opened'; opened: Opened }
  /** `room`: bytes the frame takes up in the window until it is finished; 0 where it does not count. */
  | { type: 'frame'; frame: Frame; data: ArrayBuffer; room: number }
  | { type: 'reconnecting'; attempt: number; delay: number; code: ErrorCode; message: string }
  | { type: 'reconnected' }
  | { type: 'warning'; message: string; log: readonly string[] }
  | { type: 'ended'; reason: EndReason }
  | { type: 'failed'; code: ErrorCode; message: string; log: readonly string[] };

/** Decoder and session are of one version: a message one of them doesn't know is a bug, not something to skip. */
export function unknownMessage(message: never): Error {
  return new Error(`Unknown decoder message: ${JSON.stringify(message)}`);
}

/** An error's way through a thread boundary, which drops its class and code. */
export function toFailure(error: unknown): DecoderReport {
  const { code, message, log } = toVideoError(error);
  return { type: 'failed', code, message, log };
}
