import assert from 'node:assert/strict';
import { type EventEmitter, once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { LoginCheck } from '../../support/login';
import { special } from '../../support/passwords';
import { cameraJpeg, withTestRuntime } from '../../support/test-runtime';
import { sendCamera, startWebServer, type WebServer } from '../../support/web-server';

const videoSource = require('../../../nodes/video-source/video-source');

describe('a camera of a video-source node', () => {
  withTestRuntime();
  const credentials = { user: 'me', password: special };
  let camera: WebServer;
  let answer: (response: ServerResponse) => void;

  before(async () => {
    const jpeg = await cameraJpeg();
    const check = new LoginCheck(credentials.user, credentials.password, 'digest');
    camera = await startWebServer((request, response) => {
      if (check.admits(request.headers.authorization, request.method ?? '')) answer(response);
      else response.writeHead(401, { 'www-authenticate': check.challenge }).end();
    });
    answer = (response) => sendCamera(response, [jpeg], 5);
  });
  after(() => camera.close());

  /** Resolves with what hears of its frames and events. */
  async function deploy(config: object = {}): Promise<{ frames: EventEmitter; events: EventEmitter }> {
    const at = { z: 'tab', x: 100, y: 100, wires: [] };
    const nodes = [
      { id: 'tab', type: 'tab', label: 'tab' },
      {
        ...{ ...at, id: 'source', type: 'video-source', source: `${camera.url}/video`, sourceType: 'camera' },
        ...{ stream: '', wires: [['frames'], ['events']], ...config },
      },
      { ...at, id: 'frames', type: 'helper' },
      { ...at, id: 'events', type: 'helper' },
    ];
    await helper.load([videoSource], nodes as never, { source: credentials });
    const emitterOf = (id: string) => helper.getNode(id) as unknown as EventEmitter;
    return { frames: emitterOf('frames'), events: emitterOf('events') };
  }

  const start = () => (helper.getNode('source') as Node).receive({} as never);
  const look = (request: object) => {
    const entered = { id: 'source', source: `${camera.url}/video`, sourceType: 'camera', ...request };
    return helper.request().post('/video-source/look').send(entered);
  };

  it('is opened with the login of its credentials', async () => {
    const { frames } = await deploy();
    const first = once(frames, 'input');
    start();
    const [{ topic }] = await first;
    assert.equal(topic, `${camera.url}/video`);
  });

  it('is waited for when it is off, though it comes over http', async () => {
    const { events } = await deploy({ source: 'http://127.0.0.1:1/video' });
    const first = once(events, 'input');
    start();
    const [{ event }] = await first;
    assert.equal(event, 'reconnecting');
  });

  it('is previewed with the login in the dialog', async () => {
    await deploy();
    const { body } = await look({ user: 'me', password: special }).expect(200);
    assert.deepEqual([body.width, body.height], [64, 48]);
  });

  it('is previewed with the stored password, which the editor does not know', async () => {
    await deploy();
    const { body } = await look({ user: 'me', password: '__PWRD__' }).expect(200);
    assert.equal(body.width, 64);
  });

  it('is not sent the stored password where the deployed node would not send it', async () => {
    await deploy();
    for (const request of [{ source: camera.url.replace('127.0.0.1', 'localhost') }, { id: 'frames' }]) {
      const { body } = await look({ user: 'me', password: '__PWRD__', ...request }).expect(422);
      assert.match(body.message, /enter the password again/);
    }
  });
});
