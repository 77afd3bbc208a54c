import type { ErrorCode } from '../errors';
import type { DecodeError } from '../ffmpeg/fault';
import type { EncodedFrame } from '../frame/frame';
import type { EndReason, Opened } from './worker/messages';

export interface Reconnecting {
  /** From 1. */
  attempt: number;
  /** Ms. */
  delay: number;
  /** Why. */
  code: ErrorCode;
  message: string;
}

/** One run of a source. */
export interface Session {
  /** Settles when the source has ended and every frame has been told. Never rejects. */
  readonly end: Promise<SessionEnd>;
  pause(): void;
  resume(): void;
  /** Goes on at `position`, in ms from the source's beginning. */
  seek(position: number): void;
  /** Stops; frames on their way are dropped. Resolves when nothing of it is left. */
  close(): Promise<void>;
}

/** What a session tells, beginning after it was opened: never while it is being made. */
export interface SessionListener {
  onOpened(opened: Opened): void;
  /** `finish` gives the frame's room back; until then it counts against the window. */
  onFrame(frame: EncodedFrame, finish: () => void): void;
  /** A frame of a live source was left out, as the flow was too slow for it. */
  onSkipped(): void;
  /** The source gave frames, but something is wrong with it. */
  onWarning(message: string, log: readonly string[]): void;
  /** A live source broke off, or cannot be opened yet; the next attempt is in `delay` ms. */
  onReconnecting(trouble: Reconnecting): void;
  onReconnected(): void;
}

/** How a session ended. `closed`: by `close()`, after which nothing is told any more. */
export type SessionEnd =
  | { how: 'ended'; reason: EndReason }
  | { how: 'failed'; error: DecodeError }
  | { how: 'closed' };
