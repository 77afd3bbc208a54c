import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } from 'kafkajs';
import type { ErrorCode } from '../../lib/errors';
import { type ClusterOptions, KafkaCluster, type SaslMechanism } from '../../lib/kafka/cluster/cluster';
import { describeCluster } from '../../lib/kafka/cluster/cluster-description';
import { type SecureBroker, startSecureBroker, users } from '../support/kafka-brokers';
import { Authority } from '../support/kafka-certificates';
import { eventually } from '../support/processes';
import { frame, openConsumer, openProducer, testImage, uniqueTopic } from './kafka-support';

describe('a secured broker', function () {
  this.timeout(60_000);
  let secure: SecureBroker;
  let tokens: Server;
  let tokenUrl: string;
  const open: { close(): Promise<void> }[] = [];

  before(async () => {
    secure = await startSecureBroker();
    tokens = createServer((request, response) => {
      const isKnown = request.headers.authorization === `Basic ${btoa('node-red:client+secret')}`;
      response.writeHead(isKnown ? 200 : 401, { 'content-type': 'application/json' });
      response.end(
        JSON.stringify(isKnown ? { access_token: unsignedToken(), expires_in: 60 } : { error: 'invalid_client' }),
      );
    }).listen(0, '127.0.0.1');
    await once(tokens, 'listening');
    tokenUrl = `http://127.0.0.1:${(tokens.address() as AddressInfo).port}/token`;
  });
  after(async () => {
    tokens?.close();
    await secure?.remove();
  });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((each) => each.close()));
  });

  const known = (): ConnectionOptions => ({ ca: secure.authority.cert });
  const login = (saslMechanism: SaslMechanism, username: keyof typeof users = 'admin') => ({
    saslMechanism,
    username,
    password: users[username],
  });

  /** Sends three frames and reads them back. */
  async function roundTrip(options: ClusterOptions): Promise<void> {
    const cluster = new KafkaCluster(options);
    const topic = uniqueTopic();
    const { producer } = openProducer({ topic, createTopic: {}, acks: 'all', idempotent: true }, cluster);
    const { consumer, frames } = openConsumer({ topic }, { through: cluster });
    open.push(producer, consumer);
    const data = await testImage();
    for (const seq of [0, 1, 2]) await producer.send(topic, 'a', frame(data, seq), { tracked: true });
    await frames.reached(3);
  }

  const working: Record<string, () => ClusterOptions> = {
    'SASL PLAIN': () => ({ brokers: secure.sasl, ...login('plain') }),
    'SASL SCRAM-SHA-256': () => ({ brokers: secure.sasl, ...login('scram-sha-256') }),
    'SASL PLAIN within TLS': () => ({ brokers: secure.saslSsl, ssl: known(), ...login('plain') }),
    'SASL SCRAM-SHA-512 within TLS': () => ({ brokers: secure.saslSsl, ssl: known(), ...login('scram-sha-512') }),
    'SASL OAUTHBEARER with a token': () => ({
      brokers: secure.sasl,
      saslMechanism: 'oauthbearer',
      token: unsignedToken(),
    }),
    'SASL OAUTHBEARER with a token endpoint': () => ({
      brokers: secure.saslSsl,
      ssl: known(),
      saslMechanism: 'oauthbearer',
      tokenUrl,
      username: 'node-red',
      password: 'client secret',
    }),
    'mutual TLS': () => ({
      brokers: secure.mutual,
      ssl: { ...known(), cert: secure.client.cert, key: secure.client.key },
    }),
  };
  for (const [name, options] of Object.entries(working)) {
    it(`takes frames and gives them back with ${name}`, () => roundTrip(options()));
  }

  it('takes frames and gives them back, without an error, while the login is renewed again and again', async () => {
    const cluster = new KafkaCluster({ brokers: secure.shortLogin, ...login('plain') });
    const topic = uniqueTopic();
    const { producer, outages: sending } = openProducer({ topic, createTopic: {} }, cluster);
    const { consumer, frames, outages: reading } = openConsumer({ topic }, { through: cluster });
    open.push(producer, consumer);
    const data = await testImage();
    // Several lifetimes of a login, which the broker ends by its own clock.
    const end = Date.now() + 5000;
    let sent = 0;
    while (Date.now() < end) {
      const burst = [sent, sent + 1, sent + 2].map((seq) =>
        producer.send(topic, `${seq}`, frame(data, seq), { tracked: true }),
      );
      await Promise.all(burst);
      sent += burst.length;
      await frames.reached(sent);
    }
    assert.deepEqual([...sending.items, ...reading.items], []);
    assert.equal(frames.items.length, sent);
  });

  it('is said to name itself wrong where it does, to those who send, read or test', async () => {
    const cluster = new KafkaCluster({ brokers: secure.misnamed });
    const topic = uniqueTopic();
    await new KafkaCluster({ brokers: secure.plain }).withAdmin((admin) => admin.createTopics({ topics: [{ topic }] }));
    const { producer, outages: sending } = openProducer({ topic }, cluster);
    const { consumer, outages: reading } = openConsumer({ topic }, { through: cluster });
    open.push(producer, consumer);
    producer.send(topic, 'a', frame(await testImage(), 0), { tracked: true }).catch(() => {}); // Not before it is closed.
    await Promise.all([sending.reached(1), reading.reached(1)]);
    const tested = await describeCluster(cluster).catch((error) => error as Error);
    const messages = [...sending.items, ...reading.items].map(({ error }) => error.message);
    for (const message of [...messages, (tested as Error).message]) {
      assert.match(message, /names its broker kafka\.invalid:29092.*set advertised\.listeners/);
      assert.ok(message.includes(`reached at ${secure.misnamed}`), message);
    }
  });

  it('tells its version, cluster and brokers', async () => {
    const options = { brokers: secure.saslSsl, ssl: known(), ...login('scram-sha-256') };
    const { version, clusterId, brokers } = await describeCluster(new KafkaCluster(options));
    assert.match(version ?? '', /^\d\.\d/);
    assert.ok(clusterId);
    assert.deepEqual(brokers, [secure.saslSsl]);
  });

  const wrong: Record<string, [() => ClusterOptions, ErrorCode, RegExp]> = {
    'a wrong PLAIN password': [
      () => ({ brokers: secure.sasl, saslMechanism: 'plain', username: 'alice', password: 'wrong' }),
      'LOGIN_REFUSED',
      /Check SASL mechanism, user and password/,
    ],
    'a wrong SCRAM password': [
      () => ({
        brokers: secure.saslSsl,
        ssl: known(),
        saslMechanism: 'scram-sha-512',
        username: 'alice',
        password: 'wrong',
      }),
      'LOGIN_REFUSED',
      /Check SASL mechanism, user and password/,
    ],
    'a wrong client secret': [
      () => ({ brokers: secure.sasl, saslMechanism: 'oauthbearer', tokenUrl, username: 'node-red', password: 'wrong' }),
      'LOGIN_REFUSED',
      /token endpoint .* returned no token: 401 invalid_client/,
    ],
    'an unknown authority': [
      () => ({ brokers: secure.mutual, ssl: {} }),
      'TLS_FAILED',
      /authority that is not known here/,
    ],
    'another authority': [
      () => ({ brokers: secure.mutual, ssl: { ca: otherAuthority().cert } }),
      'TLS_FAILED',
      /authority that is not known here/,
    ],
    'an expired certificate': [() => ({ brokers: secure.expired, ssl: known() }), 'TLS_FAILED', /has expired/],
    'no client certificate': [
      () => ({ brokers: secure.mutual, ssl: known() }),
      'TLS_FAILED',
      /did not accept this client's certificate/,
    ],
    'TLS where there is none': [() => ({ brokers: secure.plain, ssl: known() }), 'TLS_FAILED', /speaks TLS/],
  };
  for (const [name, [options, code, message]] of Object.entries(wrong)) {
    it(`refuses ${name} with one clear error on either side`, async () => {
      const cluster = new KafkaCluster(options());
      const producing = openProducer({ topic: 'any', createTopic: {} }, cluster);
      const consuming = openConsumer({ topic: 'any' }, { through: cluster });
      open.push(producing.producer, consuming.consumer);
      for (const { outages } of [producing, consuming]) {
        await outages.reached(1);
        assert.equal(outages.items[0]?.error.code, code, outages.items[0]?.error.message);
        assert.match(outages.items[0]?.error.message ?? '', message);
      }
      await assert.rejects(describeCluster(cluster), { code });
      // Both try again, and say nothing new.
      const hasTriedAgain = () => producing.producer.totals.retries > 1 && consuming.consumer.totals.retries > 1;
      await eventually('both have tried again', hasTriedAgain, 20_000);
      for (const { outages } of [producing, consuming]) assert.deepEqual(outages.items.slice(1), []);
    });
  }

  it('says so anew when the cause has changed, and sends what waited when it is gone', async () => {
    const topic = uniqueTopic();
    const options: ClusterOptions = { brokers: secure.sasl, saslMechanism: 'oauthbearer', token: unsignedToken('bob') };
    const cluster = new KafkaCluster(options);
    const admin = new KafkaCluster({ brokers: secure.plain });
    await admin.withAdmin((client) => client.createTopics({ topics: [{ topic }] }));
    const { producer, outages } = openProducer({ topic, acks: 'all' }, cluster);
    open.push(producer);
    const sent = producer.send(topic, 'a', frame(await testImage(), 0), { tracked: true });
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'ACCESS_DENIED');
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(`topic "${topic}"`));
    await allow(admin, 'bob', topic);
    await sent;
    assert.equal(outages.items.length, 1);
  });

  it('denies a consumer the topic, then the group, each with an error of its own, until both are granted', async () => {
    const topic = uniqueTopic();
    const cluster = new KafkaCluster({ brokers: secure.sasl, ...login('plain', 'alice') });
    const admin = new KafkaCluster({ brokers: secure.plain });
    await admin.withAdmin((client) => client.createTopics({ topics: [{ topic }] }));
    const { producer } = openProducer({}, admin);
    open.push(producer);
    await producer.send(topic, 'a', frame(await testImage(), 0));
    const { consumer, frames, outages } = openConsumer({ topic, group: 'secret' }, { through: cluster });
    open.push(consumer);
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'ACCESS_DENIED');
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(`topic "${topic}"`));
    await allow(admin, 'alice', topic);
    await outages.reached(2);
    assert.match(outages.items[1]?.error.message ?? '', /consumer group "secret"/);
    await allow(admin, 'alice', 'secret', { type: AclResourceTypes.GROUP });
    await frames.reached(1);
    assert.equal(outages.items.length, 2);
  });

  it('tells a member without partition who has it, where it may read in its group and nothing else', async () => {
    const [topic, group] = [uniqueTopic(), `group-${uniqueTopic()}`];
    const admin = new KafkaCluster({ brokers: secure.plain });
    await admin.withAdmin((client) => client.createTopics({ topics: [{ topic }] }));
    await allow(admin, 'bob', topic, { operation: AclOperationTypes.READ });
    await allow(admin, 'bob', group, { type: AclResourceTypes.GROUP, operation: AclOperationTypes.READ });
    const through = new KafkaCluster({ brokers: secure.sasl, clientId: 'of bob', ...login('plain', 'bob') });
    const members = [1, 2].map(() => openConsumer({ topic, group }, { through }));
    open.push(...members.map(({ consumer }) => consumer));
    const idle = () => members.find(({ consumer }) => consumer.state === 'unassigned');
    await eventually('one is left without a partition', () => idle() !== undefined, 20_000);
    assert.deepEqual(
      idle()?.owners.map(({ clientId }) => clientId),
      ['of bob'],
    );
  });

  it('says of a group that a consumer may read in, but not describe, that access to it is denied', async () => {
    const [topic, group] = [uniqueTopic(), `group-${uniqueTopic()}`];
    const admin = new KafkaCluster({ brokers: secure.plain });
    await admin.withAdmin((client) => client.createTopics({ topics: [{ topic }] }));
    await allow(admin, 'bob', topic);
    await allow(admin, 'bob', group, { type: AclResourceTypes.GROUP });
    await allow(admin, 'bob', group, {
      type: AclResourceTypes.GROUP,
      operation: AclOperationTypes.DESCRIBE,
      permission: AclPermissionTypes.DENY,
    });
    const through = new KafkaCluster({ brokers: secure.sasl, ...login('plain', 'bob') });
    const { consumer, outages } = openConsumer({ topic, group }, { through });
    open.push(consumer);
    await outages.reached(1);
    assert.equal(outages.items[0]?.error.code, 'ACCESS_DENIED');
    assert.match(outages.items[0]?.error.message ?? '', new RegExp(`consumer group "${group}"`));
  });

  let other: Authority | undefined;
  function otherAuthority(): Authority {
    other ??= new Authority(secure.folder, 'another authority');
    return other;
  }
});

/** Lets a user do something with a topic, or a resource of another type; all of it unless said otherwise. */
async function allow(
  admin: KafkaCluster,
  user: string,
  resourceName: string,
  {
    type: resourceType = AclResourceTypes.TOPIC,
    operation = AclOperationTypes.ALL,
    permission: permissionType = AclPermissionTypes.ALLOW,
  } = {},
) {
  const resourcePatternType = ResourcePatternTypes.LITERAL;
  const principal = `User:${user}`;
  const resource = { resourceType, resourceName, resourcePatternType };
  const acl = { ...resource, principal, host: '*', operation, permissionType };
  await admin.withAdmin((client) => client.createAcls({ acl: [acl] }));
}

/** A JSON Web Token as Kafka takes it where signatures are not asked for. */
function unsignedToken(subject = 'admin'): string {
  const part = (content: object) => Buffer.from(JSON.stringify(content)).toString('base64url');
  const now = Math.floor(Date.now() / 1000);
  return `${part({ alg: 'none' })}.${part({ sub: subject, iat: now, exp: now + 600 })}.`;
}
