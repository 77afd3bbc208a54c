import type { Frame } from '../frame/frame';
import type { DropReason, PlayoutOptions, PlayoutState } from '../playout/playout-options';
import { type Clock, systemClock, type TimerHandle } from '../time/clock';
import { type DisplayCommand, parseCommand } from './commands';
import { type DisplayItem, Screen, type ScreenEvent, type ScreenReport } from './screen';
import { StreamList } from './stream-list';
import { TimeShift, type TopicRange } from './time-shift';
import { Viewers } from './viewers';

/** How the display is doing: what its node's status and its viewers' overlays are made of. */
export interface DisplayReport {
  /** Of a wall: the liveliest of its screens'. */
  state: PlayoutState;
  /** Frames shown in the last second, on all screens. */
  fps: number;
  viewers: number;
  speed: number;
  /** The stream on screen, or the one selected. */
  stream: string;
  /** The stream selected, '' for whichever comes. */
  selected: string;
  /** All streams seen. */
  streams: readonly string[];
  screens: ScreenReport[];
  /** What the topic holds that the frames come from. */
  range?: TopicRange;
  /** What keeps the picture from coming, on all screens. */
  problem?: string;
}

/** Where to seek, as kafka-frame-in takes it. */
export type SeekPosition = 'beginning' | 'end' | { time: number } | { offset: string; partition: number };

export interface DisplayEvent {
  event: ScreenEvent | 'shown' | 'command' | 'seek' | 'stop' | 'viewer-joined' | 'viewer-left';
  payload: Record<string, unknown>;
  /** The stream concerned. */
  topic: string;
  /** On `seek` and `stop`, which steer the node that reads the frames when they are wired to it. */
  action?: 'seek' | 'stop';
  position?: SeekPosition;
}

export interface DisplayOptions<T extends DisplayItem>
  extends Omit<PlayoutOptions<T>, 'onState' | 'onEnded' | 'onStarved' | 'untrackedLimits'> {
  /** A screen for each stream, each at its own clock, instead of one for all. */
  wall?: boolean;
  /** Whether each frame shown is told in an event. */
  tellShown?: boolean;
  onEvent: (event: DisplayEvent) => void;
  /** Called at every change of state and at most once a second otherwise. */
  onReport: (report: DisplayReport) => void;
}

/** Screens of a wall; what comes beyond is dropped until one is free. */
export const mostScreens = 16;
/**
 * Ms from when a frame is due here until it should be seen: time for it to travel and to be decoded, so that every
 * page shows it on the beat and not when it happens to arrive.
 */
export const presentationLead = 80;
const reportInterval = 1000;
/** Liveliest first. */
const states: PlayoutState[] = ['playing', 'buffering', 'paused', 'waiting', 'ended'];

/** Screens with an audience: what they show goes to the viewers, what happens is told in events and reports. */
export class Display<T extends DisplayItem> {
  readonly viewers: Viewers<Frame>;
  readonly #options: DisplayOptions<T>;
  readonly #clock: Clock;
  readonly #streams = new StreamList();
  readonly #timeShift = new TimeShift();
  readonly #screens: Screen<T>[] = [];
  /** Screens made so far, also those that are gone. */
  #made = 0;
  #speed: number;
  #selected: string;
  #isPaused = false;
  #intervalStart = 0;
  #timer: TimerHandle;

  constructor(options: DisplayOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#speed = options.speed;
    this.#selected = options.stream;
    this.viewers = new Viewers({
      clock: this.#clock,
      onCount: (viewers, change) => {
        this.#tell(`viewer-${change}`, { viewers });
        this.#reportSoon();
      },
    });
    this.#addScreen();
  }

  get report(): DisplayReport {
    const screens = this.#screens.map(({ report }) => report);
    const problem = screens.every((screen) => screen.problem !== undefined) ? screens[0]?.problem : undefined;
    const { range } = this.#timeShift;
    return {
      state: states.find((state) => screens.some((screen) => screen.state === state)) ?? 'waiting',
      fps: screens.reduce((sum, { fps }) => sum + fps, 0),
      viewers: this.viewers.count,
      speed: this.#speed,
      stream: this.#stream,
      selected: this.#selected,
      streams: this.#streams.names,
      screens,
      ...(range === undefined ? {} : { range }),
      ...(problem === undefined ? {} : { problem }),
    };
  }

  /** Entrusts a frame to the display. */
  push(item: T): void {
    const { frame, place, range } = item;
    const forgotten = this.#streams.note(frame.stream);
    if (forgotten !== undefined) this.#timeShift.forget(forgotten);
    if (place !== undefined) this.#timeShift.notePlace(frame, range);
    if (!this.#timeShift.admits(frame, this.#clock.now())) {
      this.#options.onDrop(item, 'seek');
      return;
    }
    const screen = this.#screenFor(frame.stream);
    if (screen === undefined) this.#options.onDrop(item, 'other-stream');
    else screen.push(item);
  }

  /**
   * Carries out a command; `by` names who gave it, for the event.
   * Throws BAD_OPTION for an action or a value that makes no sense.
   */
  command(action: unknown, value: unknown, by: 'message' | 'viewer'): void {
    const command = parseCommand(action, value);
    this.#obey(command);
    if (command.action !== 'range') this.#tell('command', { ...command, by });
    this.#report();
  }

