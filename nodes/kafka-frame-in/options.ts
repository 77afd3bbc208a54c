import type { NodeDef } from 'node-red';
import { VideoError } from '../../lib/errors';
import type { FrameConsumerOptions } from '../../lib/kafka/frame-consumer';
import { parsePosition } from '../../lib/kafka/position';

/** The kafka-frame-in node's properties, as flows are saved with them. */
export interface FrameInConfig extends NodeDef {
  broker: string;
  topic: string;
  group: string;
  from: 'resume' | 'beginning' | 'end' | 'time';
  /** ISO 8601. */
  fromTime: string;
  stream: string;
  /** Ms. */
  commitInterval: number | string;
  maxFrames: number | string;
  maxMegabytes: number | string;
}

/** What the consumer is to do. Throws BAD_OPTION when the topic is missing or the time is none. */
export function consumerOptions(config: FrameInConfig): FrameConsumerOptions {
  if (!config.topic) {
    throw new VideoError('BAD_OPTION', 'No topic is set: open the node, enter the topic to read, and deploy.');
  }
  return {
    topic: config.topic,
    // A group of the node's own, the same after each start.
    group: config.group || `kafka-frame-in-${config.id}`,
    from: config.from === 'time' ? parsePosition({ time: config.fromTime }) : (config.from ?? 'resume'),
    stream: config.stream,
    commitInterval: Number(config.commitInterval) || 5000,
    maxFrames: Number(config.maxFrames) || 30,
    maxBytes: (Number(config.maxMegabytes) || 64) * 1024 * 1024,
  };
}
