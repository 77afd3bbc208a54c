import { ConfigResourceTypes } from 'kafkajs';
import { RecentMap } from '../../recent-map';
import type { Clock } from '../../time/clock';
import type { KafkaCluster } from '../cluster/cluster';

/** Ms for which a topic's limit is taken to be as it was: then a larger record is tried again, as it may have been raised. */
const validity = 60_000;
/** What is tried next of a size that was refused, where the topic's limit cannot be read. */
const nextTry = 0.7;

/** Knows how large a record batch some topics take: those that refused one. */
export class TopicLimits {
  readonly #cluster: KafkaCluster;
  readonly #clock: Clock;
  readonly #known = new RecentMap<string, { bytes: number; until: number }>(1000);

  constructor(cluster: KafkaCluster, clock: Clock) {
    this.#cluster = cluster;
    this.#clock = clock;
  }

  /** Bytes; Infinity where nothing was refused. */
  of(topic: string): number {
    const known = this.#known.get(topic);
    return known !== undefined && known.until > this.#clock.now() ? known.bytes : Infinity;
  }

  /**
   * A batch of so many bytes was refused. Afterwards the topic's limit is below that: as the broker tells it, else a guess, if
   * `mayGuess`.
   */
  async refused(topic: string, bytes: number, { mayGuess = true } = {}): Promise<void> {
    // Many may read the topic's settings, and some may not: then the limit is found by trying.
    const told = await this.#ask(topic).catch(() => undefined);
    const isTold = told !== undefined && told < bytes;
    if (!isTold && !mayGuess) return;
    const limit = isTold ? told : Math.floor(bytes * nextTry);
    this.#known.set(topic, { bytes: limit, until: this.#clock.now() + validity });
  }

  async #ask(topic: string): Promise<number | undefined> {
    const name = 'max.message.bytes';
    const { resources } = await this.#cluster.withAdmin((admin) =>
      admin.describeConfigs({
        resources: [{ type: ConfigResourceTypes.TOPIC, name: topic, configNames: [name] }],
        includeSynonyms: false,
      }),
    );
    const value = Number(resources[0]?.configEntries.find(({ configName }) => configName === name)?.configValue);
    return value > 0 ? value : undefined;
  }
}
