import { type ErrorCode, messageOf, VideoError } from '../../errors';
import { withColons } from './broker-address';

export interface ErrorContext {
  /** `host:port` of the brokers asked. */
  brokers: readonly string[];
  /** Whether an address that the cluster gave for one of its brokers never led there. */
  isMisnamed?: (broker: string) => boolean;
  /** The topic concerned, if one is. */
  topic?: string;
  /** The consumer group concerned, if one is. */
  group?: string;
  /** The code for an error of no known kind. */
  otherwise: ErrorCode;
}

/** What kafkajs's error classes carry (https://kafka.js.org/docs/errors), read without depending on the classes. */
interface KafkaError extends Error {
  type?: string;
  code?: string | number;
  broker?: string;
  retriable?: boolean;
  errors?: unknown[];
}

/** kafkajs's error in plain words: what is wrong, where, and what to do. A VideoError is passed on as it is. */
export function translateError(thrown: unknown, context: ErrorContext): VideoError {
  const error = rootOf(thrown);
  if (error instanceof VideoError) return error;
  const { code, message } = explain(error as KafkaError, context);
  return new VideoError(code, message, { cause: thrown });
}

/** The broker's own name for what it refused (`MESSAGE_TOO_LARGE` ...), if it was a broker that did. */
export function protocolErrorType(thrown: unknown): string | undefined {
  return (rootOf(thrown) as KafkaError).type;
}

/** Whether the broker refuses a batch because it does not continue the idempotent producer's sequence as the broker knows it. */
export function isSequenceError(thrown: unknown): boolean {
  const type = protocolErrorType(thrown) ?? '';
  return ['OUT_OF_ORDER_SEQUENCE_NUMBER', 'UNKNOWN_PRODUCER_ID', 'INVALID_PRODUCER_EPOCH'].includes(type);
}

/** kafkajs wraps errors when it gives up; the innermost one says what happened. */
export function rootOf(thrown: unknown): unknown {
  if (thrown instanceof VideoError || !(thrown instanceof Error)) return thrown;
  const [first] = (thrown as KafkaError).errors ?? [];
  const inner = first ?? thrown.cause;
  return inner instanceof Error && inner !== thrown ? rootOf(inner) : thrown;
}

