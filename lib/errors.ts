import { printable } from './printable';

/**
 * Every way this package fails on purpose. A code is API: programs test for it
 * (a Catch node does not pass it on, so the message begins with plain words, not with the code).
 */
export const errorCodes = [
  'BAD_OPTION',
  'SOURCE_NOT_FOUND',
  'SOURCE_NOT_A_FILE',
  'SOURCE_UNREADABLE',
  'SOURCE_NO_VIDEO',
  'CODEC_UNSUPPORTED',
  'SOURCE_REFUSED',
  'SOURCE_STALLED',
  'SOURCE_LOST',
  'FFMPEG_MISSING',
  'FFMPEG_FAILED',
  'DECODER_CRASHED',
  'BROKER_MISSING',
  'BROKER_UNREACHABLE',
  'TLS_FAILED',
  'LOGIN_REFUSED',
  'ACCESS_DENIED',
  'TOPIC_MISSING',
  'RECORD_TOO_LARGE',
  'SEND_FAILED',
  'FRAMES_LOST',
  'READ_FAILED',
  'BATCH_UNREADABLE',
  'COMMIT_FAILED',
  'NOT_A_FRAME',
  'KEY_FRAME_MISSING',
  'PICTURE_TOO_LARGE',
  'QUEUE_FULL',
  'CLOSED',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/**
 * An error a flow author can act on: `message` names the thing and the remedy (whatever the thing is called, it can be shown),
 * `code` tells programs which error it is, `cause` keeps what was underneath.
 */
export class VideoError extends Error {
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(printable(message), options);
    this.name = 'VideoError';
    this.code = code;
  }
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
