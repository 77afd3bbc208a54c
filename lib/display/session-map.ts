import type { Frame } from '../frame/frame';
import { sessionKey } from '../frame/name';
import { RecentMap } from '../recent-map';
import type { CredibleTimes, TimeRange } from '../time/credible-times';

/** A moment of a session: `pts` in ms of video, `time` in ms since the epoch. */
export interface Moment {
  pts: number;
  time: number;
}

/** A session in a topic, as far as it has been read. */
export interface SessionSpan {
  stream: string;
  session: string;
  /** Its earliest frame known. */
  begin: Moment;
  /** Where its latest frame known ends. */
  end: Moment;
  /** Whether that is its last one. */
  isOver: boolean;
  /** Ms that passed for each of its video, as it was taken; 1, as for a camera, while too little is known. */
  pace: number;
}

interface Known extends Omit<SessionSpan, 'pace'> {
  /** By `pts`, at most one in each step. */
  moments: Map<number, Moment>;
  /** Ms. */
  step: number;
}

/** Sessions remembered. */
const maxSessions = 32;
/** Moments remembered of each; beyond, every other goes. */
const maxMoments = 400;
const firstStep = 500;

/**
 * Which sessions a topic holds, as far as they were read, and at what time each frame of them was taken. Recorded video is
 * taken faster than it plays, so the times say nothing of where one is in it.
 */
export class SessionMap {
  readonly #sessions = new RecentMap<string, Known>(maxSessions);
  readonly #times: Pick<CredibleTimes, 'has'>;

  /** `times` are those of all frames noted; a frame whose time is not credible counts for nothing. */
  constructor(times: Pick<CredibleTimes, 'has'>) {
    this.#times = times;
  }

  /** Those with anything within a range, in the order of time. */
  within(range: TimeRange): SessionSpan[] {
    return [...this.#sessions]
      .filter(({ begin, end }) => end.time >= range.begin && begin.time <= range.end)
      .map(({ moments: _moments, step: _step, ...span }) => ({ ...span, pace: paceOf(span) }))
      .sort((a, b) => a.begin.time - b.begin.time);
  }

  /** A frame was read. */
  note(frame: Frame): void {
    const { stream, session, pts, time, duration = 0, last } = frame;
    const key = sessionKey(frame);
    const end = { pts: pts + duration, time };
    const before = this.#sessions.get(key);
    if (!this.#times.has(time)) {
      if (last && before !== undefined) before.isOver = true;
      return;
    }
    const known = before ?? {
      ...{ stream, session, begin: { pts, time }, end, isOver: false, moments: new Map(), step: firstStep },
    };
    if (!this.#times.has(known.begin.time) || !this.#times.has(known.end.time)) {
      this.#restart(known, { pts, time }, end);
    }
    if (pts < known.begin.pts) known.begin = { pts, time };
    if (end.pts > known.end.pts) known.end = end;
    if (last) known.isOver = true;
    noteMoment(known, { pts, time });
    this.#sessions.set(key, known);
  }

  /** `pts` at which the session ends, as far as it is known. */
  endOf(session: string): number | undefined {
    return [...this.#sessions].find((each) => each.session === session)?.end.pts;
  }

  /** When the frame at this `pts` was taken, as near as is known; undefined for a session that is not. */
  timeOf(session: string, pts: number): number | undefined {
    const known = [...this.#sessions].find((each) => each.session === session);
    if (known === undefined) return undefined;
    const { begin, end } = known;
    const sorted = [begin, ...this.#credible(known), end].sort((a, b) => a.pts - b.pts);
    const after = sorted.find((moment) => moment.pts >= pts);
    const before = sorted.findLast((moment) => moment.pts <= pts);
    if (before !== undefined && after !== undefined) return Math.floor(between(before, after, pts));
    const pace = paceOf(known);
    return Math.floor(after === undefined ? end.time + (pts - end.pts) * pace : begin.time - (begin.pts - pts) * pace);
  }

  /** What was taken for its beginning or its end, before more was known, was neither. */
  #restart(known: Known, begin: Moment, end: Moment): void {
    known.begin = begin;
    known.end = end;
    for (const moment of this.#credible(known)) {
      if (moment.pts < known.begin.pts) known.begin = moment;
      if (moment.pts > known.end.pts) known.end = moment;
    }
  }

  #credible({ moments }: Known): Moment[] {
    return [...moments.values()].filter(({ time }) => this.#times.has(time));
  }
}

function paceOf({ begin, end }: Pick<SessionSpan, 'begin' | 'end'>): number {
  const length = end.pts - begin.pts;
  return length < firstStep ? 1 : Math.max(0, end.time - begin.time) / length;
}

function between(before: Moment, after: Moment, pts: number): number {
  const length = after.pts - before.pts;
  return length === 0 ? before.time : before.time + ((pts - before.pts) / length) * (after.time - before.time);
}

function noteMoment(known: Known, moment: Moment): void {
  const at = Math.floor(moment.pts / known.step);
  if (!known.moments.has(at)) known.moments.set(at, moment);
  if (known.moments.size <= maxMoments) return;
  known.step *= 2;
  const all = [...known.moments.values()];
  known.moments = new Map();
  for (const each of all) noteMoment(known, each);
}
