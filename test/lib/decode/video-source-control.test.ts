import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { Inputs } from '../../support/inputs';
import { Player } from '../../support/player';
import { sendCamera } from '../../support/web-server';

const bunny = 'examples/bigbuckbunny.mp4';

describe('VideoSource, controlled at odd moments', () => {
  const inputs = new Inputs('video-source-control');

  describe('seek and end', () => {
    for (const [what, position] of [
      ['exactly to the end', 1000],
      ['beyond the end', 3000],
      ['far beyond the end', 1e9],
    ] as const) {
      it(`shows the last frame when it seeks ${what} of the part that is played`, async () => {
        const player = new Player(inputs.pool, { maxFrames: 1, finishes: false });
        await player.start(bunny, { end: 1 });
        await player.frameCount(1);
        player.source.seek(position);
        player.finishAll();
        assert.equal((await player.event('ended')).frames, 2);
        const { pts, last } = player.frames[1]?.frame ?? {};
        assert.deepEqual([pts, last], [960, true]);
      });
    }

    it('shows the last frame when it seeks beyond the end of the file', async () => {
      const player = new Player(inputs.pool, { maxFrames: 1, finishes: false });
      await player.start(bunny);
      await player.frameCount(1);
      player.source.seek(60_000);
      player.finishAll();
      await player.event('ended');
      assert.equal(player.frames.length, 2);
      assert.equal(player.frames[1]?.frame.last, true);
    });

    for (const position of [Number.POSITIVE_INFINITY, Number.NaN, -1, '5', null]) {
      it(`refuses to seek to ${JSON.stringify(position) === 'null' ? String(position) : JSON.stringify(position)}, and plays on`, async () => {
        const player = new Player(inputs.pool, { maxFrames: 1, finishes: false });
        await player.start(bunny, { end: 0.2 });
        await player.frameCount(1);
        assert.throws(() => player.source.seek(position), { code: 'BAD_OPTION', message: /^position is/ });
        player.finishAll();
        assert.equal((await player.event('ended')).frames, 5);
      });
    }
  });

  describe('pause', () => {
    it('asked for while it opens, is a pause once it is open', async () => {
      const player = new Player(inputs.pool);
      const start = player.start(bunny, { end: 0.2 });
      player.source.pause();
      await start;
      await player.event('paused');
      assert.equal(player.source.state, 'paused');
      assert.equal(player.frames.length, 0);
      player.source.resume();
      assert.equal((await player.event('ended')).frames, 5);
    });

    it('asked for and taken back while it opens, is none', async () => {
      const player = new Player(inputs.pool);
      const start = player.start(bunny, { end: 0.2 });
      player.source.pause();
      player.source.resume();
      await start;
      await player.event('ended');
      assert.deepEqual(
        player.events.filter(({ event }) => event === 'paused'),
        [],
      );
    });

    it('asked for while it opens, is a pause though the camera is off', async () => {
      const player = new Player(inputs.pool);
      const start = player.start('tcp://127.0.0.1:1');
      player.source.pause();
      await start;
      await player.event('paused');
      assert.equal(player.source.state, 'paused');
      player.source.resume();
      assert.equal(player.source.state, 'reconnecting');
      await player.source.stop();
    });

    it('asked for while it reconnects, is a pause, and ends where it was', async () => {
      const connections: ServerResponse[] = [];
      const { url } = await inputs.serve((_request, response) => {
        sendCamera(response, inputs.jpegs);
        connections.push(response);
      });
      const player = new Player(inputs.pool);
      await player.start(url);
      await player.frameCount(2);
      for (const connection of connections) connection.destroy();
      await player.event('reconnecting');
      player.source.pause();
      assert.equal(player.source.state, 'paused');
      const { length } = player.frames;
      player.source.resume();
      assert.equal(player.source.state, 'reconnecting');
      player.source.pause();
      player.source.resume();
      await player.frameCount(length + 2);
      assert.equal(player.source.state, 'playing');
      await player.source.stop();
    });
  });

  it('cannot be started once it was closed', async () => {
    const player = new Player(inputs.pool);
    await player.source.close();
    await assert.rejects(player.start(bunny), { code: 'CLOSED' });
    assert.equal(player.source.state, 'idle');
  });
});
