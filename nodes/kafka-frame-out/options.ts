import type { NodeDef } from 'node-red';
import type { FrameProducerOptions } from '../../lib/kafka/produce/frame-producer';
import { readNumber } from '../../lib/read-number';
import { frameOutRanges } from '../common/ranges';

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
  const retentionHours = readNumber('Retention', config.retention, frameOutRanges.retention);
  return {
    topic: config.topicType === 'str' ? config.topic : undefined,
    // The idempotent producer works with all acknowledgements only.
    acks: config.idempotent || config.acks === 'all' ? 'all' : config.acks === '0' ? 0 : 1,
    idempotent: config.idempotent,
    compression: config.compression,
    maxRecordBytes: readNumber('Record limit', config.maxRecordBytes, frameOutRanges.maxRecordBytes),
    linger: readNumber('Linger', config.linger, frameOutRanges.linger),
    ...(config.createTopic && {
      createTopic: {
        partitions: readNumber('Partitions', config.partitions, frameOutRanges.partitions),
        replication: readNumber('Replication', config.replication, frameOutRanges.replication),
        retention: retentionHours === undefined ? undefined : retentionMs(retentionHours),
      },
    }),
  };
}

/** As Kafka takes it: whole ms, -1 for ever. */
const retentionMs = (hours: number) => (hours < 0 ? -1 : Math.round(hours * 3_600_000));
