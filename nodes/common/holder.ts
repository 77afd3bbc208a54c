import type { FlowNode } from './completion-tracker';
import type { InFlight } from './in-flight';

/** A node that has frames of a source and does not finish them. */
export interface Holder {
  node: FlowNode;
  /** How many it has. */
  frames: number;
}

/** Node-RED's own nodes that keep messages until there are enough of them, and finish them then. */
const collectors = new Set(['batch', 'join', 'sort']);
/** Those of them that keep messages for a time, or for another message. */
const keepers = new Set(['delay', 'split', 'trigger']);

/**
 * Of the nodes that have frames, and how many, the one with the most; of several, the one furthest into the flow, for which
 * those before it wait.
 */
export function mainHolder(counts: ReadonlyMap<FlowNode, number>): Holder | undefined {
  let main: Holder | undefined;
  for (const [node, frames] of counts) {
    if (main === undefined || frames >= main.frames) main = { node, frames };
  }
  return main;
}

/** What stands under a source that is held: "held by join (30 of 30 frames)". */
export function heldBy({ node, frames }: Holder, { limits, fullBy }: InFlight): string {
  const amount =
    fullBy === 'bytes' ? `${frames} frames, ${megabytes(limits.maxBytes)}` : `${frames} of ${limits.maxFrames} frames`;
  return `held by ${node.name || node.type} (${amount})`;
}

/**
 * Whether a node that let its `deadline` (ms) pass waits for more frames than its source may have in flight, and so for
 * ever.
 */
export function collectsTooMany({ node }: Holder, { fullBy, sinceLast }: InFlight, deadline: number): boolean {
  return fullBy !== undefined && sinceLast >= deadline / 2 && collectors.has(node.type ?? '');
}

/** Why a node is no longer waited for, which had a frame for `deadline` ms. */
export function overdueWarning(holder: Holder, source: FlowNode, inFlight: InFlight, deadline: number): string {
  const what = collectsTooMany(holder, inFlight, deadline)
    ? `collects more frames than may be in flight: it has ${holder.frames}, and ${limitOf(source, inFlight)}. Raise that, or collect fewer`
    : overdueReason(holder, source, inFlight, deadline);
  return (
    `${nameOf(holder.node)} ${what}. ` +
    'From now on its frames count as finished once it has received them, so it no longer slows their source down.'
  );
}

function overdueReason({ node, frames }: Holder, source: FlowNode, inFlight: InFlight, deadline: number): string {
  const type = node.type ?? '';
  const time = `${deadline / 1000} s`;
  if (collectors.has(type) || keepers.has(type)) {
    return `kept a video frame for more than ${time}: if it is meant to, raise kafkaVideo.frameDeadline in settings.js`;
  }
  const complaint = `did not finish a video frame within ${time}`;
  if (inFlight.fullBy === undefined) return `${complaint}: it threw, or never calls done`;
  const limit = limitOf(source, inFlight);
  return `${complaint}: it threw, never calls done, or waits for more frames than fit (it has ${frames}, and ${limit})`;
}

function limitOf(source: FlowNode, { limits, fullBy }: InFlight): string {
  const [property, limit] =
    fullBy === 'bytes' ? ['Max memory', megabytes(limits.maxBytes)] : ['Max frames', limits.maxFrames];
  return `"${property}" of ${nameOf(source)} is ${limit}`;
}

const megabytes = (bytes: number) => `${bytes / 1_000_000} MB`;
const nameOf = ({ id, type, name }: FlowNode) => `${type} node ${name ? `"${name}"` : id}`;