  /** Tells the viewers what keeps the picture from coming. */
  noteProblem(problem: string): void {
    for (const screen of this.#screens) screen.noteProblem(problem);
    this.#reportSoon();
  }

  async close(): Promise<void> {
    this.#clock.clearTimeout(this.#timer);
    await Promise.all([...this.#screens.map((screen) => screen.close()), this.viewers.close()]);
  }

  get #stream(): string {
    return this.#selected || (this.#screens[0]?.stream ?? '');
  }

  #obey(command: DisplayCommand): void {
    switch (command.action) {
      case 'play':
        this.#isPaused = false;
        for (const { playout } of this.#screens) playout.play();
        break;
      case 'pause':
      case 'step':
      case 'stop':
        this.#isPaused = true;
        for (const { playout } of this.#screens) command.action === 'step' ? playout.step() : playout.pause();
        if (command.action === 'stop') this.#steer('stop', {});
        break;
      case 'speed':
        for (const { playout } of this.#screens) playout.setSpeed(command.value);
        this.#speed = command.value;
        break;
      case 'stream':
        this.#select(command.value);
        break;
      case 'seek':
        this.#seek(typeof command.value === 'number' ? { time: command.value } : command.value);
        break;
      case 'replay':
        this.#replay();
        break;
      case 'range':
        this.#timeShift.setRange(command.value);
        break;
    }
  }

  #select(stream: string): void {
    this.#selected = stream;
    if (!this.#options.wall) {
      this.#screens[0]?.playout.setStream(stream);
      return;
    }
    if (stream === '') return;
    for (const screen of [...this.#screens]) if (screen.stream !== stream) this.#removeScreen(screen);
    if (this.#screens.length === 0) this.#addScreen();
  }

  #replay(): void {
    const [first] = this.#screens;
    if (this.#isPaused) this.#obey({ action: 'play' });
    if (this.#screens.length === 1 && first?.beginning !== undefined) this.#seek({ ...first.beginning });
    else if (this.#timeShift.range !== undefined) this.#seek('beginning');
  }

  #seek(position: SeekPosition): void {
    this.#timeShift.noteSeek(this.#clock.now());
    for (const { playout } of this.#screens) playout.flush();
    this.#steer('seek', { position });
  }

  #screenFor(stream: string): Screen<T> | undefined {
    if (!this.#options.wall) return this.#screens[0];
    if (this.#selected !== '' && stream !== this.#selected) return undefined;
    const own = this.#screens.find((screen) => screen.stream === stream) ?? this.#claim();
    own?.dedicate(stream);
    return own;
  }

  /** A screen for a stream that has none: one that was never used, a new one, or one whose stream is over. */
  #claim(): Screen<T> | undefined {
    const unused = this.#screens.find((screen) => screen.stream === '' && !screen.isDedicated);
    if (unused !== undefined) return unused;
    if (this.#screens.length >= mostScreens) {
      const over = this.#screens.find(({ playout }) => playout.state === 'ended' || playout.state === 'waiting');
      if (over === undefined) return undefined;
      this.#removeScreen(over);
    }
    return this.#addScreen();
  }

  #addScreen(): Screen<T> {
    const id = this.#made;
    this.#made += 1;
    const screen = new Screen<T>({
      ...this.#options,
      id,
      speed: this.#speed,
      stream: this.#options.wall ? '' : this.#selected,
      onShow: (item, due) => this.#show(id, item, due),
      onDrop: (item, reason) => this.#drop(item, reason),
      onEvent: (event, payload, stream) => this.#options.onEvent({ event, payload, topic: stream }),
      onChange: () => this.#report(),
    });
    this.#screens.push(screen);
    if (this.#isPaused) screen.playout.pause();
    return screen;
  }

  /** What waits for it is given back; its frames go no further. */
  #removeScreen(screen: Screen<T>): void {
    this.#screens.splice(this.#screens.indexOf(screen), 1);
    screen.playout.flush();
    void screen.close();
    this.viewers.clear(screen.id);
  }

  #show(screen: number, item: T, due: number | undefined): void {
    this.viewers.show(screen, item.frame, item.data, due === undefined ? undefined : due + presentationLead);
    this.#reportSoon();
    if (this.#options.tellShown) this.#tell('shown', { ...item.frame }, item.frame.stream);
    this.#options.onShow(item, due);
  }

  #drop(item: T, reason: DropReason): void {
    this.#reportSoon();
    this.#options.onDrop(item, reason);
  }

  /** Tells the node that reads the frames what to do, where the flow leads the event there. */
  #steer(action: 'seek' | 'stop', more: { position?: SeekPosition }): void {
    this.#options.onEvent({ event: action, action, ...more, payload: { ...more }, topic: this.#stream });
  }

  #tell(event: DisplayEvent['event'], payload: Record<string, unknown>, topic = this.#stream): void {
    this.#options.onEvent({ event, payload, topic });
  }

  #report(): void {
    // The first screen tells its state while it is being made.
    if (this.#screens.length > 0) this.#options.onReport(this.report);
  }

  #reportSoon(): void {
    if (this.#timer !== undefined) return;
    this.#intervalStart = this.#clock.now();
    this.#timer = this.#clock.setTimeout(() => this.#endInterval(), reportInterval);
  }

  #endInterval(): void {
    this.#timer = undefined;
    const seconds = (this.#clock.now() - this.#intervalStart) / 1000;
    const hasShown = this.#screens.map((screen) => screen.endInterval(seconds)).includes(true);
    // Once more after the last frame, so that the rate goes back to 0.
    if (hasShown) this.#reportSoon();
    this.#report();
  }
}
