import assert from 'node:assert/strict';
import { KafkaJSNumberOfRetriesExceeded } from 'kafkajs';
import { translateError } from '../../../../lib/kafka/cluster/kafka-error';

const context = { brokers: ['kafka.example:9092'], topic: 'cams', otherwise: 'SEND_FAILED' } as const;
/** As kafkajs throws them; its types do not declare most constructors as they are. */
const kafkaError = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, retriable: true, ...more });
const connectionError = (message: string) => kafkaError('KafkaJSConnectionError', `Connection error: ${message}`);
const protocolError = (type: string) => kafkaError('KafkaJSProtocolError', 'refused', { type });

describe('translateError', () => {
  const refused = connectionError('connect ECONNREFUSED');
  const cases: [string, unknown, string][] = [
    ['a refused connection', refused, 'BROKER_UNREACHABLE'],
    [
      'what kafkajs gave up',
      new KafkaJSNumberOfRetriesExceeded(refused as never, { retryCount: 3, retryTime: 1 }),
      'BROKER_UNREACHABLE',
    ],
    ['a wrong password', kafkaError('KafkaJSSASLAuthenticationError', 'SASL authentication failed'), 'LOGIN_REFUSED'],
    ['an unknown certificate authority', connectionError('self signed certificate in chain'), 'TLS_FAILED'],
    ['a missing right', protocolError('TOPIC_AUTHORIZATION_FAILED'), 'ACCESS_DENIED'],
    ['a missing topic', protocolError('UNKNOWN_TOPIC_OR_PARTITION'), 'TOPIC_MISSING'],
    ['a record too large', protocolError('MESSAGE_TOO_LARGE'), 'RECORD_TOO_LARGE'],
    ['a wrong topic name', protocolError('INVALID_TOPIC_EXCEPTION'), 'BAD_OPTION'],
    ['a timestamp the broker refuses', protocolError('INVALID_TIMESTAMP'), 'SEND_FAILED'],
    ['a group of other consumers', protocolError('INCONSISTENT_GROUP_PROTOCOL'), 'SEND_FAILED'],
    ['anything else', new Error('odd'), 'SEND_FAILED'],
  ];
  for (const [name, thrown, code] of cases) {
    it(`names ${name} ${code}, keeps the cause and says where`, () => {
      const error = translateError(thrown, context);
      assert.equal(error.code, code);
      assert.equal(error.cause, thrown);
      assert.match(error.message, code === 'BAD_OPTION' ? /cams/ : /kafka\.example:9092/);
    });
  }

  it('names the settings of the topic that a timestamp has to fit', () => {
    assert.match(
      translateError(protocolError('INVALID_TIMESTAMP'), context).message,
      /message\.timestamp\.after\.max\.ms/,
    );
  });

  it('says that other consumers need a group of their own', () => {
    const { message } = translateError(protocolError('INCONSISTENT_GROUP_PROTOCOL'), { ...context, group: 'shared' });
    assert.match(message, /"shared".*Give this one a group of its own/);
  });

  it('says of a broker that names itself by an address that leads nowhere what it is called, and what to set', () => {
    for (const [broker, named] of [
      ['kafka:29092', 'kafka:29092'],
      ['fd00::1:29092', '[fd00::1]:29092'],
    ] as const) {
      const { code, message } = translateError(
        kafkaError('KafkaJSConnectionError', 'getaddrinfo ENOTFOUND kafka', { broker }),
        { ...context, isMisnamed: (each) => each === broker },
      );
      assert.equal(code, 'BROKER_UNREACHABLE');
      assert.ok(message.includes(`reached at kafka.example:9092, but names its broker ${named}, which`), message);
      assert.match(message, /set advertised\.listeners/);
    }
  });

  it('says nothing of advertised.listeners where a connection is there and a request gets no answer', () => {
    const error = kafkaError('KafkaJSRequestTimeoutError', 'Request Produce timed out', { broker: 'kafka:29092' });
    const { code, message } = translateError(error, { ...context, isMisnamed: () => true });
    assert.equal(code, 'BROKER_UNREACHABLE');
    assert.doesNotMatch(message, /advertised/);
  });
});
