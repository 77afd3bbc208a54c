import { createHash } from 'node:crypto';
import { wellFormed } from '../printable';

/** Characters of the name of a stream or a session. */
const maxNameLength = 1024;

/**
 * The name of a stream or a session, which anybody may have given, as frames have it: what Kafka can carry, and no longer than
 * names are. Different names stay different. It may still hold what should not be shown as it is: see `printable`.
 */
export function frameName(given: string): string {
  const name = wellFormed(given);
  if (name.length <= maxNameLength) return name;
  const rest = `…${createHash('sha256').update(name).digest('hex').slice(0, 32)}`;
  return name.slice(0, maxNameLength - rest.length).replace(/\p{Cs}$/u, '') + rest;
}

/** What tells a session from all others: each stream names its own. */
export function sessionKey({ stream, session }: { stream: string; session: string }): string {
  return JSON.stringify([stream, session]);
}
