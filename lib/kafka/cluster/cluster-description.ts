import type { Admin } from 'kafkajs';
import type { KafkaCluster } from './cluster';

export interface ClusterDescription {
  clusterId: string;
  /** Release of a broker, such as '4.3', where it tells. */
  version?: string;
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
      const topics = await topicNames(admin);
      const version = await cluster.version();
      return {
        clusterId,
        ...(version !== undefined && { version }),
        brokers: brokers.map(({ host, port }) => `${host}:${port}`),
        topics: topics.length,
      };
    });
  } catch (error) {
    throw cluster.errorOf(error, { otherwise: 'BROKER_UNREACHABLE' });
  }
}

/** Names of the topics that are visible to the user, sorted, Kafka's own left out. Rejects with what is in the way. */
export async function listTopics(cluster: KafkaCluster): Promise<string[]> {
  try {
    return await cluster.withAdmin(topicNames);
  } catch (error) {
    throw cluster.errorOf(error, { otherwise: 'BROKER_UNREACHABLE' });
  }
}

async function topicNames(admin: Admin): Promise<string[]> {
  const topics = await admin.listTopics();
  return topics.filter((topic) => !topic.startsWith('__')).sort();
}
