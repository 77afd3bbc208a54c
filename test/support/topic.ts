import { type IHeaders, Kafka, logLevel } from 'kafkajs';

export interface StoredRecord {
  partition: number;
  offset: number;
  key: string | undefined;
  value: Buffer;
  headers: Record<string, string>;
}

/** A plain Kafka client, to look at topics from outside. */
export function plainKafka(brokers: string): Kafka {
  return new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
}

/** Creates a topic with one partition. */
export async function createTopic(brokers: string, topic: string, numPartitions = 1): Promise<void> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  try {
    await admin.createTopics({ waitForLeaders: true, topics: [{ topic, numPartitions, replicationFactor: 1 }] });
  } finally {
    await admin.disconnect();
  }
}

/** How many records a topic holds. */
export async function countRecords(brokers: string, topic: string): Promise<number> {
  const admin = plainKafka(brokers).admin();
  await admin.connect();
  try {
    const offsets = await admin.fetchTopicOffsets(topic);
    return offsets.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
  } finally {
    await admin.disconnect();
  }
}

/** Reads the first `count` records of a topic with a client that knows nothing of frames. */
export async function readRecords(brokers: string, topic: string, count: number): Promise<StoredRecord[]> {
  const consumer = plainKafka(brokers).consumer({ groupId: `reader-${topic}-${Date.now()}` });
  const records: StoredRecord[] = [];
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer
        .run({
          eachMessage: async ({ partition, message }) => {
            records.push({
              partition,
              offset: Number(message.offset),
              key: message.key?.toString(),
              value: Buffer.from(message.value ?? []),
              headers: textHeaders(message.headers),
            });
            if (records.length >= count) resolve();
          },
        })
        .catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return records;
}

/** A record's headers as texts. */
export function textHeaders(headers: IHeaders | undefined): Record<string, string> {
  return Object.fromEntries(Object.entries(headers ?? {}).map(([name, value]) => [name, String(value)]));
}
