import type { Node, NodeMessage } from 'node-red';
import { messageOf } from '../../lib/errors';
import { printable } from '../../lib/printable';

type Look = Pick<NodeStatus, 'fill' | 'shape'>;
interface NodeStatus {
  fill: 'red' | 'green' | 'yellow' | 'blue' | 'grey';
  shape: 'ring' | 'dot';
  text: string;
}

/** Node-RED's habits: green dot works, yellow ring gets ready, grey ring rests, red ring failed. */
const looks = {
  active: { fill: 'green', shape: 'dot' },
  waiting: { fill: 'yellow', shape: 'ring' },
  idle: { fill: 'grey', shape: 'ring' },
  held: { fill: 'blue', shape: 'dot' },
  failed: { fill: 'red', shape: 'ring' },
} satisfies Record<string, Look>;

export type Condition = keyof typeof looks;

/** Shows a condition and a few words (Node-RED asks for under 20 characters) under the node. */
export function showStatus(node: Node, condition: Condition, text: string): void {
  node.status({ ...looks[condition], text: printable(text) });
}

/** Tells the flow's author what is no error. */
export function warn(node: Pick<Node, 'warn'>, text: string): void {
  node.warn(printable(text));
}

/**
 * The one way an error leaves a node: red status, and Catch through `done` where a message is at fault,
 * through `node.error` (with the message it concerns, if any) where none is to be finished.
 */
export function reportError(
  node: Node,
  error: unknown,
  options: { status: string; msg?: NodeMessage; done?: (error?: Error) => void },
): void {
  showStatus(node, 'failed', options.status);
  const cause = error instanceof Error ? error : new Error(messageOf(error));
  if (options.done !== undefined) options.done(cause);
  else node.error(cause, options.msg ?? {});
}
