import { plainKafka } from '../test/support/topic';

/** A bare kafkajs eachBatch loop over the first `count` records of a topic: what kafka-frame-in is measured against. */
async function main([brokers, topic, count]: string[]): Promise<void> {
  const consumer = plainKafka(brokers as string).consumer({ groupId: `floor-${Date.now()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic: topic as string, fromBeginning: true });
  let first: number | undefined;
  let records = 0;
  let bytes = 0;
  const ms = await new Promise<number>((resolve) => {
    void consumer.run({
      eachBatch: async ({ batch, resolveOffset }) => {
        first ??= performance.now();
        for (const message of batch.messages) {
          records += 1;
          bytes += message.value?.length ?? 0;
          resolveOffset(message.offset);
        }
        if (records >= Number(count)) resolve(performance.now() - first);
      },
    });
  });
  process.send?.({ ms, records, bytes });
  await consumer.disconnect();
}

void main(process.argv.slice(2));
