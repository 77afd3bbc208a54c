import type { FrameOutcome } from '../../lib/flow/outcome';
import { type Clock, systemClock, type TimerHandle } from '../../lib/time/clock';

/** What the tracker needs to know of a node of the flow. */
export interface FlowNode {
  id: string;
  type?: string;
  name?: string;
  _inputCallback?: InputHandler | null;
  _inputCallbacks?: InputHandler[] | null;
}
type InputHandler = (...args: never[]) => unknown;

interface Message {
  _msgid?: string;
}
interface DeliveryEvent {
  msg: Message;
  destination: { id: string; node?: FlowNode };
}
interface CompleteEvent {
  msg: Message;
  node: { id: string; node?: FlowNode };
}

/** Node-RED's messaging hooks (https://nodered.org/docs/api/hooks/messaging/): `RED.hooks`. */
export interface MessagingHooks {
  add(hook: string, callback: (event: never) => void): void;
  remove(hook: string): void;
}

export interface CompletionTrackerOptions {
  hooks: MessagingHooks;
  /** Ms a node may keep a frame before the frame counts as finished. */
  deadline: number;
  clock?: Clock;
}

/** Where one message is: how many copies each node was sent, and how many it works on. */
interface Visit {
  node: FlowNode;
  onTheWay: number;
  inside: number;
  timer: TimerHandle | undefined;
}

/**
 * Called when a node lets the deadline of a message pass, once per node. Returns whether the node is to be waited for again
 * once it completes something.
 */
type OnOverdue = (node: FlowNode) => boolean;

interface Tracked {
  msgid: string;
  visits: Map<string, Visit>;
  /** Copies of the message in the flow, the source's own hold on it included. */
  pending: number;
  onFinished: (outcome: FrameOutcome) => void;
  onOverdue: OnOverdue;
  /** Whether a copy of it was in a node that is gone. */
  isAbandoned: boolean;
}

const label = 'kafkaVideo';

/**
 * Follows messages through a flow and tells when the flow is done with each.
 *
 * A message is counted up when it is delivered to a node (`preDeliver`, or `onReceive` where a node hands it over
 * directly, as link call does), and down when the node completes it (`onComplete`). A handler declared with fewer
 * than three parameters cannot complete, so for it the message is counted down when the handler returns
 * (`postReceive`). At zero the flow is done.
 *
 * A handler that throws never completes either. So a node has `deadline` ms for a message; after it the message
 * counts as finished, the node is reported once, and until it completes something (or for good, if `onOverdue`
 * says so) it is treated like a handler that cannot complete. Nodes that rightly keep messages for long (a paused display) are exempt: see `addPatientNode`.
 */
export class CompletionTracker {
  readonly #options: CompletionTrackerOptions;
  readonly #clock: Clock;
  readonly #tracked = new Map<string, Tracked>();
  /** What a message was when its node received it: a change node may take its `_msgid` away before completing it. */
  readonly #received = new WeakMap<Message, Tracked>();
  readonly #patient = new Set<string>();
  /** Nodes that are not waited for, and whether that ends when they complete something. */
  readonly #overdue = new Map<string, { node: FlowNode; canRecover: boolean }>();

