import assert from 'node:assert/strict';
import type { Node } from 'node-red';
import { VideoError } from '../../../lib/errors';
import { reportOutage } from '../../../nodes/common/outage-status';

describe('reportOutage', () => {
  const since = new Date(2030, 0, 1, 0, 8, 5).getTime();
  const statusOf = (hadWorked: boolean) => {
    const texts: string[] = [];
    const node = { status: ({ text }: { text: string }) => texts.push(text), error() {} } as unknown as Node;
    reportOutage(node, { error: new VideoError('BROKER_UNREACHABLE', 'refused'), since, hadWorked });
    return texts;
  };

  it('says since when Kafka is lost', () => {
    assert.deepEqual(statusOf(true), ['lost since 00:08:05']);
  });

  it('does not call lost what was never reached', () => {
    assert.deepEqual(statusOf(false), ['unreachable']);
  });
});
