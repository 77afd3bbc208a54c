import type { VideoCodec } from '../../../lib/frame/frame';
import {
  clockEvent,
  type PictureMeta,
  type Presence,
  pictureEvent,
  type Report,
  reportEvent,
  type WidgetMessage,
  widgetEvent,
} from '../protocol';
import { Liveness, questionInterval } from './liveness';
import { ServerClock } from './server-clock';

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
  /** It said hello to a node, which may be another one and count its pictures from 1 again. */
  onJoin: () => void;
  /** The connection broke off, or the node no longer answers; or it does again. */
  onConnected: (isConnected: boolean) => void;
}

/** Questions between signs of life; the node forgets a viewer after ten seconds without one. */
const questionsPerSign = 4;
/** Questions for the time on joining, and ms between them: the first answer is rarely the quickest. */
const firstPings = 8;
const firstPingInterval = 100;

/** The widget's end of the talk with its node; see protocol.ts. */
export class Connection {
  /** The display's clock. */
  readonly clock = new ServerClock();
  readonly #options: ConnectionOptions;
  /** Names this mounting of the widget. */
  readonly #viewer = Math.random().toString(36).slice(2);
  readonly #listeners: [event: string, listener: (...args: never[]) => void][];
  readonly #heartbeat: ReturnType<typeof setInterval>;
  readonly #liveness = new Liveness();
  #questions = 0;
  /** Whether the node answers, as was told last. */
  #isThere = true;
  #firstPings: ReturnType<typeof setInterval> | undefined;
  #isVisible: boolean;
  #screen: number | undefined;
  #decodes: VideoCodec[] | undefined;

  constructor(options: ConnectionOptions, isVisible: boolean) {
    this.#options = options;
    this.#isVisible = isVisible;
    const { socket, nodeId } = options;
    const hello = () => this.#hello();
    this.#listeners = [
      [pictureEvent(nodeId), (meta: PictureMeta, bytes: ArrayBuffer) => this.#onPicture(meta, bytes)],
      [reportEvent(nodeId), (report: Report) => this.#onReport(report)],
      [clockEvent(nodeId), (ping: number, now: number) => this.#onTime(ping, now)],
      ['connect', hello],
      // Sent after every deployment: behind the same socket there may be a new node, which has never heard of us.
      ['ui-config', hello],
      ['disconnect', () => this.#tell(false)],
    ];
    for (const [event, listener] of this.#listeners) socket.on(event, listener);
    this.#heartbeat = setInterval(() => this.#beat(), questionInterval);
    if (socket.connected) this.#hello();
  }

  /** The picture is decoded, or cannot be. */
  acknowledge({ screen, number }: PictureMeta): void {
    this.#send({ viewer: this.#viewer, screen, decoded: number });
  }

  /** What was sent of this screen cannot be decoded. */
  tellBroken({ screen }: PictureMeta): void {
    this.#send({ viewer: this.#viewer, screen, broken: true });
  }

  /** The compressed video that this page can decode, as far as is known now. */
  setDecodes(decodes: VideoCodec[]): void {
    this.#decodes = decodes;
    this.#send(this.#presence());
  }

  command(action: string, value?: unknown): void {
    this.#send({ viewer: this.#viewer, action, value });
  }

  setVisible(isVisible: boolean): void {
    if (isVisible === this.#isVisible) return;
    this.#isVisible = isVisible;
    this.#send(this.#presence());
  }

  /** Only this screen is looked at from now on; undefined for all. */
  look(screen: number | undefined): void {
    if (screen === this.#screen) return;
    this.#screen = screen;
    this.#send(this.#presence());
  }

  close(): void {
    clearInterval(this.#heartbeat);
    clearInterval(this.#firstPings);
    for (const [event, listener] of this.#listeners) this.#options.socket.off(event, listener);
    this.#send({ viewer: this.#viewer, bye: true });
  }

  #onPicture(meta: PictureMeta, bytes: ArrayBuffer): void {
    this.#liveness.notePicture();
    this.#onAnswer();
    this.#options.onPicture(meta, bytes);
  }

  #onReport(report: Report): void {
    this.#onAnswer();
    this.#options.onReport(report);
  }

  #onTime(ping: number, now: number): void {
    const answered = performance.now();
    this.#liveness.noteTrip(answered - ping);
    this.#onAnswer();
    this.clock.note(ping, now, answered);
  }

  #onAnswer(): void {
    this.#liveness.noteAnswer();
    if (!this.#isThere) this.#tell(true);
  }

  /** `isThere`: the node answers. */
  #tell(isThere: boolean): void {
    this.#isThere = isThere;
    this.#options.onConnected(isThere);
  }

  #beat(): void {
    if (!this.#liveness.ask() && this.#isThere) this.#tell(false);
    if (this.#questions % questionsPerSign === 0) this.#send(this.#presence());
    this.#questions += 1;
    this.#ping();
  }

  /** The node behind it may be another one, in a process with another clock, that counts its pictures from 1 again. */
  #hello(): void {
    this.clock.reset();
    this.#liveness.reset();
    this.#options.onJoin();
    this.#tell(true);
    this.#options.socket.emit('widget-change', this.#options.nodeId, this.#presence());
    this.#pingRepeatedly();
  }

  #pingRepeatedly(): void {
    clearInterval(this.#firstPings);
    let pings = 0;
    this.#firstPings = setInterval(() => {
      this.#ping();
      pings += 1;
      if (pings === firstPings) clearInterval(this.#firstPings);
    }, firstPingInterval);
    this.#ping();
  }

  #ping(): void {
    this.#send({ viewer: this.#viewer, ping: performance.now() });
  }

  #presence(): Presence {
    const [screen, decodes] = [this.#screen, this.#decodes];
    return {
      ...{ viewer: this.#viewer, visible: this.#isVisible },
      ...(screen === undefined ? {} : { screen }),
      ...(decodes === undefined ? {} : { decodes }),
    };
  }

  /** Nothing is kept for later: what was true before the connection broke is not worth telling after. */
  #send(message: WidgetMessage): void {
    const { socket, nodeId } = this.#options;
    if (socket.connected) socket.emit(widgetEvent(nodeId), message);
  }
}
