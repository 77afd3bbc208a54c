import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../demo/user-dir';
import type { Flows } from './node-red';

export type FlowNode = Flows[number] & { id: string; type: string; wires?: string[][] };

/** The clip that comes with the package, as the example flow names it. */
export const exampleClip = 'node_modules/@kafka-video/node-red-dashboard-2-nodes/examples/bigbuckbunny.mp4';

/** Folder of the clips that are for tests only. */
export const mediaDir = join(root, 'test', 'media');

/** The example flow as it is shipped. */
export function exampleFlow(): FlowNode[] {
  return JSON.parse(readFileSync(join(root, 'examples', 'flows.json'), 'utf8')) as FlowNode[];
}

/** The one node of this type. */
export function nodeOf(flows: FlowNode[], type: string): FlowNode {
  const [node, ...others] = flows.filter((candidate) => candidate.type === type);
  if (node === undefined || others.length > 0) throw new Error(`not exactly one ${type} in the flow`);
  return node;
}

/** The example flow on another broker and topic, so that tests do not see each other's frames. */
export function exampleFlowOn(brokers: string, topic: string): FlowNode[] {
  const flows = exampleFlow();
  nodeOf(flows, 'kafka-frame-broker').brokers = brokers;
  nodeOf(flows, 'kafka-frame-out').topic = topic;
  nodeOf(flows, 'kafka-frame-in').topic = topic;
  nodeOf(flows, 'kafka-frame-in').group = topic;
  return flows;
}

/** Wires an output of a node to a new `test-probe`, besides what it is wired to. */
export function addProbe(flows: FlowNode[], id: string, from: FlowNode, output = 0): void {
  const wires = from.wires ?? [];
  from.wires = wires;
  while (wires.length <= output) wires.push([]);
  wires[output]?.push(id);
  flows.push(node(id, 'test-probe', [], from.z as string));
}

/** A node for a flow under test. With x and y, or Node-RED takes it for a config node. */
export function node(id: string, type: string, wires: string[][], z = 'tab', more: object = {}): FlowNode {
  return { id, type, z, x: 100, y: 100, wires, ...more };
}

let topics = 0;
/** A topic nobody else uses. */
export function uniqueTopic(): string {
  topics += 1;
  return `test-${process.pid}-${Date.now()}-${topics}`;
}
