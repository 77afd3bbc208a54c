import type { KafkaCluster } from './cluster';

export interface ClusterDescription {
  clusterId: string;
  /** `host:port` of every broker, as they name themselves. */
  brokers: string[];
  /** Number of topics that are visible to the user, Kafka's own left out. */
  topics: number;
}

/** Connects, and tells what is there. Rejects with what is in the way. */
export async function describeCluster(cluster: KafkaCluster): Promise<ClusterDescription> {
  try {
    return await cluster.withAdmin(async (admin) => {
      const { clusterId, brokers } = await admin.describeCluster();
      const topics = await admin.listTopics();
      return {
        clusterId,
        brokers: brokers.map(({ host, port }) => `${host}:${port}`),
        topics: topics.filter((topic) => !topic.startsWith('__')).length,
      };
    });
  } catch (error) {
    throw cluster.errorOf(error, { otherwise: 'BROKER_UNREACHABLE' });
  }
}
