import { type Frame, isVideoCodec } from '../../frame/frame';
import { PictureGroups, type Standing } from '../../frame/picture-groups';
import type { FrameRecord } from '../../frame/record-frame-reader';
import { isNumbered } from '../../frame/record-headers';
import { RecentMap } from '../../recent-map';
import type { Clock } from '../../time/clock';
import { GroupSearch } from './group-search';
import type { OffsetTracker } from './offset-tracker';
import type { ReadingHandlers } from './reading';
import { infoOf } from './record';
import { type Asking, type FoundFrame, type ScanLimits, scanBackwards } from './stream-scan';

/** How far a key frame is looked for: at 25 frames a second and 3 Mbit/s, two minutes of four streams. */
const limits: ScanLimits = { records: 12_000, bytes: 64 * 1024 * 1024, time: 10_000 };

/** Streams that are remembered; beyond, the one unused for longest is seen from any frame on. */
const maxStreams = 1000;

/** Where a stream is read, and with what. */
export interface Spot {
  frame: Frame;
  record: FrameRecord;
  tracker: OffsetTracker;
}

/** Where reading goes on. */
export interface Start {
  offset: bigint;
  /** The offset of the first frame that is to be seen, where it is another one. */
  shownFrom?: bigint;
}

/** What is known of streams of compressed video since reading began somewhere. */
interface Known {
  groups: PictureGroups;
  /** For what came before the first frame that was in the middle of a group; while streams begin. */
  search?: GroupSearch;
  /** By stream: the offset of the first frame that is to be seen. */
  shownFrom: RecentMap<string, bigint>;
}

/**
 * Begins streams of compressed video where they can be decoded, wherever reading begins: in the middle of a group of pictures it
 * finds what the first of them takes to be decoded. Each stream of a partition has key frames of its own.
 */
export class StreamStarts {
  readonly #stream: string | undefined;
  readonly #onUndecodable: ReadingHandlers['onUndecodable'];
  readonly #clock: Clock;
  readonly #known = new WeakMap<OffsetTracker, Known>();

  /** Frames that were given up since the start. */
  undecodable = 0;

  /** With `stream`, no other is read. */
  constructor(stream: string | undefined, onUndecodable: ReadingHandlers['onUndecodable'], clock: Clock) {
    this.#stream = stream;
    this.#onUndecodable = onUndecodable;
    this.#clock = clock;
  }

  /** `unknown` is a frame in the middle of a group of pictures, of a stream that reading begins with. */
  standingOf({ frame, record, tracker }: Spot): Standing {
    if (!isVideoCodec(frame.codec)) return 'decodable';
    const standing = this.#knownOf(tracker).groups.standingOf(frame, isNumbered(record.headers));
    // What a session's pictures are like is forgotten where there are too many of them.
    return standing === 'decodable' && frame.width === 0 ? 'undecodable' : standing;
  }

  /** The frame is handed out. */
  passOn({ frame, tracker }: Omit<Spot, 'record'>): void {
    const known = isVideoCodec(frame.codec) ? this.#knownOf(tracker) : this.#known.get(tracker);
    known?.groups.passOn(frame);
    known?.search?.release(frame);
    // What it has found of streams that do not come need not be kept.
    if (known?.search?.isOver) delete known.search;
  }

  /** The frame cannot be decoded, and so nor can what hangs on it. */
  giveUp({ frame, record, tracker }: Spot): void {
    const known = this.#knownOf(tracker);
    known.groups.lose(frame);
    known.search?.release(frame);
    this.undecodable += 1;
    this.#onUndecodable(infoOf(record), frame);
  }

  /** Records of the partition are missing: whatever comes next, it is as if reading began there. */
  forget(tracker: OffsetTracker | undefined): void {
    if (tracker !== undefined) this.#known.delete(tracker);
  }

