import assert from 'node:assert/strict';
import { type FrameOutConfig, producerOptions } from '../../../nodes/kafka-frame-out/options';

describe('the options of kafka-frame-out', () => {
  for (const [hours, ms] of [
    ['', undefined],
    [24, 86_400_000],
    [0.0000001, 0],
    [1 / 7, 514_286],
    [-1, -1],
    [-0.5, -1],
  ] as const) {
    it(`keep records as Kafka can be told: ${JSON.stringify(hours)} hours are ${ms} ms`, () => {
      const config = { topic: 'video-frames', topicType: 'str', createTopic: true, retention: hours };
      const { createTopic } = producerOptions(config as FrameOutConfig);
      assert.equal(createTopic?.retention, ms);
    });
  }
});
