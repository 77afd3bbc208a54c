import {
  type PictureMeta,
  type Presence,
  pictureEvent,
  type Report,
  reportEvent,
  type WidgetMessage,
  widgetEvent,
} from '../protocol';

/** What is used of Dashboard's socket.io client. */
export interface Socket {
  connected: boolean;
  emit(event: string, ...args: unknown[]): unknown;
  on(event: string, listener: (...args: never[]) => void): unknown;
  off(event: string, listener: (...args: never[]) => void): unknown;
}

export interface ConnectionOptions {
  socket: Socket;
  nodeId: string;
  onPicture: (meta: PictureMeta, bytes: ArrayBuffer) => void;
  onReport: (report: Report) => void;
  onConnected: (isConnected: boolean) => void;
}

/** Ms between signs of life; the node forgets a viewer after ten seconds without one. */
const heartbeatInterval = 3000;

/** The widget's end of the talk with its node; see protocol.ts. */
export class Connection {
  readonly #options: ConnectionOptions;
  /** Names this mounting of the widget. */
  readonly #viewer = Math.random().toString(36).slice(2);
  readonly #listeners: [event: string, listener: (...args: never[]) => void][];
  readonly #heartbeat: ReturnType<typeof setInterval>;
  #isVisible: boolean;

  constructor(options: ConnectionOptions, isVisible: boolean) {
    this.#options = options;
    this.#isVisible = isVisible;
    const { socket, nodeId } = options;
    const hello = () => this.#hello();
    this.#listeners = [
      [pictureEvent(nodeId), options.onPicture],
      [reportEvent(nodeId), options.onReport],
      ['connect', hello],
      // Sent after every deployment: behind the same socket there may be a new node, which has never heard of us.
      ['ui-config', hello],
      ['disconnect', () => options.onConnected(false)],
    ];
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    this.#heartbeat = setInterval(() => this.#send(this.#presence()), heartbeatInterval);
    if (socket.connected) this.#hello();
  }

  /** The picture of this number is on screen, or cannot be shown. */
  acknowledge(number: number): void {
    this.#send({ viewer: this.#viewer, painted: number });
  }

  command(action: string, value?: unknown): void {
    this.#send({ viewer: this.#viewer, action, value });
  }

  setVisible(isVisible: boolean): void {
    if (isVisible === this.#isVisible) return;
    this.#isVisible = isVisible;
    this.#send(this.#presence());
  }

  close(): void {
    clearInterval(this.#heartbeat);
    for (const [event, listener] of this.#listeners) this.#options.socket.off(event, listener);
    this.#send({ viewer: this.#viewer, bye: true });
  }

  #hello(): void {
    this.#options.onConnected(true);
    this.#options.socket.emit('widget-change', this.#options.nodeId, this.#presence());
  }

  #presence(): Presence {
    return { viewer: this.#viewer, visible: this.#isVisible };
  }

  /** Nothing is kept for later: what was true before the connection broke is not worth telling after. */
  #send(message: WidgetMessage): void {
    const { socket, nodeId } = this.#options;
    if (socket.connected) socket.emit(widgetEvent(nodeId), message);
  }
}
