import { randomUUID } from 'node:crypto';
import type { VideoError } from '../errors';
import type { Frame } from '../frame/frame';
import type { DropReason, PlayoutOptions } from '../playout/playout-options';
import { type Clock, systemClock } from '../time/clock';
import { type DisplayCommand, parseCommand } from './commands';
import { Refusals } from './refusal';
import { type DisplayReport, ReportTimer, summarize } from './report';
import { type DisplayItem, Screen, type ScreenEvent } from './screen';
import { ScreenSet } from './screen-set';
import { StreamList } from './stream-list';
import { TimeShift } from './time-shift';
import { Viewers } from './viewers';

/** Where to seek, as kafka-frame-in takes it. */
export type SeekPosition = 'beginning' | 'end' | { time: number } | { offset: string; partition: number };

export interface DisplayEvent {
  event: ScreenEvent | 'shown' | 'command' | 'seek' | 'stop' | 'viewer-joined' | 'viewer-left';
  payload: Record<string, unknown>;
  /** The stream concerned. */
  topic: string;
  /** On `seek` and `stop`, which steer the reader of the frames where they are led to it. */
  action?: 'seek' | 'stop';
  position?: SeekPosition;
  /** Tells this seek from others: its reader sends it along with the frames that it reads from there on. */
  seek?: string;
}

export interface DisplayOptions<T extends DisplayItem>
  extends Omit<PlayoutOptions<T>, 'onState' | 'onEnded' | 'onStarved' | 'untrackedLimits'> {
  /** A screen for each stream, each at its own clock, instead of one for all. */
  wall?: boolean;
  /** Whether each frame shown is told in an event. */
  tellShown?: boolean;
  /** The frame was too large to be shown, and is given back with this; `error` is that to report, once a minute at most. */
  onRefuse: (item: T, error?: VideoError) => void;
  onEvent: (event: DisplayEvent) => void;
  /** Called at every change of state and at most once a second otherwise. */
  onReport: (report: DisplayReport) => void;
}

/**
 * Ms from when a frame is due here until it should be seen: time for it to travel and to be decoded, so that every
 * page shows it on the beat and not when it happens to arrive.
 */
export const presentationLead = 80;

/** Screens with an audience: what they show goes to the viewers, what happens is told in events and reports. */
export class Display<T extends DisplayItem> {
  readonly viewers: Viewers<Frame>;
  readonly #options: DisplayOptions<T>;
  readonly #clock: Clock;
  readonly #streams = new StreamList();
  readonly #timeShift = new TimeShift();
  readonly #screens: ScreenSet<T>;
  readonly #reportTimer: ReportTimer;
  readonly #refusals: Refusals;
  #speed: number;
  #selected: string;
  #isPaused = false;

