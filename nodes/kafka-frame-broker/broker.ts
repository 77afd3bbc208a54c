import type { ConnectionOptions } from 'node:tls';
import type { Node, NodeAPI, NodeDef } from 'node-red';
import { VideoError } from '../../lib/errors';
import { KafkaCluster, type SaslMechanism } from '../../lib/kafka/cluster/cluster';
import { readNumber } from '../../lib/read-number';
import { brokerRanges } from '../common/ranges';

export interface BrokerSettings {
  brokers: string;
  clientId: string;
  /** Id of a tls-config node. */
  tls: string;
  saslMechanism: SaslMechanism;
  /** For oauthbearer: where tokens come from; else the token of the credentials is used. */
  tokenUrl?: string;
  scope?: string;
  connectionTimeout: number | string;
  requestTimeout: number | string;
}

export interface BrokerCredentials {
  username?: string;
  password?: string;
  token?: string;
}

export interface BrokerNode extends Node<BrokerCredentials> {
  settings: BrokerSettings & NodeDef;
}

/** Node-RED's own node for certificates (nodes/core/network/05-tls.js). */
interface TlsNode extends Node {
  valid: boolean;
  addTLSOptions(options: ConnectionOptions): ConnectionOptions;
}

/**
 * The cluster a node is set to use; what the Kafka client logs goes to that node's debug log.
 * Throws BROKER_MISSING when none is chosen, BAD_OPTION when its settings cannot work.
 */
export function clusterOf(RED: NodeAPI, node: Node, brokerId: string): KafkaCluster {
  const broker = RED.nodes.getNode(brokerId) as BrokerNode | null;
  if (!broker?.settings) {
    throw new VideoError(
      'BROKER_MISSING',
      'No Kafka broker is set: open the node, choose or add a broker, and deploy (an existing one may be disabled).',
    );
  }
  return openCluster(RED, broker.settings, broker.credentials ?? {}, node);
}

/** A cluster from a broker node's settings, of a deployed node or of a dialog. */
export function openCluster(
  RED: NodeAPI,
  settings: BrokerSettings,
  credentials: BrokerCredentials,
  logTo?: Node,
): KafkaCluster {
  return new KafkaCluster({
    brokers: settings.brokers ?? '',
    clientId: settings.clientId || 'node-red',
    ssl: settings.tls ? tlsOptionsOf(RED, settings.tls) : undefined,
    saslMechanism: settings.saslMechanism,
    tokenUrl: settings.tokenUrl,
    scope: settings.scope,
    ...credentials,
    connectionTimeout: readNumber('Connection timeout', settings.connectionTimeout, brokerRanges.connectionTimeout),
    requestTimeout: readNumber('Request timeout', settings.requestTimeout, brokerRanges.requestTimeout),
    // Not as errors: the client logs each try, and what is lasting is reported once, in plain words, by the node.
    log: (level, text) => (level === 'error' || level === 'warn' ? logTo?.debug(text) : logTo?.trace(text)),
  });
}

function tlsOptionsOf(RED: NodeAPI, tlsId: string): ConnectionOptions {
  const tls = RED.nodes.getNode(tlsId) as TlsNode | null;
  if (!tls?.valid) {
    throw new VideoError(
      'BAD_OPTION',
      "The broker's TLS settings cannot be used: open them, check the certificate files, and deploy.",
    );
  }
  return tls.addTLSOptions({});
}
