import type { NodeDef } from 'node-red';
import type { FrameProducerOptions } from '../../lib/kafka/produce/frame-producer';

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

/** What the producer is to do; a topic that depends on the message is made ready when a frame first goes there. */
export function producerOptions(config: FrameOutConfig): FrameProducerOptions {
  const retentionHours = optional(config.retention);
  return {
    topic: config.topicType === 'str' ? config.topic : undefined,
    // The idempotent producer works with all acknowledgements only.
    acks: config.idempotent || config.acks === 'all' ? 'all' : config.acks === '0' ? 0 : 1,
    idempotent: config.idempotent,
    compression: config.compression,
    maxRecordBytes: optional(config.maxRecordBytes),
    linger: optional(config.linger),
    ...(config.createTopic && {
      createTopic: {
        partitions: optional(config.partitions),
        replication: optional(config.replication),
        retention: retentionHours === undefined || retentionHours < 0 ? retentionHours : retentionHours * 3_600_000,
      },
    }),
  };
}

/** An empty field leaves the choice to the broker, or to the default. */
function optional(field: NumberField | undefined): number | undefined {
  return field === undefined || field === '' ? undefined : Number(field);
}
