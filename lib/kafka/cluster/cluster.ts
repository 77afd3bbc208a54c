import type { Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import {
  type Admin,
  type ISocketFactory,
  Kafka,
  type KafkaConfig,
  type LogEntry,
  logLevel,
  type SASLOptions,
} from 'kafkajs';
import { VideoError } from '../../errors';
import { installPatches } from '../kafkajs-patch/install';
import { openSocket, parseBrokers, withoutColons } from './broker-address';
import { brokerVersion } from './broker-version';
import { type ErrorContext, translateError } from './kafka-error';
import { KnownBrokers } from './known-brokers';
import { Silence } from './silence';
import { TokenEndpoint } from './token-endpoint';

export const saslMechanisms = ['none', 'plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;
export type SaslMechanism = (typeof saslMechanisms)[number];

export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** How to reach and talk to a Kafka cluster. */
export interface ClusterOptions {
  /** Comma list of `host:port`, the brokers to ask first, IPv6 addresses in brackets; the port is 9092 where none is given. */
  brokers: string;
  clientId?: string;
  /** TLS options; without them the connection is plain. */
  ssl?: ConnectionOptions;
  saslMechanism?: SaslMechanism;
  /** For plain and scram; for oauthbearer with a token endpoint, client id and secret. */
  username?: string;
  password?: string;
  /** For oauthbearer without a token endpoint: a token that does not expire. */
  token?: string;
  /** For oauthbearer: the token endpoint to get tokens from with the client's credentials. */
  tokenUrl?: string;
  /** What to ask the token endpoint for, space separated. */
  scope?: string;
  /** Ms to wait for a connection. Default 3000. */
  connectionTimeout?: number;
  /** Ms to wait for an answer; after that the connection is given up, and made anew. Default 15000. */
  requestTimeout?: number;
  /** Ms without a word, with requests under way, after which `silence` tells. Default 5000. */
  patience?: number;
  /** Receives what the client library logs. Errors are among it that are retried and not worth showing. */
  log?: (level: LogLevel, text: string) => void;
  /** Opens connections in place of the library's own way; for tests that stand between client and broker. */
  socketFactory?: ISocketFactory;
}

/** A Kafka cluster: makes clients for it, and explains its errors. */
export class KafkaCluster {
  /** `host:port` of each broker asked first. */
  readonly brokers: readonly string[];
  /** Tells when Kafka says nothing though it is asked. */
  readonly silence: Silence;
  readonly #options: ClusterOptions;
  readonly #known: KnownBrokers;
  /** One function for all clients, by which their connections are known as this cluster's. */
  readonly #socketFactory: ISocketFactory = (target) => this.#open(target);
  readonly #sasl: SASLOptions | undefined;

  /** Throws BAD_OPTION when the options cannot work. Connects to nothing yet. */
  constructor(options: ClusterOptions) {
    installPatches();
    this.#options = options;
    this.brokers = parseBrokers(options.brokers);
    this.#known = new KnownBrokers(this.brokers);
    this.silence = new Silence(this.#socketFactory, options.patience ?? 5000);
    this.#sasl = saslOf(options);
  }

  /**
   * A client of its own for each user: kafkajs keeps the committed offsets of a group per client, so two members of
   * one group on one client would overwrite each other's. `onLog` hears what the client logs, too.
   */
  client(more: Partial<KafkaConfig> = {}, onLog?: (entry: LogEntry) => void): Kafka {
    const { clientId, ssl, connectionTimeout, requestTimeout, log } = this.#options;
    return new Kafka({
      brokers: this.brokers.map(withoutColons),
      clientId: clientId || 'kafka-video',
      ssl,
      sasl: this.#sasl,
      connectionTimeout: connectionTimeout ?? 3000,
      requestTimeout: requestTimeout ?? 15_000,
      // Few and quick: every broker of the list is tried, then the callers' own patience begins, which tells the user.
      retry: { retries: Math.max(3, this.brokers.length), initialRetryTime: 200, maxRetryTime: 2000 },
      logLevel: logLevel.INFO,
      logCreator: () => (entry) => {
        onLog?.(entry);
        log?.(levelOf(entry.level), textOf(entry));
      },
      socketFactory: this.#socketFactory,
      ...more,
    });
  }

  /** The release of the first broker that tells, such as '4.3'. */
  async version(): Promise<string | undefined> {
    const { ssl, connectionTimeout: timeout = 3000 } = this.#options;
    for (const broker of this.brokers) {
      const version = await brokerVersion(broker, { ssl, timeout });
      if (version !== undefined) return version;
    }
    return undefined;
  }

  /** Runs `work` with an administration client that is closed afterwards. */
  async withAdmin<T>(work: (admin: Admin) => Promise<T>): Promise<T> {
    const admin = this.client().admin();
    try {
      await admin.connect();
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** What went wrong, with the remedy. */
  errorOf(error: unknown, context: Omit<ErrorContext, 'brokers' | 'isMisnamed'>): VideoError {
    const isMisnamed = (broker: string) => this.#known.isMisnamed(broker);
    return translateError(error, { ...context, brokers: this.brokers, isMisnamed });
  }

  #open({ onConnect, ...target }: Parameters<ISocketFactory>[0]): Socket {
    const { socketFactory = openSocket } = this.#options;
    const { connected, closed } = this.#known.trying(`${target.host}:${target.port}`);
    const socket = socketFactory({
      ...target,
      onConnect: () => {
        connected();
        onConnect();
      },
    });
    return socket.once('close', closed);
  }
}

function saslOf(options: ClusterOptions): SASLOptions | undefined {
  const { saslMechanism: mechanism = 'none', username, password } = options;
  switch (mechanism) {
    case 'none':
      return undefined;
    case 'oauthbearer':
      return { mechanism, oauthBearerProvider: tokenProvider(options) };
    case 'plain':
    case 'scram-sha-256':
    case 'scram-sha-512': {
      if (!username || !password) {
        throw new VideoError(
          'BAD_OPTION',
          `SASL ${mechanism} needs a user name and a password: enter them in the broker settings.`,
        );
      }
      // A cast, as the union of three mechanisms does not distribute over SASLOptions.
      return { mechanism, username, password } as SASLOptions;
    }
    default:
      throw new VideoError(
        'BAD_OPTION',
        `SASL mechanism "${mechanism}" is unknown: use one of ${saslMechanisms.join(', ')}.`,
      );
  }
}

function tokenProvider({ token, tokenUrl: url, username, password, scope }: ClusterOptions) {
  if (url) {
    if (!URL.canParse(url) || !/^https?:/i.test(url)) {
      throw new VideoError('BAD_OPTION', `"${url}" is not the URL of a token endpoint: write it as https://...`);
    }
    if (!username || !password) {
      throw new VideoError(
        'BAD_OPTION',
        'A token endpoint needs a client id and a client secret: enter them in the broker settings.',
      );
    }
    const endpoint = new TokenEndpoint({ url, clientId: username, clientSecret: password, scope });
    return async () => ({ value: await endpoint.token() });
  }
  if (token) return async () => ({ value: token });
  throw new VideoError(
    'BAD_OPTION',
    'SASL oauthbearer needs a token, or a token endpoint to get one from: enter it in the broker settings.',
  );
}

function levelOf(level: logLevel): LogLevel {
  if (level <= logLevel.ERROR) return 'error';
  if (level <= logLevel.WARN) return 'warn';
  return level <= logLevel.INFO ? 'info' : 'debug';
}

function textOf({ namespace, log }: LogEntry): string {
  const { message, error, broker } = log as typeof log & { error?: unknown; broker?: string };
  const details = [broker, error].filter((detail) => detail !== undefined).join(': ');
  return `kafkajs ${namespace}: ${message}${details && ` (${details})`}`;
}
