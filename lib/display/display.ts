import type { DropReason } from '../playout/playout-options';
import { type Clock, systemClock } from '../time/clock';
import { type DisplayCommand, parseCommand } from './commands';
import type { DisplayEvent } from './display-event';
import type { DisplayOptions, ViewedFrame } from './display-options';
import { Refusals } from './refusal';
import { type DisplayReport, ReportTimer, summarize } from './report';
import { type DisplayItem, type OnScreen, Screen } from './screen';
import { ScreenSet } from './screen-set';
import { Steering } from './steering';
import { StreamList } from './stream-list';
import { isBefore, type Place, type SeekPosition, type SeekTarget, TimeShift } from './time-shift';
import { Viewers } from './viewers';

/** Ms behind the present from which on its reader is asked to go there, where there is one: until then, reading on is quicker. */
const worthSeeking = 5000;

/** Screens with an audience: what they show goes to the viewers, what happens is told in events and reports. */
export class Display<T extends DisplayItem> {
  readonly viewers: Viewers<ViewedFrame>;
  readonly #options: DisplayOptions<T>;
  readonly #clock: Clock;
  readonly #streams = new StreamList();
  readonly #timeShift = new TimeShift();
  readonly #screens: ScreenSet<T>;
  readonly #reportTimer: ReportTimer;
  readonly #refusals: Refusals;
  readonly #steering: Steering;
  #speed: number;
  #selected: string;
  #isPaused = false;

