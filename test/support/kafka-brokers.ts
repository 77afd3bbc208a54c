import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answersAsKafka } from '../../demo/broker';
import { type JavaBrokerOptions, startJavaBroker } from '../../demo/broker-java';
import { freePort, freePorts } from '../../demo/ports';
import type { Service } from '../../demo/service';
import { root } from '../../demo/user-dir';
import { Authority, type Certificate } from './kafka-certificates';

/** Real brokers with a will of their own: for tests that need more than the one that serves the whole run. */

/** A broker of a test is started more often than it works: with these, Java spends a third less on starting it. */
const jvm = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC'];
const common = { cacheDir: join(root, '.cache', 'kafka'), say: () => {}, heap: '256m', jvm };

/** A broker that can be killed like a process, and started again with its data. */
export class TestBroker {
  readonly #options: JavaBrokerOptions;
  #service: Service | undefined;

  constructor(options: Pick<JavaBrokerOptions, 'dataDir' | 'port' | 'properties' | 'format'>) {
    this.#options = { ...common, ...options };
  }

  /** `host:port` of the listener without TLS and login. */
  get brokers(): string {
    return `localhost:${this.#options.port}`;
  }

  async start(): Promise<void> {
    try {
      this.#service = await startJavaBroker(this.#options, answersAsKafka);
    } catch (error) {
      const log = readFileSync(join(this.#options.dataDir, 'kafka.log'), 'utf8');
      throw new Error(`${(error as Error).message}; its log ends\n${log.slice(-2000)}`, { cause: error });
    }
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.#service?.process.kill('SIGKILL');
    await this.#service?.ended;
  }

  async stop(): Promise<void> {
    await this.#service?.stop(5000);
  }
}

/** A broker with a port and data of its own, which go with it. `properties`: see `JavaBrokerOptions`. */
export async function startTestBroker(
  properties: JavaBrokerOptions['properties'] = {},
): Promise<TestBroker & { remove(): Promise<void> }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-video-broker-'));
  const broker = new TestBroker({ dataDir, port: await freePort(), properties });
  await broker.start();
  return Object.assign(broker, {
    async remove() {
      await broker.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  });
}

export interface Cluster {
  /** Of node 1, 2 and 3, in this order. */
  nodes: TestBroker[];
  /** Comma list of all. */
  brokers: string;
  remove(): Promise<void>;
}

/** Three brokers, each a KRaft controller as well, that keep three copies of every topic made without saying how many. */
export async function startCluster(): Promise<Cluster> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka-video-cluster-'));
  const free = await freePorts(6);
  const ports = [1, 2, 3].map((id) => ({ id, port: free[id - 1] as number, controller: free[id + 2] as number }));
  const voters = ports.map(({ id, controller }) => `${id}@127.0.0.1:${controller}`).join(',');
  const nodes = ports.map(
    ({ id, port, controller }) =>
      new TestBroker({
        dataDir: join(folder, String(id)),
        port,
        properties: {
          'node.id': id,
          'controller.quorum.voters': voters,
          listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controller}`,
          'default.replication.factor': 3,
          'min.insync.replicas': 2,
          'offsets.topic.replication.factor': 3,
          'transaction.state.log.replication.factor': 3,
          'transaction.state.log.min.isr': 2,
          // A dead broker is noticed sooner than by default (9 s), for the tests' sake.
          'broker.session.timeout.ms': 3000,
          'broker.heartbeat.interval.ms': 500,
        },
      }),
  );
  const remove = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await Promise.all(nodes.map((node) => node.start()));
  } catch (error) {
    await remove();
    throw error;
  }
  return { nodes, brokers: nodes.map(({ brokers }) => brokers).join(','), remove };
}

export const users = { admin: 'admin-secret', alice: 'alice-secret', bob: 'bob-secret' };

export interface SecureBroker {
  /** Without TLS and login: everybody may do everything there. */
  plain: string;
  /** SASL without TLS: PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 and OAUTHBEARER (unsigned tokens). */
  sasl: string;
  /** SASL PLAIN without TLS, where a login lasts 1.5 s. */
  shortLogin: string;
  /** Without TLS and login, where the broker calls itself `kafka.invalid:29092`. */
  misnamed: string;
  /** SASL (the same) within TLS. */
  saslSsl: string;
  /** TLS that asks for the client's certificate; its CN is the user. */
  mutual: string;
  /** TLS with a certificate that has expired. */
  expired: string;
  authority: Authority;
  client: Certificate;
  /** Where its certificates are; removed with it. */
  folder: string;
  remove(): Promise<void>;
}

/** A broker with listeners of every kind and access control: only super users may do what no ACL allows. */
export async function startSecureBroker(): Promise<SecureBroker> {
  const dataDir = mkdtempSync(join(tmpdir(), 'kafka-video-secure-'));
  const authority = new Authority(dataDir, 'test authority');
  const server = authority.issue('localhost');
  const expired = authority.issue('expired', { expired: true });
  const client = authority.issue('client');
  const names = ['PLAINTEXT', 'SASL', 'SHORT', 'SASLSSL', 'MUTUAL', 'EXPIRED', 'MISNAMED', 'CONTROLLER'];
  const free = await freePorts(names.length);
  const ports = Object.fromEntries(names.map((name, index) => [name, free[index]]));
  const at = (name: string) => `localhost:${ports[name]}`;
  const listeners = (chosen: string[]) => chosen.map((name) => `${name}://${at(name)}`).join(',');
  const properties: Record<string, string | number> = {
    listeners: listeners(names),
    'advertised.listeners': `${listeners(names.slice(0, -2))},MISNAMED://kafka.invalid:29092`,
    'controller.quorum.voters': `1@${at('CONTROLLER')}`,
    'listener.security.protocol.map':
      'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,MISNAMED:PLAINTEXT,SASL:SASL_PLAINTEXT,SHORT:SASL_PLAINTEXT,SASLSSL:SASL_SSL,MUTUAL:SSL,EXPIRED:SSL',
    'sasl.enabled.mechanisms': 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'super.users': 'User:ANONYMOUS;User:admin;User:CN=client',
    'ssl.truststore.type': 'PEM',
    'ssl.truststore.location': authority.file,
    'ssl.keystore.type': 'PEM',
    'ssl.keystore.location': server.file,
    'listener.name.mutual.ssl.client.auth': 'required',
    'listener.name.expired.ssl.keystore.type': 'PEM',
    'listener.name.expired.ssl.keystore.location': expired.file,
  };
  properties['listener.name.short.connections.max.reauth.ms'] = 1500;
  const security = 'org.apache.kafka.common.security';
  const plainUsers = Object.entries(users).map(([name, password]) => `user_${name}="${password}"`);
  for (const listener of ['sasl', 'short', 'saslssl']) {
    const jaas = (mechanism: string, module: string) => {
      properties[`listener.name.${listener}.${mechanism}.sasl.jaas.config`] = `${security}.${module};`;
    };
    jaas('plain', `plain.PlainLoginModule required ${plainUsers.join(' ')}`);
    jaas('scram-sha-256', 'scram.ScramLoginModule required');
    jaas('scram-sha-512', 'scram.ScramLoginModule required');
    jaas('oauthbearer', 'oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="admin"');
  }
  const format = Object.entries(users).flatMap(([name, password]) =>
    ['SCRAM-SHA-256', 'SCRAM-SHA-512'].flatMap((mechanism) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );
  const broker = new TestBroker({ dataDir, port: ports.PLAINTEXT as number, properties, format });
  const remove = async () => {
    await broker.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
  try {
    await broker.start();
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    plain: at('PLAINTEXT'),
    sasl: at('SASL'),
    shortLogin: at('SHORT'),
    misnamed: at('MISNAMED'),
    saslSsl: at('SASLSSL'),
    mutual: at('MUTUAL'),
    expired: at('EXPIRED'),
    authority,
    client,
    folder: dataDir,
    remove,
  };
}
