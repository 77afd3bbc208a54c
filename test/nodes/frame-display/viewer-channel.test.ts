import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ViewedFrame } from '../../../lib/display/display-options';
import { PacketChain } from '../../../lib/display/packet-chain';
import { Viewers } from '../../../lib/display/viewers';
import type { Frame } from '../../../lib/frame/frame';
import type { PictureMeta, Report } from '../../../nodes/frame-display/protocol';
import { type Socket, ViewerChannel } from '../../../nodes/frame-display/viewer-channel';
import { FakeClock } from '../../support/fake-clock';
import { frameOf } from '../../support/frames';

describe('ViewerChannel', () => {
  it('throws nothing into the socket, whatever comes of what a viewer says', async () => {
    const clock = new FakeClock();
    const faults: unknown[] = [];
    const channel = new ViewerChannel({
      ...{ nodeId: 'display', viewers: new Viewers<ViewedFrame>({ clock }), report: () => ({}) as Report, clock },
      onCommand: () => {
        throw new TypeError('a mistake');
      },
      onFault: (error) => faults.push(error),
    });
    const socket = Object.assign(new EventEmitter(), { id: 'one' });
    channel.hello(socket as unknown as Socket, { viewer: 'v', action: 'pause' });
    socket.emit('frame-display:display', { viewer: 'v', action: 'pause' });
    assert.deepEqual(faults.map(String), ['TypeError: a mistake', 'TypeError: a mistake']);
    await channel.close();
  });

  it('sends compressed video to pages that say that they decode it, and begins anew where they could not', async () => {
    const clock = new FakeClock();
    const viewers = new Viewers<ViewedFrame>({ clock });
    const report = () => ({}) as Report;
    const onFault = (error: unknown) => {
      throw error;
    };
    const channel = new ViewerChannel({ nodeId: 'd', viewers, report, clock, onCommand() {}, onFault });
    const socket = Object.assign(new EventEmitter(), { id: 'one' });
    const sent: PictureMeta[] = [];
    socket.on('frame:d', (meta: PictureMeta) => sent.push(meta));
    channel.hello(socket as unknown as Socket, { viewer: 'v', visible: true });
    const chain = new PacketChain();
    const show = (frame: Frame) => {
      const packet = chain.push({ frame, data: Buffer.from('packet') });
      viewers.show(0, { ...frame, captured: 0 }, Buffer.alloc(0), undefined, 0, packet);
    };
    const frames = [0, 1, 2, 3].map((seq) => frameOf(seq, { codec: 'vp9', ...(seq % 3 === 0 && { key: true }) }));
    show(frames[0] as Frame);
    assert.equal(sent.length, 0);
    socket.emit('frame-display:d', { viewer: 'v', visible: true, decodes: ['vp9'] });
    assert.deepEqual(sent.at(-1)?.packets, [{ size: 6, pts: 0, key: true }]);
    assert.equal('packet' in (sent.at(-1) as PictureMeta), false);
    socket.emit('frame-display:d', { viewer: 'v', screen: 0, broken: true });
    for (const frame of frames.slice(1)) show(frame);
    assert.deepEqual(
      sent.slice(1).map(({ awaitsKey, packets }) => [awaitsKey, packets?.length]),
      [
        [true, undefined],
        [undefined, 1],
      ],
    );
    await Promise.all([channel.close(), viewers.close()]);
  });
});
