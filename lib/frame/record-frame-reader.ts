import { boundedName } from './bounds';
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

/**
 * Makes frames of records, also of those whose producer knows nothing of this package: what the headers do not say
 * comes from the record and from the image itself. Such frames form one session per partition, whose presentation
 * time begins with the first record read of it.
 */
export class RecordFrameReader {
  readonly #firstTimestamps = new Map<string, number>();

  /** The record's frame; undefined when its value is not an image. */
  read(record: FrameRecord): Frame | undefined {
    const image = readImageHeader(record.value);
    if (image === undefined) return undefined;
    const said = fromRecordHeaders(record.headers);
    const frame: Frame = {
      stream: said.stream ?? boundedName(record.key || record.topic),
      session: said.session ?? `${record.topic}/${record.partition}`,
      seq: said.seq ?? Number(record.offset),
      pts: said.pts ?? this.#sinceFirst(record),
      time: said.time ?? record.timestamp,
      ...image,
    };
    if (said.duration !== undefined) frame.duration = said.duration;
    if (said.last) frame.last = true;
    return frame;
  }

  #sinceFirst({ topic, partition, timestamp }: FrameRecord): number {
    const session = `${topic}/${partition}`;
    const first = this.#firstTimestamps.get(session);
    if (first !== undefined) return timestamp - first;
    this.#firstTimestamps.set(session, timestamp);
    return 0;
  }
}
