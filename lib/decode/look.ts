import { VideoError } from '../errors';
import type { RawOptions } from '../ffmpeg/options';
import type { WorkerPool } from '../pool/worker-pool';
import type { SourceRules } from '../source/source';
import { DecodeSession } from './decode-session';
import { prepareRequest } from './prepare';
import type { Opened } from './worker/messages';

/** What a source is, and what it looks like. */
export interface Look {
  opened: Opened;
  /** A JPEG. Undefined when the source ended before it gave one. */
  thumbnail?: Buffer;
}

export interface LookOptions {
  pool: WorkerPool;
  ffmpegPath?: string;
  rules: SourceRules;
  options: RawOptions;
}

/** Pixels. */
const thumbnailSize = { width: 320, height: 240 };

/** Opens a source, takes the first picture of the part that would be played, and closes it. Throws as a start does. */
export async function look(given: unknown, { pool, ffmpegPath, rules, options }: LookOptions): Promise<Look> {
  const request = await prepareRequest(
    {
      source: given,
      trusted: rules.trusted,
      options: { ...options, ...thumbnailSize, fps: undefined, loop: false, realtime: false, pictures: 'jpeg' },
    },
    { ffmpegPath, rules, limits: { maxFrames: 1, maxBytes: 1 } },
  );
  let opened: Opened | undefined;
  let thumbnail: Buffer | undefined;
  let trouble: VideoError | undefined;
  const session = new DecodeSession(pool, request, {
    onOpened: (media) => {
      opened = media;
    },
    // The window holds one frame, and that is not finished: the next ones stay in ffmpeg.
    onFrame: ({ data }) => {
      thumbnail = data;
      void session.close();
    },
    onWarning: () => {},
    // It would try again for ever.
    onReconnecting: ({ code, message }) => {
      trouble = new VideoError(code, message);
      void session.close();
    },
    onReconnected: () => {},
  });
  const end = await session.end;
  // A source that opens but gives no picture is still worth describing.
  if (opened === undefined)
    throw end.how === 'failed' ? end.error : (trouble ?? new Error(`${request.source.name} could not be opened`));
  return { opened, thumbnail };
}