  constructor(options: DisplayOptions<T>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#refusals = new Refusals(this.#clock);
    this.#steering = new Steering(options.onEvent);
    this.#speed = options.speed;
    this.#selected = options.stream;
    this.viewers = new Viewers({
      clock: this.#clock,
      openDecoder: options.openDecoder,
      onError: options.onDecodingError,
      onCount: (viewers, change) => {
        this.#emit(`viewer-${change}`, { viewers });
        this.#reportTimer.schedule();
      },
    });
    this.#reportTimer = new ReportTimer({
      clock: this.#clock,
      onInterval: (seconds) => [...this.#screens].map((screen) => screen.endInterval(seconds)).includes(true),
      onReport: () => options.onReport(this.report),
    });
    this.#screens = new ScreenSet({
      isWall: options.wall === true,
      makeScreen: (id) => this.#makeScreen(id),
      onAdded: ({ playout }) => (this.#isPaused ? playout.pause() : undefined),
      onRemoved: (id) => this.viewers.clear(id),
    });
    this.#screens.add();
  }

  get report(): DisplayReport {
    return {
      ...summarize([...this.#screens].map(({ report }) => report)),
      viewers: this.viewers.count,
      speed: this.#speed,
      stream: this.#stream,
      selected: this.#selected,
      streams: this.#streams.names,
      ...this.#timeShift.report,
    };
  }

  /** Entrusts a frame to the display. */
  push(item: T): void {
    const { frame, place, range } = item;
    const forgotten = this.#streams.note(frame.stream);
    if (forgotten !== undefined) this.#timeShift.forget(forgotten);
    if (place !== undefined) this.#timeShift.notePlace(frame, range);
    this.#steering.note(item);
    if (!this.#timeShift.admits(frame, this.#clock.now(), item.seek, place)) {
      this.#options.onDrop(item, 'seek');
      return;
    }
    if (this.#timeShift.leadsToMoment(frame)) item.frame = { ...frame, preroll: true };
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
        this.#keepInPast();
        break;
      case 'pause':
      case 'step':
      case 'stop':
        this.#isPaused = true;
        for (const { playout } of this.#screens) command.action === 'step' ? playout.step() : playout.pause();
        if (command.action === 'stop') this.#steering.stop(this.#stream);
        break;
      case 'speed':
        for (const { playout } of this.#screens) playout.setSpeed(command.value);
        this.#speed = command.value;
        break;
      case 'stream':
        this.#selected = command.value;
        this.#screens.select(command.value);
        break;
      case 'live':
        this.#returnToPresent();
        break;
      case 'seek':
        this.#seek(this.#timeShift.positionOf(command.value), command.value);
        break;
      case 'replay':
        this.#replay();
        break;
      case 'session':
        // The newest session of a live stream is its present.
        if (this.#screens.isLive) this.#returnToPresent();
        else this.#showSession(command.value);
        break;
      case 'range':
        this.#timeShift.setRange(command.value);
        break;
    }
  }

  /** Plays again what is on screen: of several sessions, which one reader reads, from the beginning of the first. */
  #replay(): void {
    const beginnings = [...this.#screens].flatMap(({ beginning }) => beginning ?? []);
    const [first] = beginnings;
    if (this.#isPaused) this.#execute({ action: 'play' });
    if (this.#screens.length === 1 && first !== undefined) this.#seek({ ...first.place });
    else if (first !== undefined) this.#seek({ time: Math.min(...beginnings.map(({ time }) => time)) });
    else if (this.#timeShift.range !== undefined) this.#seek('beginning');
  }

  /** Goes on with a session in place of what was before it. */
  #showSession(place: Place): void {
    const isFar = this.#timeShift.skipTo(place);
    for (const { playout } of this.#screens) playout.flush((item) => isBefore(item.place, place));
    if (this.#isPaused) this.#execute({ action: 'play' });
    if (isFar) this.#steering.seek({ ...place }, this.#stream);
  }

  /** What is read meanwhile is passed over, too: so it returns also where the seek is led to nobody. */
  #returnToPresent(): void {
    const isInTopic = this.#timeShift.range !== undefined;
    const isBehind = [...this.#screens].some(({ playout }) => playout.live.behind > worthSeeking);
    if (this.#speed !== 1) this.#execute({ action: 'speed', value: 1 });
    this.#isPaused = false;
    for (const { playout } of this.#screens) playout.returnToPresent();
    if (isInTopic && isBehind) this.#steering.seek('end', this.#stream);
  }

  /** A reader that would go on with the newest frame is told that it is the past that is wanted, from where it was paused on. */
  #keepInPast(): void {
    const times = [...this.#screens].flatMap(({ playout: { live } }) => (live.viewpoint === 'past' ? live.time : []));
    if (this.#steering.mayLeap && times.length > 0) this.#seek({ time: Math.min(...times) + 1 });
  }

  #seek(position: SeekPosition, target?: SeekTarget): void {
    this.#timeShift.noteSeek(this.#clock.now(), target);
    for (const { playout } of this.#screens) playout.flush();
    this.#steering.seek(position, this.#stream);
  }

  #makeScreen(id: number): Screen<T> {
    return new Screen<T>({
      ...this.#options,
      id,
      speed: this.#speed,
      stream: this.#options.wall ? '' : this.#selected,
      onShow: (item, onScreen) => this.#show(id, item, onScreen),
      onTaken: (item, due) => this.#options.onShow(item, due),
      onDrop: (item, reason) => this.#drop(item, reason),
      onEvent: (event, payload, stream) => this.#options.onEvent({ event, payload, topic: stream }),
      onChange: () => this.#report(),
    });
  }

  #show(screen: number, item: T, { seenAt, captured, missed }: OnScreen): void {
    this.viewers.show(screen, { ...item.frame, captured }, item.data, seenAt, missed, item.packet);
    this.#reportTimer.schedule();
    if (this.#options.tellShown) this.#emit('shown', { ...item.frame }, item.frame.stream);
  }

  #drop(item: T, reason: DropReason): void {
    this.#reportTimer.schedule();
    if (reason === 'too-large') this.#options.onRefuse(item, this.#refusals.errorFor(item.frame));
    else this.#options.onDrop(item, reason);
  }

  #emit(event: DisplayEvent['event'], payload: Record<string, unknown>, topic = this.#stream): void {
    this.#options.onEvent({ event, payload, topic });
  }

  #report(): void {
    // The first screen tells its state while it is being made.
    if (this.#screens.length > 0) this.#reportTimer.hurry();
  }
}
