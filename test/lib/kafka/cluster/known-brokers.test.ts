import assert from 'node:assert/strict';
import { KnownBrokers } from '../../../../lib/kafka/cluster/known-brokers';

describe('an address that a cluster gives for a broker', () => {
  it('is taken for wrong when it leads nowhere while the cluster answers', () => {
    const known = new KnownBrokers(['kafka.example:9092']);
    known.trying('kafka.example:9092').connected();
    known.trying('kafka:29092').closed();
    assert.equal(known.isMisnamed('kafka:29092'), true);
  });

  it('is right once it led to a broker, whatever happens later', () => {
    const known = new KnownBrokers(['127.0.0.1:9092']);
    known.trying('127.0.0.1:9092').connected();
    known.trying('localhost:9092').connected();
    known.trying('localhost:9092').closed();
    assert.equal(known.isMisnamed('localhost:9092'), false);
  });

  it('is not to blame while no broker of the cluster answers', () => {
    const known = new KnownBrokers(['127.0.0.1:9092']);
    const entered = known.trying('127.0.0.1:9092');
    entered.connected();
    entered.closed();
    known.trying('localhost:9092').closed();
    assert.equal(known.isMisnamed('localhost:9092'), false);
  });

  const same: [string, string][] = [
    ['[::1]:9092', '::1:9092'],
    ['[::1]:9092', '--1.ipv6-literal.net:9092'],
    ['[::1]:9092', '0:0:0:0:0:0:0:1:9092'],
    ['[FD00::A]:9092', 'fd00:0:0:0:0:0:0:a:9092'],
    ['Kafka.Example:9092', 'kafka.example:9092'],
  ];
  for (const [entered, named] of same) {
    it(`is the one that was entered where it is only written otherwise: ${entered} and ${named}`, () => {
      const known = new KnownBrokers([entered, 'other.example:9092']);
      known.trying('other.example:9092').connected();
      known.trying(named).closed();
      assert.equal(known.isMisnamed(named), false);
    });
  }
});
