import type { ViewedFrame } from '../../lib/display/display-options';
import type { Transport } from '../../lib/display/picture';
import type { Viewers } from '../../lib/display/viewers';
import type { Clock } from '../../lib/time/clock';
import { RateLimit } from '../../lib/time/rate-limit';
import {
  clockEvent,
  type PictureMeta,
  type Presence,
  pictureEvent,
  type Report,
  reportEvent,
  widgetEvent,
} from './protocol';
import { parseWidgetMessage } from './widget-message';

/** What is used of a socket.io socket. */
export interface Socket {
  id: string;
  emit(event: string, ...args: unknown[]): unknown;
  /** engine.io's connection: packets that wait for the line. */
  conn?: { writeBuffer?: { length: number } };
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

/** Viewers of one display on one socket. */
const maxViewers = 4;
/** Packets that may wait for a socket's line; pictures in a burst on all screens of a wall are fewer. */
const maxWaiting = 64;

export interface ViewerChannelOptions {
  nodeId: string;
  viewers: Viewers<ViewedFrame>;
  /** How the display is doing, for those who join. */
  report: () => Report;
  /** The clock that pictures' times are told in. */
  clock: Clock;
  /** A viewer used the controls. */
  onCommand: (action: string, value: unknown) => void;
  /** What a viewer said could not be handled. Thrown into the socket, it would end Node-RED. */
  onFault: (error: unknown) => void;
}

interface Connection {
  viewers: Set<string>;
  /** For everything but acknowledgements, of which there are as many as pictures. */
  limit: RateLimit;
  onMessage: (message: unknown) => void;
  onDisconnect: () => void;
}

/**
 * Talks with the widgets of one node over the dashboard's sockets, which belong to Dashboard and outlive the node:
 * a redeployed node gets the same sockets again, so everything hung on them is taken off.
 */
export class ViewerChannel {
  readonly #options: ViewerChannelOptions;
  readonly #connections = new Map<Socket, Connection>();

  constructor(options: ViewerChannelOptions) {
    this.#options = options;
  }

  /** A widget's first message. Whatever a browser sends is checked: it may be anything. */
  hello(socket: Socket, message: unknown): void {
    if (!this.#connections.has(socket)) this.#connect(socket);
    this.#receiveSafely(socket, message);
  }

  /** Tells every widget how the display is doing. */
  broadcast(report: Report): void {
    for (const socket of this.#connections.keys()) tell(socket, reportEvent(this.#options.nodeId), report);
  }

  async close(): Promise<void> {
    for (const socket of [...this.#connections.keys()]) this.#disconnect(socket);
  }

  #connect(socket: Socket): void {
    const connection: Connection = {
      viewers: new Set(),
      limit: new RateLimit(this.#options.clock, { burst: 60, perSecond: 20 }),
      onMessage: (message) => this.#receiveSafely(socket, message),
      onDisconnect: () => this.#disconnect(socket),
    };
    socket.on(widgetEvent(this.#options.nodeId), connection.onMessage);
    socket.on('disconnect', connection.onDisconnect);
    this.#connections.set(socket, connection);
  }

  #disconnect(socket: Socket): void {
    const connection = this.#connections.get(socket);
    if (connection === undefined) return;
    this.#connections.delete(socket);
    socket.off(widgetEvent(this.#options.nodeId), connection.onMessage);
    socket.off('disconnect', connection.onDisconnect);
    for (const viewer of connection.viewers) this.#options.viewers.leave(viewer);
  }

  #receiveSafely(socket: Socket, raw: unknown): void {
    try {
      this.#receive(socket, raw);
    } catch (error) {
      this.#options.onFault(error);
    }
  }

  #receive(socket: Socket, raw: unknown): void {
    const connection = this.#connections.get(socket);
    const message = parseWidgetMessage(raw);
    if (connection === undefined || message === undefined) return;
    const { viewers, nodeId, clock, onCommand } = this.#options;
    const viewer = `${socket.id}/${message.viewer}`;
    if ('decoded' in message) {
      viewers.acknowledge(viewer, message.screen, message.decoded);
      return;
    }
    if (!connection.limit.take()) return;
    if ('broken' in message) viewers.skipToKey(viewer, message.screen);
    else if ('visible' in message) this.#notePresence(socket, connection, viewer, message);
    else if ('ping' in message) tell(socket, clockEvent(nodeId), message.ping, clock.now());
    else if ('action' in message) onCommand(message.action, message.value);
    else {
      connection.viewers.delete(viewer);
      viewers.leave(viewer);
    }
  }

  /** Viewers that were forgotten while they slept join again this way. */
  #notePresence(socket: Socket, connection: Connection, viewer: string, presence: Presence): void {
    const { nodeId, viewers, report } = this.#options;
    if (viewers.touch(viewer)) {
      viewers.setVisible(viewer, presence.visible, presence.screen, presence.decodes);
      return;
    }
    connection.viewers.add(viewer);
    // A page has one widget of a display; a remounted one takes the place of the one before.
    const [oldest] = connection.viewers;
    if (connection.viewers.size > maxViewers && oldest !== undefined) {
      connection.viewers.delete(oldest);
      viewers.leave(oldest);
    }
    viewers.join(viewer, transportTo(socket, nodeId), presence.visible, presence.screen, presence.decodes);
    tell(socket, reportEvent(nodeId), report());
  }
}

function transportTo(socket: Socket, nodeId: string): Transport<ViewedFrame> {
  return {
    isCongested: () => isCongested(socket),
    send({ meta, data, packet: _packet, ...picture }) {
      socket.emit(pictureEvent(nodeId), { ...meta, ...picture } satisfies PictureMeta, data);
    },
  };
}

/** Says something that is no picture, and is said again later where the line does not take it now. */
function tell(socket: Socket, event: string, ...args: unknown[]): void {
  if (!isCongested(socket)) socket.emit(event, ...args);
}

/** Whether a socket's line does not take what it was given already. */
function isCongested({ conn }: Socket): boolean {
  return (conn?.writeBuffer?.length ?? 0) > maxWaiting;
}
