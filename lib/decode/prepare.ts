import { randomUUID } from 'node:crypto';
import { VideoError } from '../errors';
import { findCapableFfmpeg } from '../ffmpeg/capabilities';
import { type DecodeOptions, parseOptions } from '../ffmpeg/options';
import type { WindowLimits } from '../flow/window';
import { isOfWeb } from '../source/networks';
import { maxSourceLength, resolveSource } from '../source/resolve';
import { defaultStreamOf, likelyStreamOf } from '../source/shown';
import type { Source, SourceRules } from '../source/source';
import type { StartRequest } from './video-source-events';
import type { DecodeRequest } from './worker/messages';

export interface PrepareOptions {
  /** ffmpeg to use instead of the one that would be found. */
  ffmpegPath?: string;
  /** What its sources may be. */
  rules: Omit<SourceRules, 'trusted' | 'imageRate'>;
  limits: WindowLimits;
  /** Told when a source is about to be played under its own stream id, as none was given. */
  onDefaultStream?: (stream: string, source: Source) => void;
}

/** Everything a decoder needs to play what was asked for. Throws as `parseOptions`, `resolveSource` and `findCapableFfmpeg` do. */
export async function prepareRequest(request: StartRequest, settings: PrepareOptions): Promise<DecodeRequest> {
  const { ffmpegPath, limits } = settings;
  const options = parseOptions(request.options);
  const rules = { ...settings.rules, trusted: request.trusted === true, imageRate: options.fps, ...inputOf(options) };
  const [source, found] = await Promise.all([resolveSource(request.source, rules), findCapableFfmpeg({ ffmpegPath })]);
  if (options.every !== undefined && !isOfWeb(source)) {
    throw new VideoError(
      'BAD_OPTION',
      `every is for the URL of a picture (http, https), not for ${source.name}: clear it`,
    );
  }
  const stream = request.stream || defaultStreamOf(source);
  if (!request.stream) settings.onDefaultStream?.(stream, source);
  return { ...found, source, options, stream, session: randomUUID(), limits };
}

/** Reads a position as a message gives it: ms from the beginning of the video, 0 or more. Throws BAD_OPTION. */
export function checkPosition(position: unknown): number {
  if (typeof position === 'number' && Number.isFinite(position) && position >= 0) return position;
  const given = typeof position === 'number' ? position : JSON.stringify(position);
  throw new VideoError('BAD_OPTION', `position is ${given}: give ms from the beginning of the video`);
}

/** What of the options says how the source itself is opened. */
function inputOf(options: DecodeOptions): Pick<SourceRules, 'transport' | 'live' | 'follow' | 'inputOptions'> {
  const { transport, live, every, follow, stallTimeout, inputOptions } = options;
  return {
    ...{ transport, live: live || every !== undefined, inputOptions },
    follow: follow ? stallTimeout : undefined,
  };
}

/** The stream's name before its source is resolved, which it may never be. */
export function nameOf({ stream, source }: StartRequest): string {
  return stream || likelyStreamOf(String(source).slice(0, maxSourceLength));
}
