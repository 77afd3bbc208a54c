import { EventEmitter } from 'node:events';
import type { Node, NodeAPI, NodeMessage } from 'node-red';
import { VideoError } from '../../lib/errors';
import type { Socket } from './viewer-channel';

type Done = (error?: Error) => void;

interface Group extends Node {
  register(widget: unknown, config: object, events: object): void;
}

export interface WidgetConfig {
  id: string;
  type: string;
  z: string;
  group: string;
}

export interface DashboardWidget {
  /** Lets Dashboard handle its dynamic properties (`enabled`, `visible`, `class`, `ui_update`). */
  handle(msg: NodeMessage, done: Done): void;
  close(removed: boolean): Promise<void>;
}

const dynamicProperties = ['enabled', 'visible', 'class', 'ui_update'];

/** Whether a message is for Dashboard itself. */
export const isForDashboard = (msg: object) => dynamicProperties.some((property) => property in msg);

/**
 * Takes over the node's output: only what is sent through the function returned leaves the node. Dashboard sends from a widget's
 * node whatever a browser says (`widget-send`, and onChange of every ui-base that does not hold the widget; both in
 * nodes/config/ui_base.js), so a viewer could write into the flow.
 */
export function takeOutput(node: Node): (messages: (NodeMessage | null)[]) => void {
  const send = node.send.bind(node);
  node.send = () => {};
  return (messages) => send(messages as NodeMessage[]);
}

/**
 * Warns where a password is asked for the dashboard's pages, but not for its socket, which the frames take: httpNodeAuth is for
 * HTTP alone, and Dashboard leaves the socket to `ioMiddleware`.
 */
export function warnOfOpenSockets(RED: NodeAPI): void {
  const { httpNodeAuth, dashboard } = RED.settings as {
    httpNodeAuth?: unknown;
    dashboard?: { ioMiddleware?: unknown };
  };
  if (httpNodeAuth === undefined || dashboard?.ioMiddleware !== undefined) return;
  RED.log.warn(
    'ui-frame-display: httpNodeAuth protects the dashboard pages, but not their socket: whoever reaches it sees the video. ' +
      'Set dashboard.ioMiddleware in settings.js, too (see the README).',
  );
}

/**
 * Puts a widget on the dashboard. `props` go to every browser, so they are a choice of the node's properties.
 *
 * Dashboard gets a stand-in instead of the node: it listens to the `input` of what it is given, and every message it
 * hears is broadcast to all sockets (nodes/config/ui_base.js, register). Frames must not go that way.
 */
export function registerWidget(
  RED: NodeAPI,
  config: WidgetConfig,
  props: object,
  onHello: (socket: Socket, message: unknown) => void,
): DashboardWidget {
  const group = RED.nodes.getNode(config.group) as Group | null;
  if (typeof group?.register !== 'function') {
    throw new VideoError(
      'BAD_OPTION',
      'The display has no dashboard group: choose one in its properties, or nobody sees the picture.',
    );
  }
  const { id, type, z } = config;
  const standIn = Object.assign(new EventEmitter(), { id, type });
  // Dashboard takes id and type away from what it is given.
  const shipped = { ...props, id, type, z, group: config.group };
  group.register(standIn, shipped, {
    // With a handler of one's own the message is not stored.
    onInput: () => {},
    onChange: (_msg: unknown, value: unknown, socket: Socket) => onHello(socket, value),
  });
  return {
    // Dashboard may send the message on, which is not for the flow.
    handle: (msg, done) => standIn.emit('input', msg, () => {}, done),
    close: (removed) =>
      new Promise((resolve) => {
        const isHeard = standIn.emit('close', removed, resolve);
        if (!isHeard) resolve();
      }),
  };
}
