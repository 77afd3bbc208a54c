import { messageOf, VideoError } from '../errors';

/** What was thrown, if it is one of ours; anything else is a fault of the decoder itself. */
export function toVideoError(error: unknown): VideoError {
  if (error instanceof VideoError) return error;
  return new VideoError('DECODER_CRASHED', `The decoder failed (${messageOf(error)}): please report this`, {
    cause: error,
  });
}
