import { spawnSync } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BrokerOptions } from './broker-options';
import { freePort } from './ports';
import { type Service, startService, untilReady } from './service';

const root = join(__dirname, '..', '..');

/** A release to use instead of the one demo/kafka/pom.xml names: 3.9.1, say. */
const otherVersion = process.env.KAFKA_VERSION;

export interface JavaBrokerOptions extends BrokerOptions {
  /** Added to server.properties, where they win over what is there. */
  properties?: Record<string, string | number>;
  /** Arguments added to `StorageTool format`: users, say. */
  format?: string[];
  /** Java heap. Default 512m. */
  heap?: string;
  /** More of Java's own options. */
  jvm?: string[];
}

/** What keeps a broker from being started with Java, in words; undefined when nothing does. */
export function missingForJava(): string | undefined {
  const java = spawnSync('java', ['-version'], { encoding: 'utf8' });
  if (java.error !== undefined || java.status !== 0) return 'Java is not installed';
  const major = Number(/version "(\d+)/.exec(java.stderr)?.[1]);
  if (major < 17) return `Java ${major} is too old (Kafka needs 17)`;
  const maven = spawnSync('mvn', ['-version'], { shell: process.platform === 'win32' });
  if (maven.error !== undefined || maven.status !== 0) return 'Maven is not installed';
  return undefined;
}

/** Starts Apache Kafka as one process that is broker and KRaft controller, its jars fetched by Maven. */
export async function startJavaBroker(
  options: JavaBrokerOptions,
  answers: (brokers: string) => Promise<boolean>,
): Promise<Service> {
  const { dataDir, port, say, heap = '512m', jvm = [] } = options;
  const classPath = join(fetchJars(options), '*');
  const properties = await configure(options);
  say(`Starting Kafka on localhost:${port} ...`);
  const log = openSync(join(dataDir, 'kafka.log'), 'a');
  try {
    formatStorage(options, classPath, properties, log);
    // log4j's own default is to complain that it has no configuration; its errors go to kafka.log.
    const service = startService('java', [`-Xmx${heap}`, ...jvm, '-cp', classPath, 'kafka.Kafka', properties], {
      stdio: ['ignore', log, log],
    });
    try {
      await untilReady('Kafka', service, () => answers(`localhost:${port}`), 60_000);
    } catch (error) {
      await service.stop();
      throw new Error(`${(error as Error).message}; its log is ${join(dataDir, 'kafka.log')}`, { cause: error });
    }
    return service;
  } finally {
    closeSync(log);
  }
}

/** The folder of Kafka's jars, fetched once. */
export function fetchJars({ cacheDir, say }: Pick<BrokerOptions, 'cacheDir' | 'say'>): string {
  const jars = join(cacheDir, otherVersion ? `jars-${otherVersion}` : 'jars');
  if (existsSync(jars)) return jars;
  say('Fetching Kafka (54 MB, once) ...');
  const partial = `${jars}.${process.pid}`;
  const pom = join(root, 'demo', 'kafka', 'pom.xml');
  const args = ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${partial}`];
  if (otherVersion) args.push(`-Dkafka.version=${otherVersion}`);
  const { status } = spawnSync('mvn', args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  if (status !== 0) {
    rmSync(partial, { recursive: true, force: true });
    throw new Error('Maven could not fetch Kafka; its output is above. Is Maven Central reachable from here?');
  }
  renameSync(partial, jars);
  return jars;
}

/** https://kafka.apache.org/documentation/#kraft_config, as one node, with a small cluster's replication. */
async function configure({ dataDir, port, properties = {} }: JavaBrokerOptions): Promise<string> {
  const controllerPort = await freePort();
  const path = join(dataDir, 'server.properties');
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(
    path,
    `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:${controllerPort}
listeners=PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}
advertised.listeners=PLAINTEXT://127.0.0.1:${port}
controller.listener.names=CONTROLLER
log.dirs=${join(dataDir, 'log').replaceAll('\\', '/')}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
log.retention.bytes=1073741824
${Object.entries(properties)
  .map(([name, value]) => `${name}=${value}\n`)
  .join('')}`,
  );
  return path;
}

function formatStorage(options: JavaBrokerOptions, classPath: string, properties: string, log: number): void {
  const { dataDir, format = [] } = options;
  if (existsSync(join(dataDir, 'log', 'meta.properties'))) return;
  const args = [
    '-cp',
    classPath,
    'kafka.tools.StorageTool',
    'format',
    '-t',
    'kafkaVideoNodesDemo000',
    '-c',
    properties,
    ...format,
  ];
  const { status } = spawnSync('java', args, { stdio: ['ignore', log, log] });
  if (status !== 0) throw new Error(`Kafka could not format its storage; see ${join(dataDir, 'kafka.log')}`);
}
