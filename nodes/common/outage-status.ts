import type { Node } from 'node-red';
import type { ErrorCode } from '../../lib/errors';
import type { Outage } from '../../lib/kafka/cluster/outages';
import { reportError, showStatus } from './status';

/** Says once, on the node, what is in the way; the status keeps saying since when. */
export function reportOutage(node: Node, outage: Outage): void {
  reportError(node, outage.error, { status: statusOf(outage) });
}

const words: Partial<Record<ErrorCode, string>> = {
  TOPIC_MISSING: 'topic missing',
  TLS_FAILED: 'TLS failed',
  LOGIN_REFUSED: 'login refused',
  ACCESS_DENIED: 'access denied',
  BAD_OPTION: 'wrong setting',
  COMMIT_FAILED: 'commit failed',
};

function statusOf({ error, since, hadWorked }: Outage): string {
  if (words[error.code] === undefined && !hadWorked) return 'unreachable';
  return words[error.code] ?? `lost since ${timeOfDay(since)}`;
}

/** Shows that Kafka has said nothing since then (ms since the epoch), which may be the beginning of an outage. */
export function showSilence(node: Node, since: number): void {
  showStatus(node, 'waiting', `no answer since ${timeOfDay(since)}`);
}

function timeOfDay(time: number): string {
  return new Date(time).toTimeString().slice(0, 8);
}
