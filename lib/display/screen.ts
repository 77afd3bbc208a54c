import { hasTooManyPixels } from '../frame/bounds';
import { type Frame, isVideoCodec } from '../frame/frame';
import type { Playable } from '../playout/frame-queue';
import { Playout } from '../playout/playout';
import type { DropReason, PlayoutOptions } from '../playout/playout-options';
import { type Clock, systemClock } from '../time/clock';
import type { TimeRange } from '../time/credible-times';
import { DecodingOrder } from './decoding-order';
import type { Packet } from './packet-chain';
import type { ScreenEvent, ScreenReport } from './screen-report';
import { Tally } from './tally';
import { isBefore, type Place } from './time-shift';

/** A frame to be displayed, together with its bytes. */
export interface DisplayItem extends Playable {
  data: Buffer;
  /** Set by the screen, for compressed video. */
  packet?: Packet;
  /** Where it was read, for frames out of Kafka. */
  place?: Place;
  /** The last seek that the reader had done when it read it, where it says so. */
  seek?: unknown;
  /** Whether its reader goes on with the newest frame by itself where it is held for too long. */
  isReaderLeaping?: boolean;
  /** What its topic holds, where the reader knows. */
  range?: TimeRange;
}

/**
 * Ms from when a frame is due here until it should be seen: time for it to travel and to be decoded, so that every
 * page shows it on the beat and not when it happens to arrive.
 */
export const presentationLead = 80;
/** Ms of it that a frame may be late: the rest is enough on a quick line. */
const slack = 40;

/** Times of a frame that goes on screen, in ms on the display's clock. */
export interface OnScreen {
  /** When it should be seen; undefined for as soon as possible. */
  seenAt?: number;
  captured: number;
  /** Frames until then that should have been on this screen, and were not. */
  missed: number;
}

export interface ScreenOptions<T extends DisplayItem>
  extends Omit<PlayoutOptions<T>, 'onShow' | 'onState' | 'onEnded' | 'onStarved' | 'untrackedLimits'> {
  id: number;
  /** The picture goes on screen. */
  onShow: (item: T, onScreen: OnScreen) => void;
  /** The frame is given back, in the order in which they came; `due` as in `PlayoutOptions.onShow`. */
  onTaken: (item: T, due?: number) => void;
  onEvent: (event: ScreenEvent, payload: Record<string, unknown>, stream: string) => void;
  /** The report has changed in a way that should be seen at once. */
  onChange: () => void;
}

/** The session on screen. */
interface Session {
  name: string;
  /** Frames shown. */
  frames: number;
  startedAt: number;
  /** `pts` of its first frame. */
  begin: number;
  /** Where that frame was read, and when it was taken, ms since the epoch; undefined where it is in no topic. */
  beginning?: { place: Place; time: number };
}

/** Room for frames that no source waits for. */
const untrackedLimits = { maxFrames: 120, maxBytes: 64 * 1024 * 1024 };
/** Ends of sessions remembered, so that a session played again has a progress bar from its beginning. */
const maxEnds = 32;

/** One picture of a display: a playout, and what there is to tell about it. */
export class Screen<T extends DisplayItem> {
  readonly id: number;
  readonly playout: Playout<T>;
  readonly #options: ScreenOptions<T>;
  readonly #clock: Clock;
  readonly #tally = new Tally();
  readonly #decodingOrder = new DecodingOrder<T>();
  readonly #ends = new Map<string, number>();
  #stream = '';
  #isDedicated = false;
  #session: Session | undefined;
  #problem: string | undefined;

  constructor(options: ScreenOptions<T>) {
    this.id = options.id;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.playout = new Playout<T>({
      ...options,
      ...{ untrackedLimits, slack },
      onShow: (item, due) => this.#show(item, due),
      onDrop: (item, reason) => this.#drop(item, reason),
      onState: (state, previous) => {
        this.#problem = undefined;
        this.#emit('state', { state, previous });
        options.onChange();
      },
      onEnded: (last) => this.#emitEnded(last),
      onStarved: () => this.#emitStarved(),
    });
  }

  /** The stream on screen, or the one selected. */
  get stream(): string {
    return this.playout.stream || this.#stream;
  }

  /** Whether it is one stream's own, as on a wall, and so takes no other. */
  get isDedicated(): boolean {
    return this.#isDedicated;
  }

  /** Where the session on screen begins in its topic, and when that was, ms since the epoch. */
  get beginning(): { place: Place; time: number } | undefined {
    return this.#session?.beginning;
  }