  constructor(options: DisplayOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#refusals = new Refusals(this.#clock);
    this.#speed = options.speed;
    this.#selected = options.stream;
    this.viewers = new Viewers({
      clock: this.#clock,
      onCount: (viewers, change) => {
        this.#emit(`viewer-${change}`, { viewers });
        this.#reportTimer.schedule();
      },
    });
    this.#reportTimer = new ReportTimer({
      clock: this.#clock,
      onInterval: (seconds) => [...this.#screens].map((screen) => screen.endInterval(seconds)).includes(true),
      onReport: () => this.#report(),
    });
    this.#screens = new ScreenSet({
      isWall: options.wall === true,
      makeScreen: (id) => this.#makeScreen(id),
      onAdded: ({ playout }) => {
        if (this.#isPaused) playout.pause();
      },
      onRemoved: (id) => this.viewers.clear(id),
    });
    this.#screens.add();
  }

  get report(): DisplayReport {
    const { range } = this.#timeShift;
    return {
      ...summarize([...this.#screens].map(({ report }) => report)),
      viewers: this.viewers.count,
      speed: this.#speed,
      stream: this.#stream,
      selected: this.#selected,
      streams: this.#streams.names,
      ...(range === undefined ? {} : { range }),
    };
  }

  /** Entrusts a frame to the display. */
  push(item: T): void {
    const { frame, place, range } = item;
    const forgotten = this.#streams.note(frame.stream);
    if (forgotten !== undefined) this.#timeShift.forget(forgotten);
    if (place !== undefined) this.#timeShift.notePlace(frame, range);
    if (!this.#timeShift.admits(frame, this.#clock.now(), item.seek)) {
      this.#options.onDrop(item, 'seek');
      return;
    }
    const screen = this.#screens.screenFor(frame.stream, this.#selected);
    if (screen === undefined) this.#options.onDrop(item, 'other-stream');
    else screen.push(item);
  }

  /**
   * Carries out a command; `by` names who gave it, for the event.
   * Throws BAD_OPTION for an action or a value that makes no sense.
   */
  command(action: unknown, value: unknown, by: 'message' | 'viewer'): void {
    const command = parseCommand(action, value);
    this.#execute(command);
    if (command.action !== 'range') this.#emit('command', { ...command, by });
    this.#report();
  }

  /** Tells the viewers what keeps the picture from coming. */
  noteProblem(problem: string): void {
    for (const screen of this.#screens) screen.noteProblem(problem);
    this.#reportTimer.schedule();
  }

  async close(): Promise<void> {
    this.#reportTimer.close();
    await Promise.all([this.#screens.close(), this.viewers.close()]);
  }

  get #stream(): string {
    return this.#selected || (this.#screens.first?.stream ?? '');
  }

  #execute(command: DisplayCommand): void {
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
      this.#screens.first?.playout.setStream(stream);
    } else if (stream !== '') {
      this.#screens.keepOnly(stream);
    }
  }

  #replay(): void {
    const { first } = this.#screens;
    if (this.#isPaused) this.#execute({ action: 'play' });
    if (this.#screens.length === 1 && first?.beginning !== undefined) this.#seek({ ...first.beginning });
    else if (this.#timeShift.range !== undefined) this.#seek('beginning');
  }

  #seek(position: SeekPosition): void {
    this.#timeShift.noteSeek(this.#clock.now());
    for (const { playout } of this.#screens) playout.flush();
    this.#steer('seek', { position, seek: randomUUID() });
  }

  #makeScreen(id: number): Screen<T> {
    return new Screen<T>({
      ...this.#options,
      id,
      speed: this.#speed,
      stream: this.#options.wall ? '' : this.#selected,
      onShow: (item, due) => this.#show(id, item, due),
      onDrop: (item, reason) => this.#drop(item, reason),
      onEvent: (event, payload, stream) => this.#options.onEvent({ event, payload, topic: stream }),
      onChange: () => this.#report(),
    });
  }

  #show(screen: number, item: T, due: number | undefined): void {
    this.viewers.show(screen, item.frame, item.data, due === undefined ? undefined : due + presentationLead);
    this.#reportTimer.schedule();
    if (this.#options.tellShown) this.#emit('shown', { ...item.frame }, item.frame.stream);
    this.#options.onShow(item, due);
  }

  #drop(item: T, reason: DropReason): void {
    this.#reportTimer.schedule();
    if (reason === 'too-large') this.#options.onRefuse(item, this.#refusals.errorFor(item.frame));
    else this.#options.onDrop(item, reason);
  }

  /** Steers the reader of the frames, where the event is led to it. */
  #steer(action: 'seek' | 'stop', more: Pick<DisplayEvent, 'position' | 'seek'>): void {
    this.#options.onEvent({
      event: action,
      action,
      ...more,
      payload: more.position === undefined ? {} : { position: more.position },
      topic: this.#stream,
    });
  }

  #emit(event: DisplayEvent['event'], payload: Record<string, unknown>, topic = this.#stream): void {
    this.#options.onEvent({ event, payload, topic });
  }

  #report(): void {
    // The first screen tells its state while it is being made.
    if (this.#screens.length > 0) this.#options.onReport(this.report);
  }
}
