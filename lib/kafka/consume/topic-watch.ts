import type { Clock } from '../../time/clock';
import { sleep } from '../../time/sleep';
import type { KafkaCluster } from '../cluster/cluster';
import { type SelectedTopics, selectTopics, type TopicSelection } from './topic-selection';

export interface TopicWatchOptions {
  topics: TopicSelection;
  /** Ms a missing topic is waited for before that is an error; it is waited for afterwards, too. Default 5000. */
  topicPatience?: number;
  /** Ms between looks for topics that are missing, or new and match the pattern. Default 5000. */
  topicInterval?: number;
}

export interface TopicWatchHandlers {
  /** There is nothing to read yet. */
  onWaiting: () => void;
  /** Topics have been missing for longer than `topicPatience`. */
  onMissing: (selected: SelectedTopics) => void;
}

/** Ms between looks while there is nothing to read. */
const waitInterval = 1000;

/** Looks which of the selected topics exist. */
export class TopicWatch {
  readonly #cluster: KafkaCluster;
  readonly #options: TopicWatchOptions;
  readonly #handlers: TopicWatchHandlers;
  readonly #clock: Clock;

  constructor(cluster: KafkaCluster, options: TopicWatchOptions, handlers: TopicWatchHandlers, clock: Clock) {
    this.#cluster = cluster;
    this.#options = options;
    this.#handlers = handlers;
    this.#clock = clock;
  }

  /** Resolves when there is a topic to read, or `signal` is aborted. */
  awaitTopics(signal: AbortSignal): Promise<SelectedTopics> {
    const { topics, topicPatience = 5000 } = this.#options;
    const since = this.#clock.now();
    return this.#cluster.withAdmin(async (admin) => {
      for (;;) {
        const selected = await selectTopics(admin, topics);
        if (selected.present.length > 0 || signal.aborted) return selected;
        this.#handlers.onWaiting();
        if (this.#clock.now() - since >= topicPatience) this.#handlers.onMissing(selected);
        await sleep(this.#clock, waitInterval, signal);
      }
    });
  }

  /**
   * Resolves when there are other topics to read than `present`, or `signal` is aborted. Only looks where that can happen, and
   * while `isReading` says so: what is wrong with the broker otherwise is noticed by reading.
   */
  async awaitChange(
    { present, missing }: SelectedTopics,
    isReading: () => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    const { topics, topicInterval = 5000 } = this.#options;
    const canChange = 'pattern' in topics || missing.length > 0;
    while (!signal.aborted) {
      await sleep(this.#clock, topicInterval, signal);
      if (signal.aborted || !canChange || !isReading()) continue;
      const now = await this.#cluster.withAdmin((admin) => selectTopics(admin, topics));
      if (now.present.length > 0 && now.present.join() !== present.join()) return;
    }
  }
}