  constructor(options: CompletionTrackerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    const { hooks } = options;
    // Hooks get their handlers by parameter count: exactly one means synchronous, which the counting rests on.
    hooks.add(`preDeliver.${label}`, (event: DeliveryEvent) => this.#onPreDeliver(event));
    hooks.add(`onReceive.${label}`, (event: DeliveryEvent) => this.#onReceive(event));
    hooks.add(`postReceive.${label}`, (event: DeliveryEvent) => this.#onPostReceive(event));
    hooks.add(`onComplete.${label}`, (event: CompleteEvent) => this.#onComplete(event));
  }

  /**
   * Sends a message through `send` and calls `onFinished` once when the flow is done with it: at once where nothing
   * is wired. The source holds the message itself while sending, so that a flow that delivers synchronously cannot
   * finish it between two wires.
   */
  track(msgid: string, send: () => void, onFinished: Tracked['onFinished'], onOverdue: OnOverdue): void {
    const tracked: Tracked = { msgid, visits: new Map(), pending: 1, onFinished, onOverdue, isAbandoned: false };
    this.#tracked.set(msgid, tracked);
    try {
      send();
    } finally {
      this.#countDown(tracked, 1);
    }
  }

  /** Whether a source waits for this message to be finished. */
  isTracked(msgid: string | undefined): boolean {
    return msgid !== undefined && this.#tracked.has(msgid);
  }

  /** The nodes that these messages are in, and how many of them, in the order in which they came there. */
  whereabouts(msgids: Iterable<string>): Map<FlowNode, number> {
    const counts = new Map<FlowNode, number>();
    for (const msgid of msgids) {
      const visits = this.#tracked.get(msgid)?.visits.values() ?? [];
      for (const { node } of visits) counts.set(node, (counts.get(node) ?? 0) + 1);
    }
    return counts;
  }

  /** Exempts a node from the deadline: it finishes every message, but in its own time. */
  addPatientNode(nodeId: string): void {
    this.#patient.add(nodeId);
  }

  removePatientNode(nodeId: string): void {
    this.#patient.delete(nodeId);
  }

  /**
   * After a deployment: finishes, as abandoned, what is in nodes that no longer exist, which nobody else will. Nodes that
   * could not recover from having been too slow may have been changed, or their sources.
   */
  releaseNodes(isGone: (node: FlowNode) => boolean): void {
    for (const [id, { node, canRecover }] of this.#overdue) {
      if (!canRecover || isGone(node)) this.#overdue.delete(id);
    }
    for (const tracked of [...this.#tracked.values()]) {
      for (const visit of [...tracked.visits.values()]) {
        if (!isGone(visit.node)) continue;
        tracked.isAbandoned = true;
        this.#abandon(tracked, visit);
      }
    }
  }

  /** Stops waiting for a message; its `onFinished` is not called any more. */
  forget(msgid: string): void {
    const tracked = this.#tracked.get(msgid);
    if (tracked === undefined) return;
    this.#tracked.delete(msgid);
    for (const visit of tracked.visits.values()) this.#clock.clearTimeout(visit.timer);
  }

  close(): void {
    this.#options.hooks.remove(`*.${label}`);
    for (const msgid of [...this.#tracked.keys()]) this.forget(msgid);
  }

  #onPreDeliver({ msg, destination }: DeliveryEvent): void {
    const tracked = this.#find(msg);
    if (tracked === undefined || destination.node === undefined || !hasInput(destination.node)) return;
    this.#visit(tracked, destination.node).onTheWay += 1;
    tracked.pending += 1;
  }

  #onReceive({ msg, destination }: DeliveryEvent): void {
    const tracked = this.#find(msg);
    if (tracked === undefined || destination.node === undefined || !hasInput(destination.node)) return;
    this.#received.set(msg, tracked);
    const visit = this.#visit(tracked, destination.node);
    if (visit.onTheWay > 0) visit.onTheWay -= 1;
    else tracked.pending += 1;
    visit.inside += 1;
  }

  #onPostReceive({ msg, destination }: DeliveryEvent): void {
    const tracked = this.#received.get(msg);
    const visit = tracked?.visits.get(destination.id);
    if (tracked === undefined || visit === undefined || visit.inside === 0) return;
    if (!canComplete(visit.node) || this.#overdue.has(visit.node.id)) this.#leave(tracked, visit);
  }

  #onComplete({ msg, node }: CompleteEvent): void {
    if (this.#overdue.get(node.id)?.canRecover) this.#overdue.delete(node.id);
    const tracked = this.#received.get(msg);
    const visit = tracked?.visits.get(node.id);
    if (tracked === undefined || visit === undefined || visit.inside === 0) return;
    this.#leave(tracked, visit);
  }

  #find(msg: Message | undefined): Tracked | undefined {
    return msg?._msgid === undefined ? undefined : this.#tracked.get(msg._msgid);
  }

  #visit(tracked: Tracked, node: FlowNode): Visit {
    let visit = tracked.visits.get(node.id);
    if (visit === undefined) {
      visit = { node, onTheWay: 0, inside: 0, timer: undefined };
      tracked.visits.set(node.id, visit);
      if (!this.#patient.has(node.id)) this.#startDeadline(tracked, visit);
    }
    return visit;
  }

  #startDeadline(tracked: Tracked, visit: Visit): void {
    visit.timer = this.#clock.setTimeout(() => {
      const { node } = visit;
      if (!this.#overdue.has(node.id)) {
        this.#overdue.set(node.id, { node, canRecover: tracked.onOverdue(node) });
      }
      this.#abandon(tracked, visit);
    }, this.#options.deadline);
  }

  /** One copy of the message is done with at this node. */
  #leave(tracked: Tracked, visit: Visit): void {
    visit.inside -= 1;
    if (visit.inside === 0 && visit.onTheWay === 0) this.#endVisit(tracked, visit);
    this.#countDown(tracked, 1);
  }

  /** Nobody waits for this node any more, whatever it still has. */
  #abandon(tracked: Tracked, visit: Visit): void {
    this.#endVisit(tracked, visit);
    this.#countDown(tracked, visit.inside + visit.onTheWay);
  }

  #endVisit(tracked: Tracked, visit: Visit): void {
    this.#clock.clearTimeout(visit.timer);
    tracked.visits.delete(visit.node.id);
  }

  #countDown(tracked: Tracked, copies: number): void {
    tracked.pending -= copies;
    if (tracked.pending > 0 || this.#tracked.get(tracked.msgid) !== tracked) return;
    this.#tracked.delete(tracked.msgid);
    tracked.onFinished(tracked.isAbandoned ? 'abandoned' : 'done');
  }
}

function hasInput(node: FlowNode): boolean {
  return Boolean(node._inputCallback) || (node._inputCallbacks?.length ?? 0) > 0;
}

/** Whether any of the node's input handlers takes `done`. */
function canComplete(node: FlowNode): boolean {
  if (node._inputCallback) return node._inputCallback.length >= 3;
  return (node._inputCallbacks ?? []).some((handler) => handler.length >= 3);
}
