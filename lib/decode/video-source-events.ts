import type { VideoError } from '../errors';
import type { RawOptions } from '../ffmpeg/options';
import type { EncodedFrame } from '../frame/frame';
import type { Progress } from './progress';
import type { Reconnecting } from './session';
import type { EndReason, Opened } from './worker/messages';

/** What is played, as a flow's author said it: checked when it starts. */
export interface StartRequest {
  source: unknown;
  /** Whether the source was set by who built the pipeline, not by a message: then it may be more than a path or a URL. */
  trusted?: boolean;
  /** The frames' stream id; empty = the source itself. */
  stream?: string;
  options: RawOptions;
}

export type VideoSourceState = 'idle' | 'opening' | 'playing' | 'reconnecting' | 'paused' | 'ended' | 'failed';

export type VideoSourceEvent =
  | { event: 'opened'; payload: Opened }
  | { event: 'progress'; payload: Progress }
  | { event: 'paused' | 'resumed'; payload: Progress }
  | { event: 'queued'; payload: { waiting: number } }
  | { event: 'reconnecting'; payload: Reconnecting }
  | { event: 'reconnected'; payload: Progress }
  | { event: 'warning'; payload: { message: string; log: readonly string[] } }
  | { event: 'ended'; payload: Progress & { reason: EndReason } }
  | { event: 'error'; payload: { code: string; message: string; frames: number; log: readonly string[] } };

export interface VideoSourceListener {
  /** `finish` is to be called once, when the frame is finished. */
  onFrame(frame: EncodedFrame, finish: () => void): void;
  onEvent(event: VideoSourceEvent, stream: string): void;
  /**
   * A session that had opened broke, or a live source cannot be reached and is tried again. (What cannot be opened
   * rejects `start`.)
   */
  onFailure(error: VideoError): void;
  onState(state: VideoSourceState): void;
}
