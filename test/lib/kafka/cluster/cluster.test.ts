import assert from 'node:assert/strict';
import { type ClusterOptions, KafkaCluster } from '../../../../lib/kafka/cluster/cluster';

describe('KafkaCluster', () => {
  it('reads a comma list of brokers, with the port where none is given', () => {
    assert.deepEqual(new KafkaCluster({ brokers: ' a:9092, b ,c:19092' }).brokers, ['a:9092', 'b:9092', 'c:19092']);
  });

  it('reads brokers as Kafka writes its listeners, and as URLs', () => {
    const { brokers } = new KafkaCluster({ brokers: 'PLAINTEXT://a:9092, SASL_SSL://b:9093, kafka://c' });
    assert.deepEqual(brokers, ['a:9092', 'b:9093', 'c:9092']);
  });

  it('reads IPv6 addresses in brackets, with and without scheme and port', () => {
    const { brokers } = new KafkaCluster({ brokers: '[::1]:9092, [fe80::1], SASL_SSL://[::1]:9093, SSL://[::]' });
    assert.deepEqual(brokers, ['[::1]:9092', '[fe80::1]:9092', '[::1]:9093', '[::]:9092']);
  });

  const wrong: [string, ClusterOptions][] = [
    ['no broker', { brokers: ' , ' }],
    ['a URL', { brokers: 'http://a:9092' }],
    ['an IPv6 address without brackets', { brokers: '::1:9092' }],
    ['brackets around what is no IPv6 address', { brokers: '[:::1]:9092' }],
    ['a port that cannot be', { brokers: 'a:99999' }],
    ['plain without password', { brokers: 'a', saslMechanism: 'plain', username: 'me' }],
    ['oauthbearer without token', { brokers: 'a', saslMechanism: 'oauthbearer' }],
    ['an unknown mechanism', { brokers: 'a', saslMechanism: 'kerberos' as never }],
  ];
  for (const [name, options] of wrong) {
    it(`refuses ${name}`, () => {
      assert.throws(() => new KafkaCluster(options), { code: 'BAD_OPTION' });
    });
  }
});
