import type { NodeDef } from 'node-red';
import type { FrameProducerOptions } from '../../lib/kafka/produce/frame-producer';
import { readNumber } from '../../lib/read-number';

type NumberField = number | string;

/** The kafka-frame-out node's properties, as flows are saved with them. */
export interface FrameOutConfig extends NodeDef {
  broker: string;
  topic: string;
  topicType: string;
  key: string;
  keyType: string;
  acks: '0' | '1' | 'all';
  idempotent: boolean;
  compression: 'none' | 'gzip';
  maxRecordBytes: NumberField;
  oversize: 'shrink' | 'reject';
  /** Ms. */
  linger: NumberField;
  createTopic: boolean;
  partitions: NumberField;
  replication: NumberField;
  /** Hours; -1 is for ever. */
  retention: NumberField;
}

/**
 * What the producer is to do; an empty field leaves the choice to the broker, or to the default. A topic that depends on the
 * message is made ready when a frame first goes there. Throws BAD_OPTION.
 */
export function producerOptions(config: FrameOutConfig): FrameProducerOptions {
  const retentionHours = readNumber('Retention', config.retention, { min: -1, max: 1_000_000 });
  return {
    topic: config.topicType === 'str' ? config.topic : undefined,
    // The idempotent producer works with all acknowledgements only.
    acks: config.idempotent || config.acks === 'all' ? 'all' : config.acks === '0' ? 0 : 1,
    idempotent: config.idempotent,
    compression: config.compression,
    maxRecordBytes: readNumber('Record limit', config.maxRecordBytes, { min: 1024, max: 1_000_000_000, whole: true }),
    linger: readNumber('Linger', config.linger, { min: 0, max: 60_000 }),
    ...(config.createTopic && {
      createTopic: {
        partitions: readNumber('Partitions', config.partitions, { min: 1, max: 10_000, whole: true }),
        replication: readNumber('Replication', config.replication, { min: 1, max: 32_767, whole: true }),
        retention: retentionHours === undefined || retentionHours < 0 ? retentionHours : retentionHours * 3_600_000,
      },
    }),
  };
}
