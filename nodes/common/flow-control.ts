import type { Node, NodeAPI, NodeMessage } from 'node-red';
import type { FrameOutcome } from '../../lib/flow/outcome';
import type { WindowLimits } from '../../lib/flow/window';
import { type Clock, systemClock } from '../../lib/time/clock';
import { CompletionTracker, type FlowNode, type MessagingHooks } from './completion-tracker';
import { collectsTooMany, heldBy, mainHolder, overdueWarning } from './holder';
import { InFlight } from './in-flight';
import { settingsOf } from './settings';
import { warn } from './status';

/** One tracker serves all nodes of a runtime; it exists as long as one of them does. */
interface Shared {
  tracker: CompletionTracker;
  users: number;
  onFlowsStarted: () => void;
}
let shared: Shared | undefined;

/** How a source sends frames and learns that its flow is done with them. */
export interface SourceFlow {
  /** Sends on the node's first output; `onFinished` is called once, when no node of the flow works on the message. */
  send(msg: NodeMessage, onFinished: (outcome: FrameOutcome) => void): void;
  /**
   * Which node holds the source, in words for its status: once the window has been full for 3 s, and had no room for
   * another frame.
   */
  readonly heldBy: string | undefined;
  /** Stops waiting for every message sent. */
  close(): void;
}

/** How a sink tells frames a source waits for from those nobody holds back. */
export interface SinkFlow {
  /** Whether a source waits for this message: then it must not be dropped, and the source's window bounds how many come. */
  isTracked(msg: { _msgid?: string }): boolean;
  close(): void;
}

/** Ms without a new frame, the window being full, after which the flow holds its source rather than being slow. */
const patience = 3000;

/** `limits`: those that the source keeps to. */
export function openSourceFlow(RED: NodeAPI, node: Node, limits: WindowLimits, clock: Clock = systemClock): SourceFlow {
  const tracker = retain(RED);
  const { frameDeadline } = settingsOf(RED);
  const inFlight = new InFlight(limits, clock);
  // Made apart from the message: what is kept until it is finished must not keep the message itself (see the tracker).
  const finishing = (msgid: string, onFinished: (outcome: FrameOutcome) => void) => (outcome: FrameOutcome) => {
    inFlight.remove(msgid);
    onFinished(outcome);
  };
  const onOverdue = (overdue: FlowNode): boolean => {
    const holder = { node: overdue, frames: tracker.whereabouts(inFlight.ids()).get(overdue) ?? 0 };
    // On the node itself, so that the editor's debug sidebar leads to it.
    warn(overdue as unknown as Node, overdueWarning(holder, node, inFlight, frameDeadline));
    return !collectsTooMany(holder, inFlight, frameDeadline);
  };
  return {
    send(msg, onFinished) {
      const msgid = RED.util.generateId();
      msg._msgid = msgid;
      inFlight.add(msgid, Buffer.isBuffer(msg.payload) ? msg.payload.length : 0);
      tracker.track(msgid, () => node.send(msg), finishing(msgid, onFinished), onOverdue);
    },
    get heldBy() {
      if (inFlight.fullBy === undefined || inFlight.sinceLast < patience) return undefined;
      const holder = mainHolder(tracker.whereabouts(inFlight.ids()));
      return holder === undefined ? undefined : heldBy(holder, inFlight);
    },
    close() {
      for (const msgid of inFlight.ids()) tracker.forget(msgid);
      release(RED);
    },
  };
}

/** A sink finishes frames in its own time (a display may be paused for hours), so it is exempt from the deadline. */
export function openSinkFlow(RED: NodeAPI, node: Node): SinkFlow {
  const tracker = retain(RED);
  tracker.addPatientNode(node.id);
  return {
    isTracked: (msg) => tracker.isTracked(msg._msgid),
    close() {
      tracker.removePatientNode(node.id);
      release(RED);
    },
  };
}

function retain(RED: NodeAPI): CompletionTracker {
  if (shared === undefined) {
    const tracker = new CompletionTracker({ hooks: hooksOf(RED), deadline: settingsOf(RED).frameDeadline });
    // A deployment may have removed nodes that held frames; only now is it known which.
    const onFlowsStarted = () =>
      tracker.releaseNodes((held) => RED.nodes.getNode(held.id) !== (held as unknown as Node));
    RED.events.on('flows:started', onFlowsStarted);
    shared = { tracker, users: 0, onFlowsStarted };
  }
  shared.users += 1;
  return shared.tracker;
}

function release(RED: NodeAPI): void {
  if (shared === undefined) return;
  shared.users -= 1;
  if (shared.users > 0) return;
  RED.events.removeListener('flows:started', shared.onFlowsStarted);
  shared.tracker.close();
  shared = undefined;
}

/** The runtime hands its hooks to nodes; node-red-node-test-helper's RED lacks them, but uses the same module. */
function hooksOf(RED: NodeAPI): MessagingHooks {
  const { hooks } = RED as unknown as { hooks?: MessagingHooks };
  return hooks ?? (require('@node-red/util') as { hooks: MessagingHooks }).hooks;
}
