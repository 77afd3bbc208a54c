import assert from 'node:assert/strict';
import { Display } from '../../lib/display/display';
import type { DisplayItem } from '../../lib/display/screen';
import { FrameConsumer } from '../../lib/kafka/consume/frame-consumer';
import { parseTopics } from '../../lib/kafka/consume/topic-selection';
import type { FrameProducer } from '../../lib/kafka/produce/frame-producer';
import { Collector, closedAfterEach, createTopic, Forwarder, frame, testImage, uniqueTopic } from './kafka-support';

/** Ms from one frame to the next: 25 a second. */
const step = 40;

interface Item extends DisplayItem {
  finish: () => void;
}

/** Films until it is told to stop: each frame is sent when it is due, and says so. */
async function startCamera(producer: FrameProducer, topic: string): Promise<() => void> {
  const data = await testImage();
  const began = Date.now();
  let seq = 0;
  const timer = setInterval(() => {
    while (began + seq * step <= Date.now()) {
      const { frame: described } = frame(data, seq, 'camera');
      const live = { ...described, time: began + seq * step, live: true as const };
      producer.send(topic, 'camera', { data, frame: live }).catch(() => {}); // It may be closed meanwhile.
      seq += 1;
    }
  }, step / 4);
  return () => clearInterval(timer);
}

describe('a display of a live stream in Kafka', function () {
  this.timeout(60_000);
  const { open, producing } = closedAfterEach();

  it('is at the present again after its broker was away', async () => {
    const topic = uniqueTopic();
    await createTopic(topic);
    const forwarder = new Forwarder();
    await forwarder.open();
    const shown = new Collector<Item>();
    const passed = new Collector<string>();
    const away = new Collector<undefined>();
    const display = new Display<Item>({
      ...{ mode: 'source', interval: 16, speed: 1, stream: '', timeout: 0 },
      onShow(item) {
        item.finish();
        shown.add(item);
      },
      onDrop(item, reason) {
        item.finish();
        passed.add(reason);
      },
      onRefuse: () => assert.fail('a picture is too large'),
      onEvent() {},
      onReport() {},
    });
    const options = {
      topics: parseTopics(topic),
      group: topic,
      from: 'resume',
      maxFrames: 30,
      maxBytes: 64e6,
    } as const;
    const consumer = new FrameConsumer(forwarder.cluster, options, {
      onFrame: (encoded, _info, finish) =>
        display.push({ ...encoded, bytes: encoded.data.length, tracked: true, finish }),
      onSkipped: () => assert.fail('a record is no image'),
      onUndecodable: () => {},
      onJumped: () => assert.fail('the reader passed over frames'),
      onDeleted: () => assert.fail('frames were deleted'),
      onUnreadable: () => assert.fail('a record cannot be read'),
      onState() {},
      onOutage: () => away.add(undefined),
    });
    open.push(consumer, display);
    const stopCamera = await startCamera(producing({}).producer, topic);
    try {
      await shown.reached(25);
      await forwarder.cut();
      await away.reached(1);
      await new Promise((resolve) => setTimeout(resolve, 4000));
      await forwarder.open();
      // A second and a half of video, at its own pace.
      await shown.reached(shown.items.length + 38);
      assert.equal(display.report.screens[0]?.live, 'present');
      assert.ok((display.report.behind as number) < 2000, `${display.report.behind} ms behind`);
      assert.deepEqual(new Set(passed.items), new Set(['superseded']));
    } finally {
      stopCamera();
      await forwarder.cut();
    }
  });
});
