import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { crc32c } from '../../../../lib/kafka/wire/crc32c';
import type { WireRecord } from '../../../../lib/kafka/wire/record';
import { Budget, readRecordSet } from '../../../../lib/kafka/wire/record-set';

interface Encoded {
  buffer: Buffer;
}
/** What kafkajs writes records with. */
const { RecordBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
  RecordBatch(options: object): Promise<Encoded>;
};
const Record = require('kafkajs/src/protocol/recordBatch/record/v0') as (options: object) => Encoded;
const message = require('kafkajs/src/protocol/message') as (options: {
  version: number;
}) => (options: object) => Encoded;

const megabyte = 1024 * 1024;
const gzip = 1;

async function batch(firstOffset: number, values: Buffer[], compression = 0): Promise<Buffer> {
  const records = values.map((value, offsetDelta) => Record({ offsetDelta, value }));
  return (await RecordBatch({ compression, firstOffset, lastOffsetDelta: values.length - 1, records })).buffer;
}

/** An entry as it was stored before Kafka 0.11. */
function entry(version: number, offset: number, options: object): Buffer {
  const { buffer } = message({ version })(options);
  const prefix = Buffer.alloc(12);
  prefix.writeBigInt64BE(BigInt(offset));
  prefix.writeInt32BE(buffer.length, 8);
  return Buffer.concat([prefix, buffer]);
}

const read = (bytes: Buffer, options: { offset?: bigint; end?: bigint; budget?: Budget } = {}) =>
  readRecordSet(bytes, { offset: 0n, end: 1000n, budget: new Budget(), ...options });
const offsetsOf = (records: WireRecord[]) => records.map(({ offset }) => Number(offset));
const textsOf = (records: WireRecord[]) => records.map(({ offset, value }) => `${offset} ${value}`);

describe('readRecordSet', () => {
  it('leaves for the next time what would take too much memory together with what comes before', async () => {
    const large = Buffer.alloc(40 * megabyte);
    const bytes = Buffer.concat(await Promise.all([0, 1, 2].map((offset) => batch(offset, [large], gzip))));
    const budget = new Budget();
    assert.deepEqual(offsetsOf(await read(bytes, { budget })), [0, 1]);
    assert.deepEqual(offsetsOf(await read(bytes, { budget })), []);
    const rest = bytes.subarray((bytes.length / 3) * 2);
    assert.deepEqual(offsetsOf(await read(rest, { offset: 2n })), [2]);
  });

  it('takes more records than memory has room for as one batch that is too large', async () => {
    const value = Buffer.alloc(0);
    const [record] = [Record({ value }).buffer];
    const count = 300_000;
    const sound = await batch(0, [value, value], gzip);
    const bytes = Buffer.concat([sound.subarray(0, 61), gzipSync(Buffer.concat(Array(count).fill(record)))]);
    bytes.writeInt32BE(bytes.length - 12, 8);
    bytes.writeInt32BE(count, 57);
    bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
    const [only, ...others] = await read(bytes);
    assert.deepEqual(others, []);
    assert.equal(only?.unreadable?.cause, 'too-large');
    assert.equal(only.offset, '1');
  });

  it('takes a batch that was stored after the broker looked up the end', async () => {
    const bytes = await batch(0, [Buffer.from('a'), Buffer.from('b')]);
    assert.deepEqual(textsOf(await read(bytes, { end: 1n })), ['0 a', '1 b']);
  });

  it('passes over a batch whose offset cannot be', async () => {
    const bytes = await batch(0, [Buffer.from('a')]);
    bytes.writeBigInt64BE(2n ** 40n);
    const [only] = await read(bytes);
    assert.equal(only?.unreadable?.cause, 'damaged');
  });

  it('takes a batch that the broker cut off for one to come', async () => {
    const whole = Buffer.concat([await batch(0, [Buffer.from('a')]), await batch(1, [Buffer.from('b')])]);
    assert.deepEqual(textsOf(await read(whole.subarray(0, -1))), ['0 a']);
  });

  it('reads records of before Kafka 0.11, compressed ones too, and batches behind them', async () => {
    const inner = (version: number, offset: number, value: string) => entry(version, offset, { value });
    const bytes = Buffer.concat([
      entry(0, 0, { value: 'a' }),
      // Inside of the older format offsets are those of the partition, of the later one they count from 0.
      entry(0, 2, { compression: gzip, value: gzipSync(Buffer.concat([inner(0, 1, 'b'), inner(0, 2, 'c')])) }),
      entry(1, 3, { value: 'd', timestamp: 1234 }),
      entry(1, 5, { compression: gzip, value: gzipSync(Buffer.concat([inner(1, 0, 'e'), inner(1, 1, 'f')])) }),
      entry(1, 6, { compression: gzip, value: Buffer.from('no gzip') }),
      await batch(7, [Buffer.from('g')]),
    ]);
    const records = await read(bytes);
    assert.deepEqual(textsOf(records), ['0 a', '1 b', '2 c', '3 d', '4 e', '5 f', '6 null', '7 g']);
    assert.equal(records[3]?.timestamp, '1234');
    assert.deepEqual(
      records.map(({ unreadable }) => unreadable?.cause),
      [...Array(6).fill(undefined), 'damaged', undefined],
    );
  });

  it('gives the values of a header that is there several times in their order', async () => {
    const records = [Record({ value: Buffer.from('a'), headers: { many: ['1', '2', '3'], once: ['4'] } })];
    const [record] = await read((await RecordBatch({ firstOffset: 0, records })).buffer);
    assert.deepEqual(
      { ...record?.headers },
      { many: ['1', '2', '3'].map((text) => Buffer.from(text)), once: Buffer.from('4') },
    );
  });
});
