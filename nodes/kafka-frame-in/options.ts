import type { NodeDef } from 'node-red';
import { VideoError } from '../../lib/errors';
import type { CommitMode } from '../../lib/kafka/consume/assignment';
import type { FrameConsumerOptions } from '../../lib/kafka/consume/frame-consumer';
import { type Position, parsePosition } from '../../lib/kafka/consume/position';
import { parseTopics } from '../../lib/kafka/consume/topic-selection';
import { readNumber } from '../../lib/read-number';
import { windowLimits } from '../common/limits';
import { frameInRanges } from '../common/ranges';

/** The kafka-frame-in node's properties, as flows are saved with them. */
export interface FrameInConfig extends NodeDef {
  broker: string;
  topic: string;
  group: string;
  from: 'resume' | 'beginning' | 'end' | 'time' | 'offset';
  /** ISO 8601. */
  fromTime: string;
  fromOffset: number | string;
  stream: string;
  commit: CommitMode;
  /** Ms. */
  commitInterval: number | string;
  /** Ms a live frame may be behind; empty is any time. */
  maxDelay?: number | string;
  /** Ms, for frames of any kind: what flows saved before there was `maxDelay` have instead; empty is any age. */
  keepUp?: number | string;
  /** `source`: as they are in Kafka; `jpeg`: JPEGs, also of compressed video. Flows from before lack it. */
  pictures?: 'source' | 'jpeg';
  maxFrames: number | string;
  maxMegabytes: number | string;
}

/** What the consumer is to do. Throws BAD_OPTION when the topic is missing, or the time or offset is invalid. */
export function consumerOptions(config: FrameInConfig): FrameConsumerOptions {
  return {
    topics: parseTopics(config.topic ?? ''),
    // A group of the node's own, the same after each start.
    group: config.group || `kafka-frame-in-${config.id}`,
    from: startOf(config),
    stream: config.stream,
    commit: config.commit ?? 'auto',
    maxDelay: readNumber('Max delay', config.maxDelay, frameInRanges.maxDelay),
    keepUp: readNumber('Max age', config.keepUp, frameInRanges.keepUp),
    commitInterval: readNumber('Commit interval', config.commitInterval, frameInRanges.commitInterval),
    ...windowLimits(config),
  };
}

/** Whether compressed video is to be decoded. Throws BAD_OPTION. */
export function decodesPictures({ pictures = 'source' }: FrameInConfig): boolean {
  if (pictures === 'source' || pictures === 'jpeg') return pictures === 'jpeg';
  throw new VideoError('BAD_OPTION', `Pictures is ${JSON.stringify(pictures)}: use source or jpeg.`);
}

function startOf({ from, fromTime, fromOffset }: FrameInConfig): 'resume' | Position {
  if (from === 'time') return parsePosition({ time: fromTime });
  if (from === 'offset') return parsePosition({ offset: fromOffset });
  return from ?? 'resume';
}