  /** Whether the frame comes before the first one of its stream that is to be seen. */
  isPreroll({ frame, record, tracker }: Spot): boolean {
    return BigInt(record.offset) < (this.#shownFrom(tracker, frame) ?? 0n);
  }

  /** Whether it is known already up to where the frame's stream is too old to be seen. */
  isPlaced({ frame, record, tracker }: Spot): boolean {
    return BigInt(record.offset) <= (this.#shownFrom(tracker, frame) ?? -1n);
  }

  /** The first frame of the stream that is to be seen is the one at `offset`. */
  showFrom(tracker: OffsetTracker, { stream }: Frame, offset: bigint): void {
    this.#knownOf(tracker).shownFrom.set(stream, offset);
  }

  /**
   * The frames from the last key frame on that it takes to decode this one, oldest first; undefined where they are not all there, or
   * too far away. Rejects where the broker does not say.
   */
  async groupBefore({ frame, record, tracker }: Spot, asking: Asking): Promise<FoundFrame[] | undefined> {
    const known = this.#knownOf(tracker);
    const { topic, partition, offset } = record;
    const wants = ({ stream }: Frame) => !this.#stream || stream === this.#stream;
    known.search ??= new GroupSearch({
      ...{ of: { topic, partition }, end: BigInt(offset), wants, limits, clock: this.#clock, ...asking },
    });
    const group = await known.search.groupOf(frame, asking).catch((error) => {
      delete known.search;
      throw error;
    });
    return group && decodable(group, { frame, record });
  }

  /**
   * Where to go on instead of with a frame that is too old, `newest` being the offset of the partition's newest record. That is
   * where images go on. Compressed video goes on with the newest key frame of its stream, and nothing older than its newest frame
   * is to be seen. Undefined where there is no newer key frame: then those up to the newest frame are decoded, but not to be seen.
   * Rejects where the broker does not say.
   */
  async newerStart({ frame, record, tracker }: Spot, newest: bigint, asking: Asking): Promise<Start | undefined> {
    if (!isVideoCodec(frame.codec)) return { offset: newest };
    const offset = BigInt(record.offset);
    const { topic, partition } = record;
    const wants = ({ stream }: Frame) => stream === frame.stream;
    const range = { of: { topic, partition }, end: newest + 1n, first: offset + 1n };
    const scan = scanBackwards({ ...range, wants, limits, clock: this.#clock, ...asking });
    let last: bigint | undefined;
    let step = await scan.next();
    for (; !step.done; step = await scan.next()) {
      last ??= offsetOf(step.value.at(-1));
      const key = step.value.findLast((each) => each.frame.key || !isVideoCodec(each.frame.codec));
      if (key !== undefined) return { offset: BigInt(key.record.offset), shownFrom: last ?? newest };
    }
    // Too far away: from there on with the next key frame to come.
    if (!step.value) return { offset: newest, shownFrom: newest };
    this.showFrom(tracker, frame, last ?? offset);
    return undefined;
  }

  #shownFrom(tracker: OffsetTracker, { stream }: Frame): bigint | undefined {
    return this.#known.get(tracker)?.shownFrom.get(stream);
  }

  #knownOf(tracker: OffsetTracker): Known {
    const known = this.#known.get(tracker) ?? { groups: new PictureGroups(), shownFrom: new RecentMap(maxStreams) };
    this.#known.set(tracker, known);
    return known;
  }
}

function offsetOf(found: FoundFrame | undefined): bigint | undefined {
  return found && BigInt(found.record.offset);
}

/** The frames of a group, each of them once; undefined where one is missing that they or `following` take to be decoded. */
function decodable(group: FoundFrame[], following: FoundFrame): FoundFrame[] | undefined {
  const groups = new PictureGroups();
  const standingOf = ({ frame, record }: FoundFrame) => groups.standingOf(frame, isNumbered(record.headers));
  const once: FoundFrame[] = [];
  for (const found of group) {
    const standing = standingOf(found);
    if (standing === 'repeated') continue;
    if (standing !== 'decodable') return undefined;
    groups.passOn(found.frame);
    once.push(found);
  }
  return ['decodable', 'repeated'].includes(standingOf(following)) ? once : undefined;
}
