import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import type { ViewedFrame } from '../../../lib/display/display-options';
import { Viewers } from '../../../lib/display/viewers';
import type { Report } from '../../../nodes/frame-display/protocol';
import { type Socket, ViewerChannel } from '../../../nodes/frame-display/viewer-channel';
import { FakeClock } from '../../support/fake-clock';

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
});
