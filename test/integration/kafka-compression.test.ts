import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CompressionTypes } from 'kafkajs';
import { fetchJars } from '../../demo/broker-java';
import { root } from '../../demo/user-dir';
import {
  brokers,
  closedAfterEach,
  cluster,
  createTopic,
  noiseImage,
  sendForeign,
  testImage,
  uniqueTopic,
} from './kafka-support';

const partitions = 3;
const count = 30;
/** Gets smaller, unlike images. */
const note = 'the quick brown fox jumps over the lazy dog; '.repeat(50);
/** Codec and level. */
const ways = ['gzip -', 'snappy -', 'lz4 -', 'lz4 9', 'zstd -', 'zstd 12'];

describe('FrameConsumer and compressed records', function () {
  this.timeout(60_000);
  const { consuming } = closedAfterEach();

  describe('of a Java producer', () => {
    const topics = new Map(ways.map((way) => [way, uniqueTopic()]));
    let image: Buffer;

    before(async () => {
      image = await noiseImage(200);
      const folder = mkdtempSync(join(tmpdir(), 'kafka-video-compression-'));
      try {
        const path = join(folder, 'image.jpg');
        writeFileSync(path, image);
        for (const topic of topics.values()) await createTopic(topic, partitions);
        const jars = fetchJars({ cacheDir: join(root, '.cache', 'kafka'), say: () => {} });
        const java = ['-Xmx256m', '-cp', join(jars, '*'), join(root, 'test/support/kafka-producer/SendImage.java')];
        const args = [...topics].flatMap(([way, topic]) => [topic, ...way.split(' ')]);
        await promisify(execFile)('java', [...java, brokers, path, String(count), String(partitions), note, ...args]);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });

    for (const [way, topic] of topics) {
      it(`are read as they were sent, from several batches of several partitions: ${way.replace(' -', '')}`, async () => {
        const { consumer, frames, unreadable, skipped } = consuming({ topic });
        await frames.reached(count);
        assert.deepEqual([...unreadable.items, ...skipped.items], []);
        const read = frames.items.map(({ data, info }) => {
          assert.ok(data.subarray(0, -4).equals(image));
          assert.equal(info.headers.note, note);
          return [data.readInt32BE(image.length), info.partition, Number(info.offset)];
        });
        const sent = Array.from({ length: count }, (_, index) => [
          index,
          index % partitions,
          Math.floor(index / partitions),
        ]);
        assert.deepEqual(
          read.sort(([a = 0], [b = 0]) => a - b),
          sent,
        );
        assert.equal(consumer.totals.lag, 0);
      });
    }
  });

  for (const codec of ['gzip', 'snappy', 'lz4', 'zstd']) {
    it(`are passed over where they would take too much memory, and what follows is read: ${codec}`, async () => {
      const topic = uniqueTopic();
      // The broker compresses what comes in.
      await createTopic(topic, 1, { 'compression.type': codec, 'max.message.bytes': '10000000' });
      const producer = cluster.client().producer();
      await producer.connect();
      const bomb = Buffer.alloc(70 * 1024 * 1024);
      await producer.send({ topic, compression: CompressionTypes.GZIP, messages: [{ value: bomb }] });
      await producer.disconnect();
      await sendForeign(topic, await testImage());
      const { frames, unreadable } = consuming({ topic });
      await frames.reached(1);
      assert.equal(frames.items[0]?.info.offset, '1');
      const [{ error, ...found } = { error: undefined }, ...others] = unreadable.items;
      assert.deepEqual(others, []);
      assert.deepEqual(found, { topic, partition: 0, first: 0n, end: 1n, cause: 'too-large' });
      assert.match(error?.message ?? '', /takes more than 64 MB of memory/);
    });
  }
});
