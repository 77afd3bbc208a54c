import assert from 'node:assert/strict';
import type { Frame } from '../../../../lib/frame/frame';
import { toFrameMessage } from '../../../../lib/kafka/produce/frame-message';
import type { QueuedFrame } from '../../../../lib/kafka/produce/lane';
import { SendQueue } from '../../../../lib/kafka/produce/send-queue';
import { SentGroups } from '../../../../lib/kafka/produce/sent-groups';
import { systemClock } from '../../../../lib/time/clock';
import { FakeClock } from '../../../support/fake-clock';
import { heldByYoungCollections } from '../../../support/young-memory';

const lane = { id: 'lane', topic: 't', sender: 0 };

function queued(seq: number): QueuedFrame {
  const frame: Frame = { stream: 'a', session: 's', seq, pts: 0, time: 0, width: 1, height: 1, codec: 'jpeg' };
  const message = toFrameMessage('a', { frame, data: Buffer.alloc(10) });
  return { frame, key: 'a', message, bytes: 100, tracked: true, resolve() {}, reject() {} };
}

/** Adds frames this many ms apart to a queue that is sent at once; returns how many went in each batch. */
async function batchesOf(gap: number, count: number, linger = 0): Promise<number[]> {
  const clock = new FakeClock();
  const batches: number[] = [];
  const queue = new SendQueue({
    ...{ maxBatchBytes: () => 10_000, linger, maxUntrackedBytes: 1e6, ready: Promise.resolve(), clock },
    sent: new SentGroups(),
    deliver: async (_lane, batch) => {
      batches.push(batch.length);
    },
  });
  for (let seq = 0; seq < count; seq += 1) {
    queue.add(lane, queued(seq));
    await new Promise(setImmediate);
    clock.advance(gap);
    await new Promise(setImmediate);
  }
  await queue.flush();
  return batches;
}

describe('SendQueue', () => {
  it('sends each frame at once that comes at the pace of live video, 60 fps included', async () => {
    assert.deepEqual(await batchesOf(1000 / 60, 12), Array(12).fill(1));
  });

  it('sends frames together that come faster than anybody watches them', async () => {
    const batches = await batchesOf(5, 31);
    assert.deepEqual(batches.slice(2, -1), Array(batches.length - 3).fill(3));
    assert.equal(
      batches.reduce((sum, size) => sum + size, 0),
      31,
    );
  });

  it('drops what no source waits for where there are too many topics, and only that', async () => {
    const dropped: string[] = [];
    const queue = new SendQueue({
      ...{ maxBatchBytes: () => 10_000, linger: 0, maxUntrackedBytes: 1e9, clock: new FakeClock() },
      ready: new Promise(() => {}),
      sent: new SentGroups(),
      deliver: async () => {},
    });
    const add = (name: string, tracked: boolean) => {
      const reject = ({ message }: Error) => dropped.push(`${name}: ${message}`);
      queue.add({ ...lane, id: name }, { ...queued(0), tracked, reject });
    };
    for (let count = 0; count < 1000; count += 1) add(`topic ${count}`, false);
    add('tracked', true);
    add('topic 0', false);
    assert.deepEqual(dropped, []);
    add('one more', false);
    assert.match(dropped[0] ?? '', /^one more: .* was dropped/);
    assert.equal(queue.length, 1002);
  });

  it('lets frames that no source waits for be freed with the young objects once they are sent', async () => {
    const size = 100_000;
    const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
    const queue = new SendQueue({
      ...{ maxBatchBytes: () => 3 * size, linger: 0, maxUntrackedBytes: 64e6, ready: Promise.resolve() },
      ...{ clock: { ...systemClock, setTimeout: setImmediate, clearTimeout() {} }, sent: new SentGroups() },
      deliver: async (_lane, batch) => {
        for (let turn = 0; turn < 4; turn += 1) await nextTurn();
        for (const { resolve } of batch) resolve({});
      },
    });
    const sent: Promise<unknown>[] = [];
    const add = () =>
      new Promise((resolve, reject) => {
        const { frame } = queued(0);
        const message = toFrameMessage('a', { frame, data: Buffer.allocUnsafeSlow(size) });
        queue.add(lane, { frame, key: 'a', message, bytes: size, tracked: false, resolve, reject });
      });
    /** Eight of them are under way. */
    const addSome = async () => {
      for (let count = 0; count < 24; count += 1) {
        sent.push(add());
        await nextTurn();
        if (sent.length > 8) await sent.shift();
      }
    };
    // What a node has from its start is old when its first frame comes.
    await heldByYoungCollections(3, addSome);
    const held = (await heldByYoungCollections(20, addSome)) / size;
    await Promise.all(sent);
    assert.ok(held < 80, `${held} frames are held`);
  });

  it('drops of what no source waits for the oldest, whatever lane that is in', async () => {
    const dropped: string[] = [];
    const queue = new SendQueue({
      ...{ maxBatchBytes: () => 10_000, linger: 0, maxUntrackedBytes: 350, clock: new FakeClock() },
      ready: new Promise(() => {}),
      sent: new SentGroups(),
      deliver: async () => {},
    });
    const names = ['a', 'b', 'tracked', 'c', 'a', 'b', 'c', 'tracked', 'c'];
    for (const [index, name] of names.entries()) {
      const reject = () => dropped.push(`${name}${index}`);
      queue.add({ ...lane, id: name }, { ...queued(index), tracked: name === 'tracked', reject });
    }
    assert.deepEqual(dropped, ['a0', 'b1', 'c3', 'a4']);
    queue.clear(new Error('closed'));
    assert.equal(dropped.length, names.length);
  });

  it('waits for as long as it is told to, whatever the pace', async () => {
    assert.deepEqual(await batchesOf(20, 6, 50), [3, 3]);
  });
});
