import { type ErrorCode, messageOf, VideoError } from '../errors';

/** What went wrong with a source, and ffmpeg's own last lines about it, without secrets. */
export class DecodeError extends VideoError {
  readonly log: readonly string[];

  constructor(code: ErrorCode, message: string, log: readonly string[], options?: { cause?: unknown }) {
    super(code, message, options);
    this.name = 'DecodeError';
    this.log = log;
  }
}

/** What was thrown, if it is one of ours; anything else is a fault of the decoder itself. */
export function toVideoError(error: unknown): DecodeError {
  if (error instanceof DecodeError) return error;
  if (error instanceof VideoError) return new DecodeError(error.code, error.message, [], { cause: error.cause });
  const message = `The decoder failed (${messageOf(error)}): please report this`;
  return new DecodeError('DECODER_CRASHED', message, [], { cause: error });
}
