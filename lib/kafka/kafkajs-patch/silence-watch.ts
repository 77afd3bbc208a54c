import type { ISocketFactory } from 'kafkajs';

/** Hears of connections on which nothing comes though requests are under way. Each connection has a symbol. */
export interface SilenceListener {
  /** Ms without a word after which a connection counts as silent. */
  patience: number;
  /** `since` is ms since the epoch. */
  onSilent(connection: symbol, since: number): void;
  /** Called for all that comes on any connection. */
  onHeard(connection: symbol): void;
  onClosed(connection: symbol): void;
}

/** The parts of a connection of kafkajs that are used here. */
interface Connection {
  socketFactory: ISocketFactory;
  socket: import('node:net').Socket | undefined;
  requestQueue: {
    inflight: Map<number, SentRequest>;
    sendSocketRequest(request: SentRequest): void;
  };
  isConnected(): boolean;
  connect(): Promise<true>;
  processData(data: Buffer): void;
}

interface SentRequest {
  /** Ms since the epoch; null where sending failed. */
  sentAt: number | null;
  entry: { apiKey: number };
}

/** JoinGroup and SyncGroup: what is waited for are the other members of the group. */
const waitingForOthers = [11, 14];

const listeners = new WeakMap<ISocketFactory, SilenceListener>();
const watches = new WeakMap<Connection, SilenceWatch>();

/** Has `listener` hear of the connections that are made through `factory`. */
export function listenForSilence(factory: ISocketFactory, listener: SilenceListener): void {
  listeners.set(factory, listener);
}

/** Ms since the epoch when something came on a connection, or it was made. */
export function lastHeard(connection: object): number {
  return watches.get(connection as Connection)?.heardAt ?? 0;
}

/** Makes kafkajs's connections notice that nothing comes: kafkajs itself knows requests that take too long, and nothing before. */
export function installSilenceWatch(): void {
  const { prototype } = require('kafkajs/src/network/connection') as { prototype: Connection };
  const { connect, processData } = prototype;
  prototype.connect = function () {
    if (this.isConnected()) return connect.call(this);
    let watch = watches.get(this);
    if (watch === undefined) {
      watch = new SilenceWatch(this.requestQueue, listeners.get(this.socketFactory));
      watches.set(this, watch);
    }
    watch.opened();
    const connected = connect.call(this);
    const { socket } = this;
    socket?.once('close', () => {
      if (this.socket === socket) watch.closed();
    });
    return connected;
  };
  prototype.processData = function (data) {
    watches.get(this)?.heard();
    processData.call(this, data);
  };
}

class SilenceWatch {
  readonly #connection = Symbol('connection');
  readonly #queue: Connection['requestQueue'];
  readonly #listener: SilenceListener | undefined;
  #timer: NodeJS.Timeout | undefined;
  #isSilent = false;
  /** Ms since the epoch. */
  heardAt = 0;

  constructor(queue: Connection['requestQueue'], listener: SilenceListener | undefined) {
    this.#queue = queue;
    this.#listener = listener;
    if (listener === undefined) return;
    const { sendSocketRequest } = queue;
    queue.sendSocketRequest = (request) => {
      sendSocketRequest.call(queue, request);
      this.#lookIn(listener.patience);
    };
  }

  opened(): void {
    this.heardAt = Date.now();
  }

  heard(): void {
    this.heardAt = Date.now();
    this.#listener?.onHeard(this.#connection);
    if (this.#isSilent && this.#listener !== undefined) this.#lookIn(this.#listener.patience);
    this.#isSilent = false;
  }

  closed(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#isSilent = false;
    this.#listener?.onClosed(this.#connection);
  }

  /** One timer for as long as there are requests, not one for each of them. */
  #lookIn(wait: number): void {
    this.#timer ??= setTimeout(() => this.#look(), wait).unref();
  }

  #look(): void {
    this.#timer = undefined;
    const asked = this.#oldestRequest();
    if (asked === undefined || this.#listener === undefined) return;
    const since = Math.max(asked, this.heardAt);
    const wait = since + this.#listener.patience - Date.now();
    if (wait > 0) {
      this.#lookIn(wait);
      return;
    }
    this.#isSilent = true;
    this.#listener.onSilent(this.#connection, since);
  }

  /** When the request was sent that has waited for longest; undefined where none waits for the broker itself. */
  #oldestRequest(): number | undefined {
    for (const { sentAt, entry } of this.#queue.inflight.values()) {
      if (sentAt !== null && !waitingForOthers.includes(entry.apiKey)) return sentAt;
    }
    return undefined;
  }
}
