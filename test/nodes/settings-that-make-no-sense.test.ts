import assert from 'node:assert/strict';
import { bunny } from '../support/media';
import { brokerNode, helper, loadFlow, messageOf, placed } from './kafka-support';

const videoSource = require('../../nodes/video-source/video-source');

/** The status a node shows. */
const statusOf = (id: string) =>
  (helper.getNode(id) as unknown as { status: { lastCall?: { args: [{ text: string }] } } }).status.lastCall?.args[0]
    .text;

/** What a node says to a message. */
async function answerOf(id: string): Promise<string> {
  const caught = new Promise((resolve) => helper.getNode('errors').on('input', resolve));
  helper.getNode(id).receive({ payload: 'anything' });
  return messageOf((await caught) as never);
}

describe('settings of an imported flow that make no sense', () => {
  before(() => helper.startServer());
  after(() => helper.stopServer());
  afterEach(() => helper.unload());

  for (const [type, property, value, words] of [
    ['kafka-frame-in', 'commitInterval', -1, /Commit interval is -1: enter a number from 1/],
    ['kafka-frame-in', 'commitInterval', 2 ** 31, /Commit interval is 2147483648/],
    ['kafka-frame-in', 'maxFrames', 0.5, /Max frames is 0\.5: enter a whole number from 1/],
    ['kafka-frame-in', 'maxDelay', 'soon', /Max delay is "soon"/],
    ['kafka-frame-in', 'keepUp', 'soon', /Max age is "soon"/],
    ['kafka-frame-out', 'maxRecordBytes', -1, /Record limit is -1/],
    ['kafka-frame-out', 'linger', 1e12, /Linger is 1000000000000/],
    ['kafka-frame-out', 'partitions', 1.5, /Partitions is 1\.5: enter a whole number/],
    ['video-source', 'maxFrames', -1, /Max frames is -1/],
    ['video-source', 'maxMegabytes', 'much', /Max memory is "much"/],
  ] as const) {
    it(`are one clear error: ${property} ${value} of ${type}`, async () => {
      const node = { ...{ id: 'node', type, broker: 'broker', topic: 'test', createTopic: true, source: bunny } };
      await loadFlow(
        [brokerNode(), placed({ ...node, topicType: 'str', sourceType: 'str', [property]: value })],
        [videoSource],
      );
      assert.match(statusOf('node') ?? '', /cannot start|bad setting/);
      assert.match(await answerOf('node'), words);
    });
  }

  it('are told once by kafka-frame-out, however many frames come', async () => {
    await loadFlow([brokerNode(), placed({ id: 'node', type: 'kafka-frame-out', broker: 'broker', linger: -1 })]);
    const caught: unknown[] = [];
    helper.getNode('errors').on('input', (msg: unknown) => caught.push(msg));
    for (let count = 0; count < 100; count += 1) helper.getNode('node').receive({ payload: 'anything' });
    while (statusOf('node') !== '100 not sent') await new Promise(setImmediate);
    assert.ok(caught.length <= 2, `${caught.length} errors`);
  });
});