function explain(error: KafkaError, context: ErrorContext): { code: ErrorCode; message: string } {
  const brokers = context.brokers.join(', ');
  const topic = `topic "${context.topic ?? ''}"`;
  const reason = messageOf(error);
  switch (error.type) {
    case 'UNKNOWN_TOPIC_OR_PARTITION':
      return {
        code: 'TOPIC_MISSING',
        message: `Kafka at ${brokers} has no ${topic}. Create it, or correct its name; work resumes as soon as it is there.`,
      };
    case 'INVALID_TOPIC_EXCEPTION':
      return {
        code: 'BAD_OPTION',
        message: `"${context.topic}" cannot be the name of a Kafka topic: use up to 249 letters, digits, dots, underscores and hyphens.`,
      };
    case 'INVALID_PARTITIONS':
    case 'INVALID_REPLICATION_FACTOR':
    case 'INVALID_CONFIG':
    case 'POLICY_VIOLATION':
      return {
        code: 'BAD_OPTION',
        message: `Kafka at ${brokers} refused to create ${topic}: ${reason} Check partitions, replication (at most the number of brokers) and retention.`,
      };
    case 'MESSAGE_TOO_LARGE':
    case 'RECORD_LIST_TOO_LARGE':
      return {
        code: 'RECORD_TOO_LARGE',
        message: `Kafka at ${brokers} refused a record for ${topic} as too large. Lower the record limit here, or raise max.message.bytes of the topic.`,
      };
    case 'INVALID_TIMESTAMP':
      return {
        code: context.otherwise,
        message: `Kafka at ${brokers} refused a record for ${topic} because of its timestamp: it is too far from the broker's clock. Set the clocks, or message.timestamp.before.max.ms and message.timestamp.after.max.ms of the topic.`,
      };
    case 'INCONSISTENT_GROUP_PROTOCOL':
      return {
        code: context.otherwise,
        message: `Consumer group "${context.group ?? ''}" at ${brokers} is used by consumers of another kind, which share partitions in another way. Give this one a group of its own.`,
      };
    case 'TOPIC_AUTHORIZATION_FAILED':
      return denied(topic);
    case 'GROUP_AUTHORIZATION_FAILED':
      return denied(`consumer group "${context.group ?? ''}"`);
    case 'CLUSTER_AUTHORIZATION_FAILED':
    case 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED':
      return denied(`the cluster${context.topic ? ` (${topic})` : ''}`);
    case 'UNSUPPORTED_SASL_MECHANISM':
      return {
        code: 'LOGIN_REFUSED',
        message: `Kafka at ${brokers} does not offer this SASL mechanism: ${reason}. Choose another one in the broker settings.`,
      };
  }
  if (error.name === 'KafkaJSSASLAuthenticationError' || error.type === 'SASL_AUTHENTICATION_FAILED') {
    return {
      code: 'LOGIN_REFUSED',
      message: `Kafka at ${brokers} refused the login: ${reason}. Check SASL mechanism, user and password (or token) in the broker settings.`,
    };
  }
  const tls = tlsReason(error);
  if (tls !== undefined) {
    return { code: 'TLS_FAILED', message: `No TLS connection to Kafka at ${brokers}: ${tls}` };
  }
  if (isConnectionError(error)) {
    const address = error.name === 'KafkaJSConnectionError' ? error.broker : undefined;
    if (address !== undefined && context.isMisnamed?.(address)) {
      const named = withColons(address);
      return {
        code: 'BROKER_UNREACHABLE',
        message: `Kafka was reached at ${brokers}, but names its broker ${named}, which cannot be reached from here: ${reason}. Check that it runs; if it does, set advertised.listeners of that broker to a host and port that can be reached from here. Work resumes as soon as it answers.`,
      };
    }
    return {
      code: 'BROKER_UNREACHABLE',
      message: `Kafka at ${brokers} cannot be reached: ${reason}. Check that it runs and that host and port are right; work resumes as soon as it answers.`,
    };
  }
  function denied(what: string): { code: ErrorCode; message: string } {
    return {
      code: 'ACCESS_DENIED',
      message: `Kafka at ${brokers} denies this user access to ${what}: ${reason}. Grant it in Kafka's access control list; work resumes by itself.`,
    };
  }
  const where = context.topic ? ` (${topic})` : '';
  return { code: context.otherwise, message: `Kafka at ${brokers}${where} reported: ${reason}` };
}

/** What is wrong with TLS, and what to do; undefined where TLS is not to blame. kafkajs passes on the text alone. */
function tlsReason(error: KafkaError): string | undefined {
  const text = `${error.code ?? ''} ${error.message}`;
  if (/certificate has expired|CERT_HAS_EXPIRED|alert certificate expired/i.test(text)) {
    return "a certificate has expired. Renew it (the broker's, or this client's in the TLS settings).";
  }
  if (/unable to verify|self.signed|unable to get (local )?issuer|UNABLE_TO_|SELF_SIGNED/i.test(text)) {
    return `its certificate is signed by an authority that is not known here (${error.message}). Enter the authority's certificate (CA) in the broker's TLS settings.`;
  }
  if (/altname|does not match certificate/i.test(text)) {
    return `its certificate is for another host name (${error.message}). Connect by a name the certificate holds.`;
  }
  if (/alert (bad certificate|certificate required|unknown ca|certificate unknown|handshake failure)/i.test(text)) {
    return `the broker did not accept this client's certificate (${error.message}). Enter a certificate and key the broker trusts in the TLS settings.`;
  }
  if (/certificate|\bSSL\b|\bTLS\b|EPROTO|ERR_TLS|CERT_/i.test(text)) {
    return `${error.message}. Check that the port speaks TLS, and the broker's TLS settings.`;
  }
  return undefined;
}

const connectionErrors = [
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
  'KafkaJSNoBrokerAvailableError',
  'KafkaJSGroupCoordinatorNotFound',
  'KafkaJSLockTimeout',
  'KafkaJSMetadataNotLoaded',
  'KafkaJSTopicMetadataNotLoaded',
];

function isConnectionError(error: KafkaError): boolean {
  const unavailable = [
    'BROKER_NOT_AVAILABLE',
    'NETWORK_EXCEPTION',
    'GROUP_COORDINATOR_NOT_AVAILABLE',
    'REQUEST_TIMED_OUT',
  ];
  return connectionErrors.includes(error.name) || unavailable.includes(error.type ?? '');
}
