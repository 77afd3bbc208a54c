import type { Transport, Viewers } from '../../lib/display/viewers';
import type { Frame } from '../../lib/frame/frame';
import { clockEvent, type PictureMeta, pictureEvent, type Report, reportEvent, widgetEvent } from './protocol';

/** What is used of a socket.io socket. */
export interface Socket {
  id: string;
  emit(event: string, ...args: unknown[]): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

export interface ViewerChannelOptions {
  nodeId: string;
  viewers: Viewers<Frame>;
  /** How the display is doing, for those who join. */
  report: () => Report;
  /** Time on the clock that pictures' times are told in. */
  now: () => number;
  /** A viewer used the controls. */
  onCommand: (action: unknown, value: unknown) => void;
}

interface Connection {
  viewers: Set<string>;
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
    this.#receive(socket, message);
  }

  /** Tells every widget how the display is doing. */
  broadcast(report: Report): void {
    for (const socket of this.#connections.keys()) socket.emit(reportEvent(this.#options.nodeId), report);
  }

  async close(): Promise<void> {
    for (const socket of [...this.#connections.keys()]) this.#disconnect(socket);
  }

  #connect(socket: Socket): void {
    const connection: Connection = {
      viewers: new Set(),
      onMessage: (message) => this.#receive(socket, message),
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

  #receive(socket: Socket, message: unknown): void {
    const { viewers } = this.#options;
    if (typeof message !== 'object' || message === null) return;
    if (!('viewer' in message) || typeof message.viewer !== 'string') return;
    const viewer = `${socket.id}/${message.viewer}`;
    if ('visible' in message) this.#notePresence(socket, viewer, message.visible === true);
    if ('decoded' in message && 'screen' in message) {
      const { screen, decoded } = message;
      if (Number.isFinite(screen) && Number.isFinite(decoded)) {
        viewers.acknowledge(viewer, screen as number, decoded as number);
      }
    }
    if ('ping' in message) {
      const { nodeId, now } = this.#options;
      socket.emit(clockEvent(nodeId), message.ping, now());
    }
    if ('action' in message) this.#options.onCommand(message.action, 'value' in message ? message.value : undefined);
    if ('bye' in message) {
      this.#connections.get(socket)?.viewers.delete(viewer);
      viewers.leave(viewer);
    }
  }

  /** Viewers that were forgotten while they slept join again this way. */
  #notePresence(socket: Socket, viewer: string, isVisible: boolean): void {
    const { nodeId, viewers, report } = this.#options;
    if (viewers.touch(viewer)) {
      viewers.setVisible(viewer, isVisible);
      return;
    }
    this.#connections.get(socket)?.viewers.add(viewer);
    viewers.join(viewer, transportTo(socket, nodeId), isVisible);
    socket.emit(reportEvent(nodeId), report());
  }
}

function transportTo(socket: Socket, nodeId: string): Transport<Frame> {
  return {
    send({ meta, data, ...picture }) {
      socket.emit(pictureEvent(nodeId), { ...meta, ...picture } satisfies PictureMeta, data);
    },
  };
}
