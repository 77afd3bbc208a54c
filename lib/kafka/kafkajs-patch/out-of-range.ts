/** The parts of kafkajs's keeper of a consumer's positions that are used here. */
interface OffsetManager {
  cluster: {
    fetchTopicsOffset(
      topics: { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean }[],
    ): Promise<{ partitions: { offset: string }[] }[]>;
  };
  topicConfigurations: Record<string, { fromBeginning?: boolean }>;
  resolveOffset(position: { topic: string; partition: number; offset: string }): void;
  setDefaultOffset(of: { topic: string; partition: number }): Promise<void>;
}

/**
 * Has kafkajs go on where a partition begins when its position is not in the partition (any more), and commit nothing. As it
 * is, it commits -2 in place of what the group had committed, so that nobody can tell afterwards which records it missed.
 */
export function installOutOfRange(): void {
  const { prototype } = require('kafkajs/src/consumer/offsetManager') as { prototype: OffsetManager };
  prototype.setDefaultOffset = async function ({ topic, partition }) {
    const asked = { topic, partitions: [{ partition }], ...this.topicConfigurations[topic] };
    const [found] = await this.cluster.fetchTopicsOffset([asked]);
    const start = found?.partitions[0]?.offset;
    // What is resolved is the offset before the one to be read next.
    if (start !== undefined) this.resolveOffset({ topic, partition, offset: String(BigInt(start) - 1n) });
  };
}
