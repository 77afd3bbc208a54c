import { RecentMap } from '../recent-map';
import { maxDuration } from './bounds';
import type { Frame } from './frame';
import { frameName, sessionKey } from './name';
import { PictureReader } from './picture-reader';
import { fromRecordHeaders, type RecordHeaders } from './record-headers';

/** A Kafka record as far as it describes a frame. */
export interface FrameRecord {
  topic: string;
  partition: number;
  /** 64 bits, hence text. */
  offset: string;
  /** Ms since the epoch. */
  timestamp: number;
  key?: string;
  headers: RecordHeaders;
  value: Buffer;
}

/** Ms that a frame is taken to stay whose record is the first one: until more is known, frames are sent this far apart at most. */
const firstDuration = 1000;

/** Streams whose timing is remembered; beyond, the one unused for longest starts over. */
const maxStreams = 1000;

/** What is known of a stream whose records say nothing of their time; both are times of records, ms since the epoch. */
interface Timing {
  first: number;
  previous: number;
}

/**
 * Makes frames of records, also of those whose producer knows nothing of this package: what the headers do not say
 * comes from the record and from the picture itself; that it is compressed video is for the headers' content type to say.
 * Such frames form one session per stream and partition, or per topic where they have no key, as their producer spreads them
 * over all partitions. Its presentation time begins with the first record read of it. They are paced as their records were: a
 * frame is taken to stay for as long as the one before it did. Records of one and the same time say nothing of
 * their pace.
 */
export class RecordFrameReader {
  readonly #timings = new RecentMap<string, Timing>(maxStreams);
  readonly #pictures = new PictureReader();

  /**
   * The record's frame; undefined when its value is neither an image nor what its content type says. For the size of compressed
   * video see `PictureReader`.
   */
  read(record: FrameRecord): Frame | undefined {
    const said = fromRecordHeaders(record.headers);
    const stream = said.stream ?? frameName(record.key || record.topic);
    const session = said.session ?? (record.key ? `${record.topic}/${record.partition}` : record.topic);
    const picture = this.#pictures.read(record.value, said, { stream, session });
    if (picture === undefined) return undefined;
    const { pts, duration } =
      said.pts === undefined ? this.#timingOf(stream, session, record) : { ...said, pts: said.pts };
    const frame: Frame = {
      stream,
      session,
      seq: said.seq ?? Number(record.offset),
      pts,
      time: said.time ?? record.timestamp,
      ...picture,
    };
    if (duration !== undefined) frame.duration = duration;
    if (said.live) frame.live = true;
    if (said.last) frame.last = true;
    if (said.dts !== undefined) frame.dts = said.dts;
    return frame;
  }

  #timingOf(stream: string, session: string, { timestamp }: FrameRecord): { pts: number; duration?: number } {
    const key = sessionKey({ stream, session });
    const known = this.#timings.get(key);
    const first = known?.first ?? timestamp;
    const step = known === undefined ? -1 : timestamp - known.previous;
    const pts = timestamp - first;
    this.#timings.set(key, { first, previous: timestamp });
    // There is none before it, or time goes back, where another partition is read next.
    if (step < 0) return { pts, duration: firstDuration };
    return step === 0 ? { pts } : { pts, duration: Math.min(step, maxDuration) };
  }
}
