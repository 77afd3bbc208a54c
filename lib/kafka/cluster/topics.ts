import type { Admin } from 'kafkajs';
import { RecentMap } from '../../recent-map';
import type { KafkaCluster } from './cluster';
import { protocolErrorType } from './kafka-error';

/** How a topic is made that is not there yet. */
export interface NewTopic {
  /** Number of partitions; the broker's default where missing. */
  partitions?: number;
  /** Copies of each record; the broker's default where missing. */
  replication?: number;
  /** Ms to keep records; the broker's default where missing, for ever where -1. */
  retention?: number;
}

export async function topicExists(admin: Admin, topic: string): Promise<boolean> {
  try {
    await admin.fetchTopicMetadata({ topics: [topic] });
    return true;
  } catch (error) {
    if (protocolErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') return false;
    throw error;
  }
}

/** Creates the topic when it is missing; one that is there keeps its settings, whatever they are. */
export async function ensureTopic(admin: Admin, topic: string, settings: NewTopic): Promise<void> {
  // Asked first, as a user may be permitted to write to the topic, but not to create any.
  if (await topicExists(admin, topic)) return;
  await admin.createTopics({
    topics: [
      {
        topic,
        numPartitions: settings.partitions ?? -1,
        replicationFactor: settings.replication ?? -1,
        configEntries:
          settings.retention === undefined ? [] : [{ name: 'retention.ms', value: String(settings.retention) }],
      },
    ],
  });
}

/** Topics remembered as ready. */
const maxTopics = 1000;

/** Makes sure of topics, each once. */
export class TopicMaker {
  readonly #cluster: KafkaCluster;
  readonly #settings: NewTopic | undefined;
  readonly #ready = new RecentMap<string, Promise<void>>(maxTopics);

  /** Without `settings` nothing is created, and nothing asked. */
  constructor(cluster: KafkaCluster, settings: NewTopic | undefined) {
    this.#cluster = cluster;
    this.#settings = settings;
  }

  ensure(topic: string): Promise<void> {
    const settings = this.#settings;
    if (settings === undefined) return Promise.resolve();
    let ready = this.#ready.get(topic);
    if (ready === undefined) {
      ready = this.#cluster.withAdmin((admin) => ensureTopic(admin, topic, settings));
      this.#ready.set(topic, ready);
    }
    return ready;
  }

  /** Something was wrong with the topic: it is asked for again next time. */
  forget(topic: string): void {
    this.#ready.delete(topic);
  }
}
