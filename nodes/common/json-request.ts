import { VideoError } from '../../lib/errors';

/** What is used of an Express request. */
export interface JsonRequest {
  body?: unknown;
  is(type: string): string | false | null;
}

/**
 * The body of a request to the admin API, which has to be JSON: that much a form of another site cannot send, where the editor has
 * no login. Throws BAD_OPTION.
 */
export function jsonBodyOf(request: JsonRequest): object {
  if (request.is('application/json') && typeof request.body === 'object' && request.body !== null) return request.body;
  throw new VideoError('BAD_OPTION', 'This has to be asked for in JSON.');
}
