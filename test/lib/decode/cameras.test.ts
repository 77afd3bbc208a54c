import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { cameraUrl } from '../../../lib/source/camera';
import { Inputs } from '../../support/inputs';
import { LoginCheck, type LoginScheme } from '../../support/login';
import { special } from '../../support/passwords';
import { Player } from '../../support/player';
import { startRtspCamera } from '../../support/rtsp-camera';
import { sendCamera } from '../../support/web-server';

const schemes: LoginScheme[] = ['basic', 'digest'];

describe('cameras', () => {
  const inputs = new Inputs('cameras');
  const login = { user: 'me@home #1', password: special };

  for (const loginScheme of schemes) {
    it(`by RTSP with ${loginScheme} login play with any password`, async () => {
      const { ffmpeg } = inputs;
      const camera = await startRtspCamera({ ffmpeg, login: `${login.user}:${login.password}`, loginScheme });
      const player = new Player(inputs.pool);
      try {
        await player.start(cameraUrl(camera.url.replace('rtsp://', ''), login));
        await player.frameCount(3);
        assert.equal(player.frames[0]?.frame.stream, camera.url);
        assert.deepEqual(player.failures, []);
      } finally {
        await player.source.stop();
        await camera.close();
      }
    });

    it(`by HTTP with ${loginScheme} login play with any password`, async () => {
      const check = new LoginCheck(login.user, login.password, loginScheme);
      const { url } = await inputs.serve((request, response) => {
        if (check.admits(request.headers.authorization, request.method ?? '')) sendCamera(response, inputs.jpegs);
        else response.writeHead(401, { 'www-authenticate': check.challenge }).end();
      });
      const player = new Player(inputs.pool);
      await player.start(cameraUrl(`${url}/video`, login), { live: true });
      await player.frameCount(3);
      await player.source.stop();
      assert.equal(player.frames[0]?.frame.stream, `${url}/video`);
      assert.deepEqual(player.failures, []);
    });
  }

  it('that refuse a login say so without it', async () => {
    const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg, login: 'me:right', loginScheme: 'digest' });
    const player = new Player(inputs.pool);
    try {
      await player.start(cameraUrl(camera.url, { user: 'me', password: 'wr0ng#one' }));
      const { message = '' } = player.failures[0] ?? {};
      assert.match(message, /401/);
      assert.ok(!/wr0ng/.test(JSON.stringify([message, player.events])), message);
    } finally {
      await player.source.stop();
      await camera.close();
    }
  });

  for (const transport of ['tcp', 'udp'] as const) {
    it(`send by ${transport} when told to`, async () => {
      const camera = await startRtspCamera({ ffmpeg: inputs.ffmpeg });
      const player = new Player(inputs.pool);
      try {
        await player.start(camera.url, { transport });
        await player.frameCount(3);
        assert.deepEqual(new Set(camera.transports), new Set([transport]));
      } finally {
        await player.source.stop();
        await camera.close();
      }
    });
  }

  it('that send by UDP are refused where only some hosts are allowed', async () => {
    const player = new Player(inputs.pool, { allowedHosts: ['127.0.0.1'] });
    const start = player.start('rtsp://127.0.0.1:1/x', { transport: 'udp' });
    await assert.rejects(start, { code: 'SOURCE_REFUSED', message: /choose TCP or auto as its transport/ });
  });

  it('of the web that are off when they are started are waited for', async () => {
    let isOn = false;
    const { url } = await inputs.serve((_request, response) => {
      if (isOn) sendCamera(response, inputs.jpegs);
      else response.writeHead(503).end();
      isOn = true;
    });
    const player = new Player(inputs.pool);
    await player.start(`${url}/video`, { live: true });
    await player.frameCount(3);
    assert.equal((await player.event('reconnecting')).attempt, 1);
    await player.source.stop();
  });

  it('get the input options with each request', async () => {
    const requests: IncomingMessage[] = [];
    const { url } = await inputs.serve((request, response) => {
      requests.push(request);
      sendCamera(response, inputs.jpegs);
    });
    const player = new Player(inputs.pool);
    const inputOptions = [
      { name: 'user_agent', value: 'My player 1.0' },
      { name: '-fflags', value: '+nobuffer+discardcorrupt' },
    ];
    await player.start(`${url}/video`, { live: true, inputOptions });
    await player.frameCount(3);
    await player.source.stop();
    assert.deepEqual(new Set(requests.map(({ headers }) => headers['user-agent'])), new Set(['My player 1.0']));
  });
});

describe('the URL of a camera', () => {
  const nobody = { user: '', password: '' };

  it('is its address, of RTSP unless it says otherwise', () => {
    assert.equal(cameraUrl(' 192.168.1.10/live ', nobody), 'rtsp://192.168.1.10/live');
    assert.equal(cameraUrl('cam.local:8554/live', nobody), 'rtsp://cam.local:8554/live');
    assert.equal(cameraUrl('http://cam/video', nobody), 'http://cam/video');
    assert.equal(cameraUrl('v4l2:/dev/video0', nobody), 'v4l2:/dev/video0');
  });

  it('has the login of the fields and not the one in the address', () => {
    assert.equal(cameraUrl('old:one@cam/1', { user: 'me', password: 'p@:/' }), 'rtsp://me:p%40%3A%2F@cam/1');
  });

  for (const [what, address, login] of [
    ['no address', '', nobody],
    ['a login for what takes none', 'udp://h:1', { user: 'me', password: 'pw' }],
    ['an address that can be read in two ways', 'a:1/b@cam', { user: 'me', password: 'pw' }],
    ['a user with a colon', 'cam', { user: 'a:b', password: 'pw' }],
    ['a login that ffmpeg would cut off', 'cam', { user: 'me', password: 'ä'.repeat(21) }],
    ['a line end in the password', 'cam', { user: 'me', password: 'p\nw' }],
  ] as const) {
    it(`is none with ${what}, and the error names the remedy`, () => {
      assert.throws(() => cameraUrl(address, login), { code: 'BAD_OPTION', message: /: (?:enter|give|correct|set)/ });
    });
  }
});
