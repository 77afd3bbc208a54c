import { boundedName, maxDuration } from './bounds';
import type { Frame } from './frame';
import { readImageHeader } from './image-header';
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

/** What is known of a partition whose records say nothing of their time. */
interface Timing {
  /** The record's, ms since the epoch. */
  first: number;
  previous: number;
}

/**
 * Makes frames of records, also of those whose producer knows nothing of this package: what the headers do not say
 * comes from the record and from the image itself. Such frames form one session per partition, whose presentation
 * time begins with the first record read of it. They are paced as their records were: a frame is taken to stay for as long as
 * the one before it did. Records of one and the same time say nothing of their pace.
 */
export class RecordFrameReader {
  readonly #timings = new Map<string, Timing>();

  /** The record's frame; undefined when its value is not an image. */
  read(record: FrameRecord): Frame | undefined {
    const image = readImageHeader(record.value);
    if (image === undefined) return undefined;
    const said = fromRecordHeaders(record.headers);
    const { pts, duration } = said.pts === undefined ? this.#timingOf(record) : { ...said, pts: said.pts };
    const frame: Frame = {
      stream: said.stream ?? boundedName(record.key || record.topic),
      session: said.session ?? `${record.topic}/${record.partition}`,
      seq: said.seq ?? Number(record.offset),
      pts,
      time: said.time ?? record.timestamp,
      ...image,
    };
    if (duration !== undefined) frame.duration = duration;
    if (said.last) frame.last = true;
    return frame;
  }

  #timingOf({ topic, partition, timestamp }: FrameRecord): { pts: number; duration?: number } {
    const session = `${topic}/${partition}`;
    const known = this.#timings.get(session);
    this.#timings.set(session, { first: known?.first ?? timestamp, previous: timestamp });
    if (known === undefined) return { pts: 0, duration: firstDuration };
    const step = timestamp - known.previous;
    return { pts: timestamp - known.first, ...(step > 0 && { duration: Math.min(step, maxDuration) }) };
  }
}
