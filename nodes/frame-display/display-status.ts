import type { Node } from 'node-red';
import type { DisplayReport } from '../../lib/display/report';
import { type Condition, showStatus } from '../common/status';

/** How the display is doing, as its node's status. */
export function showReport(node: Node, report: DisplayReport): void {
  const { state, behind = 0 } = report;
  const isLate = state === 'playing' && behind > punctual;
  showStatus(node, isLate ? 'waiting' : conditions[state], isLate ? lateText(report) : statusText(report));
}

/** Ms that a live picture may be behind the present without being called late. */
const punctual = 3000;

const conditions: Record<DisplayReport['state'], Condition> = {
  waiting: 'waiting',
  buffering: 'waiting',
  playing: 'active',
  paused: 'held',
  ended: 'idle',
};

/** A live picture is not where it should be, or its viewers look at the past. */
function lateText({ fps, behind = 0 }: DisplayReport): string {
  const seconds = Math.round(behind / 1000);
  return `${fps} fps, ${seconds < 100_000 ? `${seconds} s late` : 'days late'}`;
}

/** Under 20 characters, as Node-RED asks. */
function statusText({ state, fps, viewers }: DisplayReport): string {
  const doing = state === 'playing' && fps > 0 ? `${fps} fps` : state;
  const text = `${doing}, ${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`;
  return text.length < 20 ? text : `${doing}, ${viewers}`;
}