  get report(): ScreenReport {
    const { begin = 0, name = '', beginning } = this.#session ?? {};
    const end = this.#ends.get(name);
    return {
      id: this.id,
      stream: this.stream,
      state: this.playout.state,
      fps: this.#tally.fps,
      begin,
      ...(end === undefined ? {} : { end }),
      canReplay: beginning !== undefined,
      ...this.#liveReport,
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
  }

  /** Makes it the screen of this stream alone. */
  dedicate(stream: string): void {
    this.#stream = stream;
    this.#isDedicated = true;
  }

  push(item: T): void {
    const { last, session, pts, duration, stream } = item.frame;
    if (last === true) {
      this.#ends.set(session, pts + (duration ?? 0));
      if (this.#ends.size > maxEnds) this.#ends.delete(this.#ends.keys().next().value as string);
    }
    const isWanted = this.playout.stream === '' || this.playout.stream === stream;
    if (isWanted && hasTooManyPixels(item.frame)) this.#refuse(item);
    else if (isVideoCodec(item.frame.codec)) this.#pushPacket(item, isWanted);
    else this.playout.push(item);
  }

  /** Tells the viewers what keeps the picture from coming. */
  noteProblem(problem: string): void {
    this.#problem = problem;
  }

  /** Ends an interval of this many seconds, for the rates; true when frames were shown in it. */
  endInterval(seconds: number): boolean {
    const dropped = this.#tally.takeDropped();
    if (dropped !== undefined) this.#emit('dropped', dropped);
    const hasShown = this.#tally.endInterval(seconds);
    if (hasShown) {
      const { fps, latency, missed } = this.#tally;
      this.#emit('stats', { stream: this.stream, fps, latency, dropped: missed, ...this.#liveReport });
    }
    return hasShown;
  }

  close(): Promise<void> {
    return this.playout.close();
  }

  /** Also what is not wanted now is kept to decode from, in case that it is chosen. */
  #pushPacket(item: T, isWanted: boolean): void {
    const isDecodable = this.#decodingOrder.push(item);
    // A session's last frame lets those go that are decoded ahead of their turn.
    const isPreroll = item.frame.preroll === true && item.frame.last !== true;
    if (!isDecodable && isWanted) this.#drop(item, 'undecodable');
    else if (!isPreroll) this.playout.push(item);
    if (isPreroll || this.playout.queued === 0) this.#give(this.#decodingOrder.takeAll());
  }

  #give(items: T[], due?: number): void {
    for (const item of items) this.#options.onTaken(item, due);
  }

  #show(item: T, due: number | undefined): void {
    const session = this.#sessionOf(item);
    session.frames += 1;
    this.#session = session;
    this.#stream = item.frame.stream;
    this.#problem = undefined;
    const captured = this.playout.live.capturedAt(item.frame);
    const seenAt = due === undefined ? undefined : due + presentationLead;
    this.#tally.noteShown((seenAt ?? this.#clock.now()) - captured);
    const done = this.#decodingOrder.show(item);
    this.#options.onShow(item, { seenAt, captured, missed: this.#tally.missed });
    this.#give(done, due);
  }

  get #liveReport(): Pick<ScreenReport, 'live' | 'behind'> {
    const { viewpoint, behind } = this.playout.live;
    return viewpoint === undefined ? {} : { live: viewpoint, behind: Math.round(behind) };
  }

  /** The session on screen, or a new one: also where it goes on from before its known beginning. */
  #sessionOf({ frame, place }: T): Session {
    const current = this.#session;
    const goesOn = current?.name === frame.session && this.#stream === frame.stream;
    if (current !== undefined && goesOn && !isBefore(place, current.beginning?.place)) return current;
    const beginning = place === undefined ? undefined : { place, time: frame.time };
    return { name: frame.session, frames: 0, startedAt: this.#clock.now(), begin: frame.pts, beginning };
  }

  #refuse(item: T): void {
    const { seq, width, height } = item.frame;
    this.#problem = `Frame ${seq} is too large: ${width} × ${height}`;
    this.#drop(item, 'too-large');
    if (item.frame.last) this.playout.endBefore(item.frame);
  }

  #drop(item: T, reason: DropReason): void {
    this.#tally.noteDropped(reason);
    if (this.#decodingOrder.drop(item)) this.#options.onDrop(item, reason);
  }

  #emitEnded({ stream, session }: Frame): void {
    const { frames, startedAt } = this.#session as Session;
    const seconds = (this.#clock.now() - startedAt) / 1000;
    this.#emit('ended', { stream, session, frames, seconds });
  }

  #emitStarved(): void {
    const seconds = this.#options.timeout / 1000;
    this.#problem = `No frame for ${seconds} s`;
    this.#emit('starved', { seconds });
    this.#options.onChange();
  }

  #emit(event: ScreenEvent, payload: Record<string, unknown>): void {
    this.#options.onEvent(event, payload, this.stream);
  }
}
