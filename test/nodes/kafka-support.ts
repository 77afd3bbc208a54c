import type { EventEmitter } from 'node:events';
import type { NodeAPI, NodeInitializer } from 'node-red';
import helper from 'node-red-node-test-helper';
import broker from '../../nodes/kafka-frame-broker/kafka-frame-broker';
import frameIn from '../../nodes/kafka-frame-in/kafka-frame-in';
import frameOut from '../../nodes/kafka-frame-out/kafka-frame-out';
import { brokers, Collector } from '../integration/kafka-support';

helper.init(require.resolve('node-red'));

export { helper };

export type Message = Record<string, unknown> & { payload?: unknown };

/** A node of a test flow; without x and y Node-RED would take it for a configuration node. */
export const placed = (node: Record<string, unknown>) => ({ z: 'flow', x: 100, y: 100, wires: [], ...node });

export const brokerNode = (more: object = {}) => ({ id: 'broker', type: 'kafka-frame-broker', brokers, ...more });

/** Loads Kafka nodes, and others if given, in a flow with a Catch node. */
export async function loadFlow(nodes: object[], more: unknown[] = [], credentials: object = {}): Promise<void> {
  const flow = [
    { id: 'flow', type: 'tab' },
    placed({ id: 'catch', type: 'catch', scope: null, wires: [['errors']] }),
    placed({ id: 'errors', type: 'helper' }),
    ...nodes,
  ];
  const types = [broker, frameIn, frameOut, ...more] as unknown as NodeInitializer[];
  // The helper's types lack the form with credentials that returns a promise.
  const load = helper.load as unknown as (types: NodeInitializer[], flow: object[], creds: object) => Promise<void>;
  await load.call(helper, types, flow, credentials);
}

/** A message that a node keeps until it is told to be done with it. */
export interface Kept {
  msg: Message;
  done: () => void;
}

/** The type `keeper`, whose nodes keep each message they receive. */
export const keeper = (keep: (kept: Kept) => void) => (RED: NodeAPI) => {
  RED.nodes.registerType('keeper', function Keeper(this: never, config: never) {
    RED.nodes.createNode(this, config);
    const node = this as { on(event: 'input', handler: (msg: Message, send: unknown, done: () => void) => void): void };
    node.on('input', (msg, _send, done) => keep({ msg, done }));
  });
};

/** Everything a helper node receives. */
export function received(id: string): Collector<Message> {
  const collector = new Collector<Message>();
  helper.getNode(id).on('input', (msg: Message) => collector.add(msg));
  return collector;
}

/** What a Catch node passes on. */
export function messageOf(caught: Message | undefined): string {
  return (caught?.error as { message?: string } | undefined)?.message ?? '';
}

/** Waits until a node shows a status text. */
export function statusOf(id: string, pattern: RegExp): Promise<void> {
  // The test helper tells each call of a node's methods as an event; Node-RED's types know nothing of that.
  const node = helper.getNode(id) as unknown as EventEmitter;
  return new Promise((resolve) => {
    node.on('call:status', ({ args: [status] }: { args: { text?: string }[] }) => {
      if (pattern.test(status?.text ?? '')) resolve();
    });
  });
}
