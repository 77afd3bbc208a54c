import assert from 'node:assert/strict';
import type { Picture } from '../../../lib/display/picture';
import { Viewers, viewerLifetime } from '../../../lib/display/viewers';
import { FakeClock } from '../../support/fake-clock';

const image = Buffer.from('picture');

function setUp() {
  const clock = new FakeClock();
  const changes: string[] = [];
  const viewers = new Viewers<string>({ clock, onCount: (count, change) => changes.push(`${change} ${count}`) });
  const received: Record<string, number[]> = {};
  const join = (id: string, isVisible = true) => {
    received[id] = [];
    viewers.join(id, { send: ({ number }: Picture<string>) => received[id].push(number) }, isVisible);
  };
  const show = (count: number) => {
    for (let n = 0; n < count; n += 1) viewers.show(0, 'meta', image);
  };
  return { clock, viewers, received, changes, join, show };
}

describe('Viewers', () => {
  it('sends at most two pictures that are not acknowledged', () => {
    const { viewers, received, join, show } = setUp();
    join('slow');
    show(1);
    viewers.acknowledge('slow', 0, 1);
    show(50);
    assert.deepEqual(received.slow, [1, 2, 3]);
  });

  it('sends the newest picture on an acknowledgement, skipping those between', () => {
    const { viewers, received, join, show } = setUp();
    join('slow');
    show(50);
    viewers.acknowledge('slow', 0, 1);
    assert.deepEqual(received.slow, [1, 50]);
    viewers.acknowledge('slow', 0, 50);
    assert.deepEqual(received.slow, [1, 50]);
  });

  it('takes an acknowledgement for all pictures before it', () => {
    const { viewers, received, join, show } = setUp();
    join('viewer');
    show(1);
    viewers.acknowledge('viewer', 0, 1);
    show(2);
    viewers.acknowledge('viewer', 0, 3);
    show(3);
    assert.deepEqual(received.viewer, [1, 2, 3, 4, 5]);
  });

  it('lets no slow viewer hold up another', () => {
    const { viewers, received, join, show } = setUp();
    join('slow');
    join('fast');
    for (let number = 1; number <= 20; number += 1) {
      show(1);
      viewers.acknowledge('fast', 0, number);
    }
    assert.equal(received.fast.length, 20);
    assert.deepEqual(received.slow, [1]);
  });

  it('shows who joins the picture on screen at once', () => {
    const { received, join, show } = setUp();
    show(7);
    join('late');
    assert.deepEqual(received.late, [7]);
  });

  it('sends nothing to hidden viewers, and the newest when they are seen again', () => {
    const { viewers, received, join, show } = setUp();
    join('hidden', false);
    show(5);
    assert.deepEqual(received.hidden, []);
    viewers.setVisible('hidden', true);
    assert.deepEqual(received.hidden, [5]);
    viewers.setVisible('hidden', false);
    show(5);
    viewers.setVisible('hidden', true);
    assert.deepEqual(received.hidden, [5, 10]);
  });

  it('never sends the same picture twice', () => {
    const { viewers, received, join, show } = setUp();
    join('viewer');
    show(1);
    viewers.acknowledge('viewer', 0, 1);
    viewers.setVisible('viewer', false);
    viewers.setVisible('viewer', true);
    assert.deepEqual(received.viewer, [1]);
  });

  it('forgets a viewer that gives no sign of life', () => {
    const { clock, viewers, changes, join } = setUp();
    join('gone');
    join('alive');
    for (let passed = 0; passed < 2 * viewerLifetime; passed += 2000) {
      clock.advance(2000);
      viewers.touch('alive');
    }
    assert.equal(viewers.count, 1);
    assert.equal(viewers.touch('gone'), false);
    assert.deepEqual(changes, ['joined 1', 'joined 2', 'left 1']);
  });

  it('starts afresh with a viewer that joins again', () => {
    const { received, changes, join, show } = setUp();
    join('viewer');
    show(9);
    join('viewer');
    assert.deepEqual(received.viewer, [9]);
    assert.deepEqual(changes, ['joined 1']);
  });

  it('counts the pictures of each screen', () => {
    const { viewers, received, join } = setUp();
    join('viewer');
    viewers.show(0, 'meta', image);
    viewers.show(5, 'meta', image);
    viewers.acknowledge('viewer', 5, 1);
    viewers.show(5, 'meta', image);
    assert.deepEqual(received.viewer, [1, 1, 2]);
  });

  it('sends who looks at one screen nothing of others, and all of them anew when it looks at all again', () => {
    const { viewers } = setUp();
    const received: string[] = [];
    const show = (screen: number) => viewers.show(screen, 'meta', image);
    show(0);
    show(1);
    viewers.join('one', { send: ({ screen, number }: Picture<string>) => received.push(`${screen}:${number}`) });
    viewers.setVisible('one', true, 1);
    show(0);
    viewers.acknowledge('one', 1, 1);
    show(1);
    assert.deepEqual(received.splice(0), ['0:1', '1:1', '1:2']);
    viewers.setVisible('one', true);
    assert.deepEqual(received, ['0:2']);
    viewers.setVisible('one', true, 1);
    viewers.setVisible('one', true);
    assert.deepEqual(received, ['0:2', '0:2'], 'its page no longer had the picture');
  });

  it('sends who joins with a look at one screen only that one', () => {
    const { viewers } = setUp();
    const received: number[] = [];
    for (const screen of [0, 1]) viewers.show(screen, 'meta', image);
    viewers.join('one', { send: ({ screen }: Picture<string>) => received.push(screen) }, true, 1);
    assert.deepEqual(received, [1]);
  });

  it('sends nothing more of a screen that was taken away', () => {
    const { viewers, received, join, show } = setUp();
    join('viewer');
    show(5);
    viewers.clear(0);
    viewers.acknowledge('viewer', 0, 1);
    assert.deepEqual(received.viewer, [1]);
  });

  it('leaves no timer behind', async () => {
    const { clock, viewers, join } = setUp();
    join('one');
    viewers.leave('one');
    assert.equal(clock.pending, 0);
    join('two');
    await viewers.close();
    assert.equal(clock.pending, 0);
    assert.equal(viewers.count, 0);
  });
});
