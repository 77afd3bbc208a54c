import type { WorkerPool } from '../pool/worker-pool';
import type { Clock } from '../time/clock';
import type { Session, SessionListener } from './session';
import { SharedSession } from './shared-session';
import { Taker } from './taker';
import type { DecodeRequest } from './worker/messages';

/** What is open in each pool and may be shared, by what it plays and how. */
const shared = new WeakMap<WorkerPool, Map<string, SharedSession>>();

/**
 * Opens a source. Whoever asks for a live one that is open already, decoded the same way, shares its ffmpeg and its
 * connection: cameras allow but few.
 */
export function openSession(
  pool: WorkerPool,
  clock: Clock,
  request: DecodeRequest,
  listener: SessionListener,
): Session {
  const taker = new Taker(request, listener, clock);
  const key = shareKey(request);
  if (key === undefined) {
    new SharedSession(pool, taker);
    return taker;
  }
  const sessions = shared.get(pool) ?? new Map<string, SharedSession>();
  shared.set(pool, sessions);
  const open = sessions.get(key);
  if (open?.isJoinable) {
    open.join(taker);
    return taker;
  }
  const session = new SharedSession(pool, taker);
  sessions.set(key, session);
  void session.closed.then(() => {
    if (sessions.get(key) === session) sessions.delete(key);
  });
  return taker;
}

/**
 * The same for all who may share a decoder: all that a source and its decoding depend on, the login included, so it is
 * never to be shown. Undefined where none is shared: a file has a position for each who plays it, and a part of a source
 * is counted from when it was opened.
 */
function shareKey(request: DecodeRequest): string | undefined {
  const { stream, session, limits, capabilities, source, options, ...rest } = request;
  const mayBeLive = !source.recorded || source.kind === 'network';
  if (!mayBeLive || options.end !== undefined) return undefined;
  const { name, ...place } = source;
  // The first three are for recordings.
  const { start, loop, realtime, ...decoding } = options;
  return JSON.stringify({ ...rest, source: place, options: decoding });
}
