import assert from 'node:assert/strict';
import { open as openFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { UnreadableRecords } from '../../lib/kafka/consume/unreadable-watch';
import { claimCodec, type Damage, damages, damaging } from '../support/damaged-batches';
import { eventually } from '../support/processes';
import {
  closedAfterEach,
  cluster,
  committed,
  createTopic,
  Forwarder,
  folderOf,
  noiseImage,
  type Received,
  readBeside,
  sendForeign,
  testImage,
  uniqueTopic,
} from './kafka-support';

/** In the key of each record whose batch is damaged on the way. */
const marker = 'to-be-damaged';

const placesOf = (frames: Received[]) => frames.map(({ info }) => `${info.partition}/${info.offset}`).sort();

describe('FrameConsumer and batches that cannot be read', function () {
  this.timeout(30_000);
  let topic: string;
  const { open, consuming } = closedAfterEach();

  beforeEach(() => {
    topic = uniqueTopic();
  });

  /** Sends batches of records, those with `true` to be damaged. */
  async function send(batches: [partition: number, records: number, isBad?: true][], age = 0): Promise<void> {
    const value = await testImage();
    const producer = cluster.client().producer();
    await producer.connect();
    for (const [partition, records, isBad] of batches) {
      const record = { value, partition, timestamp: String(Date.now() - age), key: isBad ? marker : 'good' };
      await producer.send({ topic, messages: Array(records).fill(record) });
    }
    await producer.disconnect();
  }

  /** A cluster on whose way here batches are damaged. */
  async function damagedCluster(damage: Damage) {
    const forwarder = new Forwarder({}, () => damaging(marker, damage));
    await forwarder.open();
    open.push({ close: () => forwarder.cut() });
    return forwarder.cluster;
  }

  describe('reads on behind one, and in other partitions, where the damage is in', () => {
    const cases: [name: string, damage: Damage, cause: string][] = [
      ...Object.entries(damages).map(([name, damage]): [string, Damage, string] => [name, damage, '']),
      ...[1, 2, 3, 4].map((codec): [string, Damage, string] => [`codec ${codec} data`, claimCodec(codec), 'damaged']),
      ...[5, 6, 7].map((codec): [string, Damage, string] => [`codec ${codec}`, claimCodec(codec), 'unknown-format']),
    ];
    const all = uniqueTopic();

    before(async () => {
      topic = all;
      await createTopic(topic, 3);
      await send([
        [0, 1],
        [0, 3, true],
        [0, 2],
        [1, 2],
        [2, 2],
      ]);
    });

    for (const [name, damage, cause] of cases) {
      it(name, async () => {
        const group = `group-${topic}`;
        const { consumer, frames, unreadable } = consuming(
          { topic: all, group },
          { through: await damagedCluster(damage) },
        );
        await frames.reached(7);
        assert.deepEqual(placesOf(frames.items), ['0/0', '0/4', '0/5', '1/0', '1/1', '2/0', '2/1']);
        const [found, ...others] = unreadable.items;
        assert.deepEqual(others, []);
        assert.deepEqual(
          { ...found, error: undefined, cause: '' },
          { topic: all, partition: 0, first: 1n, end: 4n, cause: '', error: undefined },
        );
        if (cause) assert.equal(found?.cause, cause);
        assert.match(
          found?.error.message ?? '',
          new RegExp(`^A batch of ${all}/0 is .*offsets 1 to 3\\) are passed over`),
        );
        assert.equal(consumer.totals.unreadable, 3);
        assert.equal(consumer.totals.lag, 0);
        await consumer.close();
        assert.equal(await committed(all, group), 6);
      });
    }
  });

  it('passes over what the broker itself cannot read, and reads on behind it and in other partitions', async () => {
    await createTopic(topic, 2);
    // Large enough for the broker's index to have each of them.
    const value = await noiseImage(200);
    const producer = cluster.client().producer();
    await producer.connect();
    for (const partition of [0, 0, 0, 0, 1, 1]) await producer.send({ topic, messages: [{ value, partition }] });
    await producer.disconnect();
    const file = await openFile(join(await folderOf(topic), '00000000000000000000.log'), 'r+');
    const sizeAt = 8;
    const size = Buffer.alloc(4);
    await file.read(size, 0, 4, sizeAt);
    const second = 12 + size.readInt32BE();
    await file.write(Buffer.from([0, 0, 0, 5]), 0, 4, second + sizeAt);
    await file.close();
    const { consumer, frames, unreadable } = consuming({ topic });
    await frames.reached(5);
    assert.deepEqual(placesOf(frames.items), ['0/0', '0/2', '0/3', '1/0', '1/1']);
    const [found, ...others] = unreadable.items;
    assert.deepEqual(others, []);
    const { error, ...range } = found as UnreadableRecords;
    assert.deepEqual(range, { topic, partition: 0, first: 1n, end: 2n, cause: 'corrupt' });
    assert.match(error.message, /is damaged where the broker keeps it\. .*\(offset 1\).* Check the broker's disk/);
    assert.deepEqual([consumer.totals.unreadable, consumer.totals.lag], [1, 0]);
    await consumer.close();
    assert.equal(await committed(topic), 4);
  });

  it('reads what comes after one that was the last', async () => {
    await createTopic(topic);
    await send([
      [0, 1],
      [0, 2, true],
    ]);
    const { consumer, frames, unreadable } = consuming(
      { topic, commitInterval: 50 },
      { through: await damagedCluster(damages['a bit of an image']) },
    );
    await unreadable.reached(1);
    await eventually('it is committed', async () => (await committed(topic)) === 3);
    assert.equal(consumer.totals.lag, 0);
    await send([[0, 1]]);
    await frames.reached(2);
    assert.deepEqual(placesOf(frames.items), ['0/0', '0/3']);
    assert.equal(consumer.totals.unreadable, 2);
  });

  it('reports those of one partition and cause once, and counts all of them', async () => {
    await createTopic(topic, 2);
    await send([
      [0, 2, true],
      [0, 1],
      [0, 3, true],
      [0, 1],
      [1, 1, true],
      [1, 1],
    ]);
    const through = await damagedCluster(damages['a bit of an image']);
    const { consumer, frames, unreadable } = consuming({ topic }, { through });
    await frames.reached(3);
    const reported = unreadable.items.map(({ partition, first, end }) => [partition, first, end]);
    assert.deepEqual(reported.sort(), [
      [0, 0n, 2n],
      [1, 0n, 1n],
    ]);
    assert.equal(consumer.totals.unreadable, 6);
  });

  it('commits nothing behind a frame that the flow still has, though one is passed over there', async () => {
    await createTopic(topic);
    await send([
      [0, 1],
      [0, 2, true],
      [0, 1],
    ]);
    const through = await damagedCluster(damages['a bit of an image']);
    const { consumer, frames, unreadable } = consuming(
      { topic, maxFrames: 1, commitInterval: 50 },
      { finishing: false, through },
    );
    await unreadable.reached(1);
    // One that is not held commits meanwhile.
    await readBeside(topic, 4);
    assert.equal(await committed(topic), 0);
    frames.items[0]?.finish();
    await frames.reached(2);
    await eventually('the first is committed, and what was passed over', async () => (await committed(topic)) === 3);
    await consumer.close();
    assert.equal(await committed(topic), 3);
  });

  it('jumps to the newest frame that can be read', async () => {
    await createTopic(topic);
    await send(
      [
        [0, 3],
        [0, 2, true],
      ],
      60_000,
    );
    const through = await damagedCluster(damages['a bit of an image']);
    const { frames, jumps } = consuming({ topic, keepUp: 5000 }, { through });
    await frames.reached(1);
    assert.deepEqual(placesOf(frames.items), ['0/2']);
    assert.equal(jumps.items[0]?.passed, 2);
  });

  it('leaves it to other consumers of the process to fail there, as kafkajs has it', async () => {
    await createTopic(topic);
    await send([[0, 1, true]]);
    const through = await damagedCluster(damages['a bit of an image']);
    const consumer = through.client().consumer({ groupId: `other-${topic}`, retry: { retries: 0 } });
    const crashed = new Promise<Error>((resolve) => {
      consumer.on('consumer.crash', ({ payload }) => resolve(payload.error));
    });
    await consumer.connect();
    open.push({ close: () => consumer.disconnect() });
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({ eachMessage: () => assert.fail('it was given what cannot be read') });
    assert.match((await crashed).message, /the batch of offsets 0 to 0 .* is damaged/);
  });

  it('reads a record with thousands of headers, and headers of any name', async () => {
    const many = Object.fromEntries(Array.from({ length: 4000 }, (_, index) => [`h${index}`, 'x']));
    await createTopic(topic);
    const odd = JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}');
    await sendForeign(topic, await testImage(), 'many', many);
    await sendForeign(topic, await testImage(), 'odd', odd);
    const { frames } = consuming({ topic });
    await frames.reached(2);
    const [first, second] = frames.items.map(({ info }) => Object.entries(info.headers));
    assert.equal(first?.length, 1000);
    assert.deepEqual(second, [
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
  });
});
