import type { VideoError } from '../../errors';

/** Something in the way that is tried again until it is gone. */
export interface Outage {
  error: VideoError;
  /** Ms since the epoch when it was first noticed. */
  since: number;
  /** Whether it worked before. */
  hadWorked: boolean;
}

export interface OutageHandlers {
  /** Called once per cause, however often it is met. */
  onOutage: (outage: Outage) => void;
  /** Called once when every cause is gone. */
  onRecovered: () => void;
}

/**
 * Turns errors that come back with each new try into one report when trouble begins and one when it ends.
 * Trouble with a topic is told apart by topic; all other trouble is the broker's and ends with any success.
 */
export class Outages {
  readonly #handlers: OutageHandlers;
  readonly #current = new Map<string, Outage & { topic: string | undefined }>();

  #hasWorked = false;

  constructor(handlers: OutageHandlers) {
    this.#handlers = handlers;
  }

  /** The oldest outage that lasts. */
  get current(): Outage | undefined {
    return this.#current.values().next().value;
  }

  /** A try failed; `topic` where the failure concerns that topic only. */
  failed(error: VideoError, topic?: string): void {
    const key = keyOf(error, topic);
    // What kafkajs stumbles over while it reconnects says less than what it stumbled over first.
    const isVague = error.code === 'SEND_FAILED' || error.code === 'READ_FAILED';
    if (this.#current.has(key) || (isVague && this.#current.size > 0)) return;
    const outage = { error, since: Date.now(), hadWorked: this.#hasWorked, topic };
    this.#current.set(key, outage);
    this.#handlers.onOutage(outage);
  }

  /** A try for `topic` succeeded. */
  succeeded(topic?: string): void {
    this.#hasWorked = true;
    if (this.#current.size === 0) return;
    for (const [key, outage] of this.#current) {
      if (outage.topic === undefined || outage.topic === topic) this.#current.delete(key);
    }
    if (this.#current.size === 0) this.#handlers.onRecovered();
  }
}

/** Whether an error concerns one topic rather than the broker as a whole. */
export function concernsTopic(error: VideoError): boolean {
  return ['TOPIC_MISSING', 'BAD_OPTION', 'ACCESS_DENIED'].includes(error.code);
}

/**
 * What makes an outage another one. The texts of lost connections vary with each try and mean the same; a refusal with
 * another text (the certificate is known now, but expired) has another cause.
 */
function keyOf({ code, message }: VideoError, topic: string | undefined): string {
  const cause = code === 'TLS_FAILED' || code === 'LOGIN_REFUSED' || code === 'ACCESS_DENIED' ? message : '';
  return [code, topic ?? '', cause].join('\n');
}
