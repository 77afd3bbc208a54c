import type { Node } from 'node-red';
import type { Source } from '../../lib/source/source';
import { warn } from '../common/status';

interface Claim {
  stream: string;
  /** What is opened; it may hold a login. */
  input: string;
}

/** What the nodes of this runtime play under an id that they were not given. */
const claims = new Map<Node, Claim>();

/** Pairs of nodes that were warned of: for as long as both exist, once is enough. */
const warned = new WeakMap<Node, WeakSet<Node>>();

/**
 * Notes that a node plays a source under its default stream id. Warns when another node plays another source under the same: two
 * cameras may differ in nothing but what an id may not show.
 */
export function claimStream(node: Node, stream: string, { input }: Pick<Source, 'input'>): void {
  claims.set(node, { stream, input });
  for (const [other, claim] of claims) {
    if (claim.stream !== stream || claim.input === input || hasWarned(node, other)) continue;
    warn(
      node,
      `Both ${titleOf(other)} and ${titleOf(node)} send the stream ${stream}, though from different sources, so their frames mix. Give each a stream ID`,
    );
  }
}

/** The node no longer plays it. */
export function releaseStream(node: Node): void {
  claims.delete(node);
}

function hasWarned(one: Node, other: Node): boolean {
  const before = warned.get(one)?.has(other) || warned.get(other)?.has(one);
  warned.set(one, (warned.get(one) ?? new WeakSet()).add(other));
  return before === true;
}

function titleOf({ name, type, id }: Node): string {
  return name ? `"${name}"` : `the ${type} node ${id}`;
}
