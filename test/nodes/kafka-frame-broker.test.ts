import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { brokers, createTopic, uniqueTopic } from '../integration/kafka-support';
import { brokerNode, helper, loadFlow, placed } from './kafka-support';

describe('kafka-frame-broker', () => {
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(() => helper.unload());

  const test = async (body: object) => {
    const { body: answer } = await helper.request().post('/kafka-frame-broker/test').send(body).expect(200);
    return answer as {
      ok: boolean;
      reason?: string;
      clusterId?: string;
      version?: string;
      brokers?: string[];
      topics?: number;
    };
  };

  it('tells what cluster answers', async () => {
    await loadFlow([brokerNode()]);
    const answer = await test({ brokers, saslMechanism: 'none' });
    assert.equal(answer.ok, true, answer.reason);
    assert.ok(answer.clusterId);
    assert.match(answer.version ?? '', /^\d\.\d/);
    assert.ok((answer.brokers?.length ?? 0) >= 1);
    assert.equal(typeof answer.topics, 'number');
  });

  it('tells why none answers', async () => {
    await loadFlow([brokerNode()]);
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    server.close();
    await once(server, 'close');
    const answer = await test({ brokers: `127.0.0.1:${port}`, saslMechanism: 'none' });
    assert.equal(answer.ok, false);
    assert.match(answer.reason ?? '', new RegExp(`127\\.0\\.0\\.1:${port} cannot be reached`));
  });

  it('tells what is wrong with the settings', async () => {
    await loadFlow([brokerNode()]);
    const answer = await test({ brokers, saslMechanism: 'plain', credentials: { username: 'me', password: '' } });
    assert.equal(answer.ok, false);
    assert.match(answer.reason ?? '', /user name and a password/);
  });

  it('takes passwords that were not touched from the deployed node, and variables from the environment', async () => {
    await loadFlow([brokerNode()], [], { broker: { password: 'secret' } });
    const entered = { username: 'me', password: '__PWRD__' };
    const answer = await test({
      id: 'broker',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED's way to name an environment variable.
      brokers: '${KAFKA_BROKERS}',
      saslMechanism: 'none',
      credentials: entered,
    });
    assert.equal(answer.ok, true, answer.reason);
  });

  it('tells the topics for the dialogs of its users', async () => {
    const topic = uniqueTopic();
    await createTopic(topic);
    await loadFlow([brokerNode()]);
    const { body } = await helper.request().get('/kafka-frame-broker/broker/topics').expect(200);
    assert.ok((body as { topics: string[] }).topics.includes(topic));
    const { body: none } = await helper.request().get('/kafka-frame-broker/other/topics').expect(200);
    assert.deepEqual(none, { topics: [] });
  });

  it('takes credentials from the environment', async () => {
    process.env.TEST_KAFKA_PASSWORD = 'from the environment';
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Node-RED's way to name an environment variable.
    await loadFlow([brokerNode()], [], { broker: { username: 'me', password: '${TEST_KAFKA_PASSWORD}' } });
    const { credentials } = helper.getNode('broker') as unknown as { credentials: { password: string } };
    assert.equal(credentials.password, 'from the environment');
  });

  for (const [what, more, settings = {}] of [
    ['another address', { brokers: '127.0.0.1:1' }],
    ['another mechanism', { saslMechanism: 'scram-sha-512' }],
    ['another token endpoint', { tokenUrl: 'https://elsewhere.example/token' }],
    ['other TLS settings', {}, { tls: 'certificates' }],
  ] as [string, object, object?][]) {
    it(`sends no stored password to ${what} than the deployed one`, async () => {
      await loadFlow([brokerNode({ saslMechanism: 'plain', ...settings })], [], {
        broker: { username: 'me', password: 'secret' },
      });
      const credentials = { username: 'me', password: '__PWRD__' };
      const answer = await test({ id: 'broker', brokers, saslMechanism: 'plain', credentials, ...more });
      assert.equal(answer.ok, false);
      assert.match(answer.reason ?? '', /needs a user name and a password/);
    });
  }

  it("sends no other node's password", async () => {
    const other = placed({ id: 'other', type: 'helper' });
    await loadFlow([brokerNode(), other], [], { other: { password: 'secret' } });
    const credentials = { username: 'me', password: '__PWRD__' };
    const answer = await test({ id: 'other', brokers, saslMechanism: 'plain', credentials });
    assert.match(answer.reason ?? '', /needs a user name and a password/);
  });

  it('tests nothing for a form of another site, which cannot send JSON', async () => {
    await loadFlow([brokerNode()]);
    const { body } = await helper
      .request()
      .post('/kafka-frame-broker/test')
      .type('form')
      .send({ brokers, saslMechanism: 'none' })
      .expect(200);
    assert.match((body as { reason: string }).reason, /asked for in JSON/);
  });

  it('says which number makes no sense', async () => {
    await loadFlow([brokerNode()]);
    const answer = await test({ brokers, saslMechanism: 'none', requestTimeout: -1 });
    assert.match(answer.reason ?? '', /Request timeout is -1: enter a number above 0/);
  });
});
