import type { ISocketFactory } from 'kafkajs';
import { listenForSilence } from '../kafkajs-patch/silence-watch';

/** Called with ms since the epoch when nothing has come from Kafka since then, and with undefined when something has. */
export type SilenceHandler = (since: number | undefined) => void;

/** Notices that Kafka says nothing though it is asked, well before a request is given up: a connection may die without a word. */
export class Silence {
  readonly #handlers = new Set<SilenceHandler>();
  /** Connections on which nothing comes, as long as they are open. */
  readonly #silent = new Set<symbol>();
  #since: number | undefined;

  /** Listens to connections made through `factory`; `patience` is the ms after which one counts as silent. */
  constructor(factory: ISocketFactory, patience: number) {
    listenForSilence(factory, {
      patience,
      onSilent: (connection, since) => {
        this.#silent.add(connection);
        // A connection that was given up did not end the silence, so it goes on since then.
        if (this.#since === undefined) this.#tell(since);
      },
      onHeard: (connection) => {
        if (this.#since === undefined) return;
        this.#silent.delete(connection);
        if (this.#silent.size === 0) this.#tell(undefined);
      },
      onClosed: (connection) => {
        this.#silent.delete(connection);
      },
    });
  }

  /** Tells `handler` from now on, until the function that is returned is called. */
  watch(handler: SilenceHandler): () => void {
    this.#handlers.add(handler);
    return () => this.#handlers.delete(handler);
  }

  #tell(since: number | undefined): void {
    this.#since = since;
    for (const handler of this.#handlers) handler(since);
  }
}
