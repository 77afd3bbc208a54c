import assert from 'node:assert/strict';
import type { NodeAPI } from 'node-red';
import { parseOptions } from '../../../lib/ffmpeg/options';
import { windowLimits } from '../../../nodes/common/limits';
import { pacingOptions } from '../../../nodes/frame-display/options';
import { type BrokerSettings, openCluster } from '../../../nodes/kafka-frame-broker/broker';
import { consumerOptions, type FrameInConfig } from '../../../nodes/kafka-frame-in/options';
import { type FrameOutConfig, producerOptions } from '../../../nodes/kafka-frame-out/options';
import { loadEditorPage } from '../../support/editor-page';

/** What the runtime makes of a node's properties; throws where it does not start with them. */
const nodes: {
  type: string;
  folder?: string;
  properties?: object;
  read: (config: never) => unknown;
  fields: number;
}[] = [
  {
    type: 'kafka-frame-broker',
    properties: { brokers: 'localhost:9092', saslMechanism: 'none' },
    read: (config: BrokerSettings) => openCluster({} as NodeAPI, config, {}),
    fields: 2,
  },
  {
    type: 'kafka-frame-out',
    properties: { topic: 'video-frames', topicType: 'str', createTopic: true },
    read: (config: FrameOutConfig) => producerOptions(config),
    fields: 5,
  },
  {
    type: 'kafka-frame-in',
    properties: { topic: 'video-frames' },
    read: (config: FrameInConfig) => consumerOptions(config),
    fields: 5,
  },
  {
    type: 'video-source',
    read: (config: object) => [parseOptions(config), windowLimits(config)],
    fields: 11,
  },
  { type: 'ui-frame-display', folder: 'frame-display', read: pacingOptions, fields: 4 },
];

/** Around every limit there is, and what is no number. */
const numbers = [
  ...[-2, -1, -0.5, -0, 0, 1e-9, 0.05, 0.1, 0.5, 1, 1.5, 16, 16.5, 100, 100.5, 1000, 1000.5, 1023, 1024, 1024.5],
  ...[10_000, 10_001, 32_767, 32_768, 60_000, 60_001, 65_500, 65_501, 86_400, 86_401, 1e6, 1e6 + 1, 2_147_483],
  ...[2_147_484, 3_600_000, 3_600_001, 1e9, 1e9 + 1, 2 ** 31 - 1, 2 ** 31, 1e12, 1e308],
];
const entries = [...numbers.map(String), ...numbers, '', ' ', ' 7 ', '1e1', '0x10', '12px', '1,5', 'NaN', 'Infinity'];

for (const { type, folder, properties, read, fields } of nodes) {
  describe(`the numbers of ${type}`, () => {
    const { definition } = loadEditorPage(type, folder);
    const numeric = Object.entries(definition?.defaults ?? {}).filter(([, { validate }]) =>
      /:number\.|\.number\./.test(String(validate?.call({}, 'no number', { label: 'x' }))),
    );

    it('are all in this test', () => assert.equal(numeric.length, fields));

    for (const [property, { validate }] of numeric) {
      it(`are the same to the dialog and to the runtime: ${property}`, () => {
        const isTaken = (value: unknown) => {
          try {
            read({ ...properties, [property]: value } as never);
            return true;
          } catch {
            return false;
          }
        };
        for (const value of entries) {
          assert.equal(validate?.call({}, value), isTaken(value), `${JSON.stringify(value)} in the dialog`);
        }
        // Both had something to take and something to refuse.
        assert.deepEqual(new Set(entries.map(isTaken)), new Set([true, false]));
      });
    }
  });
}
