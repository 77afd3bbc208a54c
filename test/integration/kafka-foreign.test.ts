import assert from 'node:assert/strict';
import { Display } from '../../lib/display/display';
import type { DisplayItem } from '../../lib/display/screen';
import { systemClock } from '../../lib/time/clock';
import { eventually } from '../support/processes';
import { cluster, createTopic, openConsumer, testImage, uniqueTopic } from './kafka-support';

const count = 90;
/** Ms between two of them. */
const step = 10;

describe('images of a program that knows nothing of frames', () => {
  it('are all shown, over whichever partitions they are spread, also where the display was paused', async () => {
    const topic = uniqueTopic();
    await createTopic(topic, 3);
    const value = await testImage();
    const producer = cluster.client().producer();
    await producer.connect();
    const begin = Date.now() - 60_000;
    const messages = Array.from({ length: count }, (_, index) => ({
      ...{ value, partition: index % 3, timestamp: String(begin + index * step) },
    }));
    await producer.send({ topic, messages: messages.slice(0, count / 2) });

    const shown: string[] = [];
    const dropped: string[] = [];
    const finishers = new Map<DisplayItem, () => void>();
    const over = (item: DisplayItem, list: string[]) => {
      list.push(`${item.place?.partition}/${item.place?.offset}`);
      finishers.get(item)?.();
    };
    const display = new Display<DisplayItem>({
      ...{ mode: 'source', interval: 40, speed: 1, stream: '', timeout: 0, clock: systemClock },
      onShow: (item) => over(item, shown),
      onDrop: (item) => over(item, dropped),
      onRefuse: (item) => over(item, dropped),
      onEvent: () => {},
      onReport: () => {},
    });
    const { consumer, frames } = openConsumer({ topic }, { finishing: false });
    let passed = 0;
    const pass = () => {
      for (const { frame, data, info, finish } of frames.items.slice(passed)) {
        const item = { frame, data, bytes: data.length, tracked: true, place: info };
        finishers.set(item, () => finish());
        passed += 1;
        display.push(item);
      }
    };
    const passing = setInterval(pass, 5);
    try {
      await eventually('some are shown', () => shown.length > 5);
      display.command('pause', undefined, 'message');
      await producer.send({ topic, messages: messages.slice(count / 2) });
      await producer.disconnect();
      display.command('play', undefined, 'message');
      await eventually('each was shown or dropped', () => shown.length + dropped.length >= count, 20_000);
      assert.deepEqual(dropped, []);
      assert.equal(new Set(shown).size, count);
    } finally {
      clearInterval(passing);
      await Promise.all([display.close(), consumer.close()]);
    }
  });
});
