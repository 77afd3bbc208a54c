import assert from 'node:assert/strict';
import type { Frame } from '../../lib/frame/frame';
import { type FlowNode, node } from '../support/flows';
import { Inputs } from '../support/inputs';
import { type NodeRed, type Seen, startNodeRed } from '../support/node-red';
import { descendants, eventually } from '../support/processes';
import { sendCamera } from '../support/web-server';

const frameOf = ({ msg }: Seen) => msg.frame as Frame;

describe('two nodes on the same camera', () => {
  const inputs = new Inputs('shared-camera');
  let red: NodeRed;
  afterEach(() => red.stop());

  const flows = (url: string, more: object): FlowNode[] => [
    { id: 'tab', type: 'tab' },
    ...['first', 'second'].flatMap((id) => [
      node(id, 'video-source', [[`${id}-frames`], [`${id}-events`]], 'tab', {
        ...{ source: url, sourceType: 'str', quality: 90, maxFrames: 30, maxMegabytes: 64, autostart: true },
        ...(id === 'second' ? more : {}),
      }),
      node(`${id}-frames`, 'test-probe', []),
      node(`${id}-events`, 'test-probe', []),
    ]),
  ];

  it('connect to it once, and a deployment of one does not interrupt the other', async () => {
    let connections = 0;
    let open = 0;
    const { url } = await inputs.serve((_request, response) => {
      connections += 1;
      open += 1;
      response.on('close', () => {
        open -= 1;
      });
      sendCamera(response, inputs.jpegs);
    });
    const ffmpegs = () => descendants(red.process.pid as number).filter(({ command }) => command.includes('ffmpeg'));
    red = await startNodeRed({ flows: flows(url, { stream: 'before' }) });
    await red.until('first-frames', (seen) => seen.length >= 5);
    await red.until('second-frames', (seen) => seen.length >= 5);
    assert.deepEqual([connections, ffmpegs().length], [2, 1]);

    await red.deploy(flows(url, { stream: 'after' }), 'nodes');
    const isAfter = (seen: Seen) => frameOf(seen).stream === 'after';
    await red.until('second-frames', (seen) => seen.filter(isAfter).length >= 5);
    const { length } = red.seen('first-frames');
    await red.until('first-frames', (seen) => seen.length >= length + 5);
    assert.deepEqual([connections, ffmpegs().length], [2, 1]);
    const first = red.seen('first-frames');
    assert.equal(new Set(first.map((seen) => frameOf(seen).session)).size, 1);
    const sizes = inputs.jpegs.map((jpeg) => jpeg.length);
    const begin = sizes.findIndex((_, index) =>
      first.every(({ msg }, seq) => msg.bytes === sizes[(index + seq) % sizes.length]),
    );
    assert.ok(begin >= 0, 'a frame is missing or came twice');
    assert.equal(red.seen('first-events').filter(({ msg }) => msg.event === 'opened').length, 1);
    assert.equal(frameOf(red.seen('second-frames').find(isAfter) as Seen).seq, 0);

    await red.deploy([{ id: 'tab', type: 'tab' }]);
    await eventually('nobody is connected', () => open === 0 && ffmpegs().length === 0);
  });
});
