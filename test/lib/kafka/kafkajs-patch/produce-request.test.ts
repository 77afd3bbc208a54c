import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { encodeProduceRequest, type ProduceRequest } from '../../../../lib/kafka/kafkajs-patch/produce-request';

/** kafkajs's own encoding, which ours must equal to the byte. */
async function encodeWithKafkajs(request: ProduceRequest): Promise<Buffer> {
  const make = require('kafkajs/src/protocol/requests/produce/v3/request') as (request: ProduceRequest) => {
    encode(): Promise<{ buffer: Buffer }>;
  };
  return (await make(request).encode()).buffer;
}

const timestamp = '1700000000000';
const base = { acks: 1, timeout: 30_000 };
const topic = (messages: ProduceRequest['topicData'][number]['partitions'][number]['messages']) => [
  { topic: 'video', partitions: [{ partition: 0, messages }] },
];

const cases: Record<string, ProduceRequest> = {
  'one small record': { ...base, topicData: topic([{ key: 'a', value: Buffer.from('image'), timestamp }]) },
  'frames with headers': {
    ...base,
    acks: -1,
    topicData: topic(
      Array.from({ length: 5 }, (_, index) => ({
        key: '/videos/ä clip.mp4',
        value: randomBytes(100_000 + index),
        headers: {
          'content-type': 'image/jpeg',
          ce_sequence: String(index),
          raw: Buffer.from([1, 2, 3]),
          twice: ['a', 'b'],
        },
        timestamp: String(1_700_000_000_000 + index * 40),
      })),
    ),
  },
  'large and small records in several batches': {
    ...base,
    topicData: ['one', 'two'].map((name) => ({
      topic: name,
      partitions: [0, 7].map((partition) => ({
        partition,
        messages: [40_000, 3, 16_384, 16_383].map((bytes) => ({ key: name, value: randomBytes(bytes), timestamp })),
      })),
    })),
  },
  'records out of time order': {
    ...base,
    topicData: topic([
      { key: 'a', value: Buffer.from('later'), timestamp: '1700000000500' },
      { key: 'a', value: Buffer.from('earlier'), timestamp },
    ]),
  },
  'records a year apart': {
    ...base,
    topicData: topic([
      { key: 'a', value: Buffer.from('this year'), timestamp: '1731536000000' },
      { key: 'a', value: Buffer.from('last year'), timestamp },
    ]),
  },
  'a record without key and value': { ...base, topicData: topic([{ key: null, value: null, timestamp }]) },
  'texts for bytes': { ...base, topicData: topic([{ key: 'ü', value: 'text with ö', timestamp }]) },
  'an idempotent producer': {
    ...base,
    acks: -1,
    producerId: { toString: () => '4711' },
    producerEpoch: 3,
    topicData: [
      {
        topic: 'video',
        partitions: [{ partition: 2, firstSequence: 99, messages: [{ key: 'a', value: Buffer.from('x'), timestamp }] }],
      },
    ],
  },
  'several topics and partitions': {
    ...base,
    topicData: ['one', 'two'].map((name) => ({
      topic: name,
      partitions: [0, 7].map((partition) => ({
        partition,
        messages: [{ key: `${name}-${partition}`, value: randomBytes(300), timestamp }],
      })),
    })),
  },
};

describe('encodeProduceRequest', () => {
  for (const [name, request] of Object.entries(cases)) {
    it(`gives the bytes that kafkajs gives for ${name}`, async () => {
      // kafkajs takes its own 64 bit type for the producer's id; a number will do for it, too.
      const forKafkajs = request.producerId && {
        ...request,
        producerId: Number(request.producerId.toString()) as never,
      };
      const expected = await encodeWithKafkajs(forKafkajs ?? request);
      const payload = encodeProduceRequest(request);
      assert.equal(payload.size(), expected.length);
      assert.ok(Buffer.concat(payload.pieces()).equals(expected));
    });
  }
});

describe('encodeProduceRequest, of large values', () => {
  it('takes them as they are, and no copy', () => {
    const value = randomBytes(100_000);
    const payload = encodeProduceRequest({ ...base, topicData: topic([{ key: 'a', value, timestamp }]) });
    assert.ok(payload.pieces().includes(value));
  });
});
