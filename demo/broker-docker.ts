import { spawnSync } from 'node:child_process';
import type { BrokerOptions } from './broker-options';
import { type Service, startService, untilReady } from './service';

const image = 'apache/kafka:4.3.0';

export function dockerRuns(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
}

/** Starts Apache Kafka's own image. Its data ends with it. */
export async function startDockerBroker(
  { port, say }: BrokerOptions,
  answers: (brokers: string) => Promise<boolean>,
): Promise<Service> {
  say(`Starting Kafka in Docker on localhost:${port} ...`);
  const environment = {
    KAFKA_NODE_ID: '1',
    KAFKA_PROCESS_ROLES: 'broker,controller',
    KAFKA_LISTENERS: `PLAINTEXT://:${port},CONTROLLER://:9093`,
    KAFKA_ADVERTISED_LISTENERS: `PLAINTEXT://localhost:${port}`,
    KAFKA_CONTROLLER_LISTENER_NAMES: 'CONTROLLER',
    KAFKA_LISTENER_SECURITY_PROTOCOL_MAP: 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    KAFKA_CONTROLLER_QUORUM_VOTERS: '1@localhost:9093',
    KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR: '1',
    KAFKA_TRANSACTION_STATE_LOG_MIN_ISR: '1',
    KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS: '0',
    KAFKA_AUTO_CREATE_TOPICS_ENABLE: 'false',
  };
  const variables = Object.entries(environment).flatMap(([name, value]) => ['-e', `${name}=${value}`]);
  const publish = ['-p', `127.0.0.1:${port}:${port}`];
  const service = startService('docker', ['run', '--rm', '--init', ...publish, ...variables, image], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  // The first start pulls the image.
  await untilReady('Kafka in Docker', service, () => answers(`localhost:${port}`), 300_000);
  return service;
}
