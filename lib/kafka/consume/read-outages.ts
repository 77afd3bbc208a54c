import type { VideoError } from '../../errors';
import type { KafkaCluster } from '../cluster/cluster';
import { protocolErrorType } from '../cluster/kafka-error';
import { concernsTopic, type OutageHandlers, Outages } from '../cluster/outages';
import { coordinatorError, groupTypeError } from './group-coordinator';
import { type SelectedTopics, type TopicSelection, textOf } from './topic-selection';

/** Reports what keeps a consumer from reading: each cause once, until it is gone. */
export class ReadOutages {
  readonly #cluster: KafkaCluster;
  readonly #topics: string;
  readonly #group: string;
  readonly #outages: Outages;

  constructor(
    cluster: KafkaCluster,
    { topics, group }: { topics: TopicSelection; group: string },
    onOutage: OutageHandlers['onOutage'],
  ) {
    this.#cluster = cluster;
    this.#topics = textOf(topics);
    this.#group = group;
    this.#outages = new Outages({ onOutage, onRecovered: () => {} });
  }

  /** Topics were selected, but do not exist. */
  noteMissing({ missing }: SelectedTopics): void {
    for (const topic of missing) {
      const unknown = Object.assign(new Error('unknown topic'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' });
      this.#outages.failed(this.errorOf(unknown, topic), topic);
    }
  }

  /** The broker did what it was asked for these topics. */
  noteSuccess({ present }: SelectedTopics): void {
    for (const topic of [...present, this.#topics]) this.#outages.succeeded(topic);
  }

  /** A commit failed. What is wrong with the connection is noticed by reading. */
  noteCommitFailure(thrown: unknown): void {
    const context = { topic: this.#topics, group: this.#group };
    const error = this.#cluster.errorOf(thrown, { ...context, otherwise: 'COMMIT_FAILED' });
    if (error.code !== 'BROKER_UNREACHABLE') this.#outages.failed(error);
  }

  /** Reading failed. A coordinator that is loading, as each is after a start of its broker, needs nothing but another try. */
  async noteFailure(thrown: unknown): Promise<void> {
    if (protocolErrorType(thrown) === 'GROUP_LOAD_IN_PROGRESS') return;
    const reason = await coordinatorError(this.#cluster, this.#group, thrown).catch(() => thrown);
    const cause = await groupTypeError(this.#cluster, this.#group, reason).catch(() => reason);
    const error = this.errorOf(cause);
    this.#outages.failed(error, concernsTopic(error) ? this.#topics : undefined);
  }

  /** What went wrong while reading, with the remedy; `topic` where it concerns that one alone. */
  errorOf(thrown: unknown, topic = this.#topics): VideoError {
    return this.#cluster.errorOf(thrown, { topic, group: this.#group, otherwise: 'READ_FAILED' });
  }
}
