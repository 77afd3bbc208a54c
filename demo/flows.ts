import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './user-dir';

export interface FlowNode {
  id: string;
  type: string;
  [property: string]: unknown;
}

const example = join(root, 'examples', 'flows.json');

/**
 * Puts the example flow into a user directory, unless a flow is there already: what a person changed in the editor
 * survives. Its broker nodes are pointed at the broker found.
 */
export function installExampleFlow(userDir: string, brokers: string): FlowNode[] {
  const path = join(userDir, 'flows.json');
  const flows = JSON.parse(readFileSync(existsSync(path) ? path : example, 'utf8')) as FlowNode[];
  for (const node of flows) if (node.type === 'kafka-frame-broker') node.brokers = brokers;
  writeFileSync(path, `${JSON.stringify(flows, null, 4)}\n`);
  return flows;
}

/** The inject node that plays the clip: the first one wired to a video-source. */
export function findPlayButton(flows: FlowNode[]): string | undefined {
  const sources = new Set(flows.filter((node) => node.type === 'video-source').map((node) => node.id));
  return flows.find((node) => {
    const wires = (node.wires ?? []) as string[][];
    return node.type === 'inject' && wires.flat().some((id) => sources.has(id));
  })?.id;
}
