import type { MessagePort } from 'node:worker_threads';
import type { ErrorCode } from '../../errors';
import type { Capabilities } from '../../ffmpeg/capabilities';
import type { FfmpegTools } from '../../ffmpeg/lookup';
import type { PacketStream } from '../../ffmpeg/packet-command';

/** Packets that one ffmpeg is to make pictures of; all of it can be cloned into a thread. */
export interface TranscodeRequest {
  tools: FfmpegTools;
  capabilities: Capabilities;
  /** For errors: the stream's id. */
  name: string;
  packets: PacketStream;
  /** Of the JPEGs, 1 to 100. */
  quality: number;
}

/** What the worker runs: see `transcode-worker`. */
export interface TranscodeTask {
  request: TranscodeRequest;
  port: MessagePort;
}

/** From the main thread. */
export type TranscodeCommand =
  /** `time`: microseconds, 0 or more, a different one for each packet. `data` is not empty. */
  | { type: 'packet'; time: number; isKey: boolean; data: ArrayBuffer }
  /** A picture of so many bytes was taken. */
  | { type: 'taken'; size: number }
  /** No more packets come. */
  | { type: 'end' }
  | { type: 'stop' };

/** To the main thread. `ended` or `failed` is the last. */
export type TranscodeReport =
  | { type: 'spawned'; pid: number }
  | { type: 'gone' }
  /** ffmpeg has read so many more packets. */
  | { type: 'read'; packets: number }
  /** `time`: that of its packet. */
  | { type: 'picture'; time: number; width: number; height: number; data: ArrayBuffer }
  | { type: 'ended' }
  | { type: 'failed'; code: ErrorCode; message: string; log: readonly string[] };

/** Both sides are of one version: a message one of them doesn't know is a bug, not something to skip. */
export function unknownMessage(message: never): Error {
  return new Error(`Unknown transcoder message: ${JSON.stringify(message)}`);
}
