import type { Node } from 'node-red';
import type { DisplayReport } from '../../lib/display/report';
import { type Condition, showStatus } from '../common/status';

/** How the display is doing, as its node's status. */
export function showReport(node: Node, report: DisplayReport): void {
  showStatus(node, conditions[report.state], statusText(report));
}

const conditions: Record<DisplayReport['state'], Condition> = {
  waiting: 'waiting',
  buffering: 'waiting',
  playing: 'active',
  paused: 'held',
  ended: 'idle',
};

/** Under 20 characters, as Node-RED asks. */
function statusText({ state, fps, viewers }: DisplayReport): string {
  const doing = state === 'playing' && fps > 0 ? `${fps} fps` : state;
  const text = `${doing}, ${viewers} ${viewers === 1 ? 'viewer' : 'viewers'}`;
  return text.length < 20 ? text : `${doing}, ${viewers}`;
}
