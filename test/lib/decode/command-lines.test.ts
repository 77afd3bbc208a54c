import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { findFfmpeg } from '../../../lib/ffmpeg/lookup';
import { cameraUrl } from '../../../lib/source/camera';
import { Inputs } from '../../support/inputs';
import { Authority } from '../../support/kafka-certificates';
import { LoginCheck, type LoginScheme } from '../../support/login';
import { temporaryPath } from '../../support/media';
import { Player, type PlayerOptions } from '../../support/player';
import { startRtspCamera } from '../../support/rtsp-camera';
import { sendCamera, serveFolder } from '../../support/web-server';

const run = promisify(execFile);
const login = { user: 'admin', password: 'v1s1ble?#@' };

/** Every form in which the password could be seen. */
const secrets = ['v1s1ble', Buffer.from(`${login.user}:${login.password}`).toString('base64')];

describe('the command lines and environments of ffmpeg and ffprobe', () => {
  const inputs = new Inputs('command-lines');
  /** ffmpeg and ffprobe that note how they were started. */
  let ffmpegPath: string;
  let notes: string;

  before(async function () {
    // They are read as Linux shows them.
    if (process.platform !== 'linux') this.skip();
    notes = temporaryPath('command-lines/notes');
    for (const [name, path] of Object.entries(await findFfmpeg())) {
      const script = temporaryPath(`command-lines/${name}`);
      await writeFile(script, `#!/bin/sh\ncat /proc/$$/cmdline /proc/$$/environ >> ${notes}\nexec ${path} "$@"\n`);
      await chmod(script, 0o755);
      if (name === 'ffmpeg') ffmpegPath = script;
    }
  });
  beforeEach(() => writeFile(notes, ''));

  /** Plays so many frames; no ffmpeg was told a secret by way of what others can read. */
  async function playSome(url: string, options: object, settings: PlayerOptions = {}): Promise<Player> {
    const player = new Player(inputs.pool, { ffmpegPath, ...settings });
    await player.start(url, options);
    await player.frameCount(3);
    await player.source.stop();
    assert.deepEqual(player.failures, []);
    const noted = await readFile(notes, 'latin1');
    assert.match(noted, /ffmpeg\0/);
    // Not all of an environment is for a report of tests.
    const around = noted.split('\0').filter((part) => secrets.some((secret) => part.includes(secret)));
    assert.deepEqual(around, []);
    return player;
  }

  for (const loginScheme of ['basic', 'digest'] satisfies LoginScheme[]) {
    for (const allowedHosts of [undefined, ['127.0.0.1']]) {
      const where = allowedHosts === undefined ? '' : ', where only some hosts are allowed';
      it(`hold no password of a camera by RTSP with ${loginScheme} login${where}`, async () => {
        const { ffmpeg } = inputs;
        const camera = await startRtspCamera({ ffmpeg, login: `${login.user}:${login.password}`, loginScheme });
        try {
          await playSome(cameraUrl(camera.url, login), {}, { allowedHosts });
          assert.equal(camera.transports.length, 1);
        } finally {
          await camera.close();
        }
      });

      it(`hold no password of a camera by HTTP with ${loginScheme} login${where}`, async () => {
        const check = new LoginCheck(login.user, login.password, loginScheme);
        const { url } = await inputs.serve((request, response) => {
          if (check.admits(request.headers.authorization, request.method ?? '')) sendCamera(response, inputs.jpegs);
          else response.writeHead(401, { 'www-authenticate': check.challenge }).end();
        });
        await playSome(cameraUrl(`${url}/video`, login), { live: true }, { allowedHosts });
      });
    }
  }

  it('hold no password of a camera by HTTPS', async () => {
    const folder = temporaryPath('command-lines/tls');
    mkdirSync(folder, { recursive: true });
    const { cert, key } = new Authority(folder, 'camera').issue('camera');
    const check = new LoginCheck(login.user, login.password, 'digest');
    const camera = createServer({ cert, key }, (request, response) => {
      if (check.admits(request.headers.authorization, request.method ?? '')) sendCamera(response, inputs.jpegs);
      else response.writeHead(401, { 'www-authenticate': check.challenge }).end();
    });
    await new Promise<void>((resolve) => camera.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = camera.address() as AddressInfo;
      await playSome(cameraUrl(`https://127.0.0.1:${port}/video`, login), { live: true });
    } finally {
      camera.closeAllConnections();
      camera.close();
    }
  });

  it('hold no password in the parameters of a recording, which ffprobe looks into', async () => {
    const { url, requests } = await inputs.serve(serveFolder(dirname(inputs.clip)));
    const player = await playSome(`${url}/clip.mkv?user=admin&pwd=v1s1ble`, { start: 0.2 });
    assert.match(await readFile(notes, 'latin1'), /ffprobe\0/);
    assert.equal(player.frames[0]?.frame.stream, `${url}/clip.mkv`);
    assert.equal(requests[0], '/clip.mkv?user=admin&pwd=v1s1ble');
  });

  it('hold no password of a snapshot, which is asked for again and again', async () => {
    const { url } = await inputs.serve((_request, response) => response.end(inputs.jpegs[0]));
    await playSome(`${url}/snap.jpg?pwd=v1s1ble`, { every: 0.1 });
  });

  for (const allowedHosts of [undefined, ['127.0.0.1']]) {
    const where = allowedHosts === undefined ? '' : ', where only some hosts are allowed';
    it(`hold no password of a broadcast of many parts${where}`, async () => {
      const folder = temporaryPath('command-lines/hls');
      mkdirSync(folder, { recursive: true });
      const hls = ['-f', 'hls', '-hls_time', '0.2', '-hls_list_size', '0', join(folder, 'index.m3u8')];
      await run(inputs.ffmpeg, ['-v', 'error', '-i', inputs.clip, '-c:v', 'mpeg2video', '-g', '5', ...hls]);
      const check = new LoginCheck(login.user, login.password, 'basic');
      const serve = serveFolder(folder);
      const { url } = await inputs.serve((request, response) => {
        if (check.admits(request.headers.authorization, request.method ?? '')) return serve(request, response);
        response.writeHead(401, { 'www-authenticate': check.challenge }).end();
        return undefined;
      });
      await playSome(cameraUrl(`${url}/index.m3u8`, login), {}, { allowedHosts });
    });
  }
});
