import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import helper from 'node-red-node-test-helper';
import type { Frame } from '../../../lib/frame/frame';
import { toRecordHeaders } from '../../../lib/frame/record-headers';
import { randomPasswords } from '../../support/passwords';
import { cameraJpeg, withTestRuntime } from '../../support/test-runtime';
import { sendCamera, startWebServer, type WebServer } from '../../support/web-server';

const videoSource = require('../../../nodes/video-source/video-source');

describe('the password in an address of a video-source node', () => {
  withTestRuntime();
  let camera: WebServer;

  before(async () => {
    const jpeg = await cameraJpeg();
    camera = await startWebServer((request, response) => {
      if (request.url?.startsWith('/video')) sendCamera(response, [jpeg], 5);
      else response.writeHead(request.url?.startsWith('/refused') ? 401 : 404).end();
    });
  });
  after(() => camera.close());

  /** Plays until `isEnough` of an output's message; resolves with all that left the node on its ways. */
  async function heardOf(source: string, output: 'frames' | 'events' | 'caught'): Promise<string> {
    const at = { z: 'tab', x: 100, y: 100, wires: [] };
    const flow = [
      { id: 'tab', type: 'tab', label: 'tab' },
      {
        ...at,
        id: 'source',
        type: 'video-source',
        source,
        sourceType: 'str',
        stream: '',
        wires: [['frames'], ['events']],
      },
      ...['frames', 'events', 'caught'].map((id) => ({ ...at, id, type: 'helper' })),
      { ...at, id: 'catch', type: 'catch', scope: null, wires: [['caught']] },
    ];
    await helper.load([videoSource, require('@node-red/nodes/core/common/25-catch')], flow as never);
    const heard: unknown[] = [];
    const outputs = new EventEmitter();
    const emitterOf = (id: string) => helper.getNode(id) as unknown as EventEmitter;
    for (const id of ['frames', 'events', 'caught']) {
      emitterOf(id).on('input', ({ payload, ...msg }: { payload: unknown; frame?: Frame; error?: Error }) => {
        const told = Buffer.isBuffer(payload) ? undefined : payload;
        const headers = msg.frame && toRecordHeaders(msg.frame);
        heard.push({
          ...msg,
          told,
          headers,
          source: decodeURIComponent(headers?.ce_source ?? ''),
          error: { ...msg.error },
        });
        outputs.emit(id);
      });
    }
    emitterOf('source').on('call:status', ({ args }: { args: unknown }) => heard.push(args));
    const first = once(outputs, output);
    helper.getNode('source').receive({} as never);
    await first;
    const { body } = await helper.request().post('/video-source/look').send({ source, sourceType: 'str' });
    const log = (helper.log() as unknown as { args: unknown[] }).args.flat();
    return JSON.stringify([heard, { ...body, thumbnail: '' }, log]);
  }

  // The whole way of it takes a while, so these are few; what they are made of is tested in lib/source.
  for (const [index, password] of randomPasswords(2).entries()) {
    const escaped = JSON.stringify(password).slice(1, -1);
    const isNowhereIn = (heard: string) => {
      for (const form of [escaped, password, encodeURIComponent(password)]) assert.ok(!heard.includes(form), heard);
    };
    const query = `user=admin&loginpas=${encodeURIComponent(password)}&fps=5`;
    const login = `admin:${encodeURIComponent(password)}@`;

    it(`leaves it on no way while it plays (${index + 1})`, async () => {
      const heard = await heardOf(camera.url.replace('//', `//${login}`).concat(`/video?${query}`), 'frames');
      assert.ok(heard.includes(`"topic":"${camera.url}/video"`), heard);
      isNowhereIn(heard);
    });

    it(`leaves it on no way when it is refused (${index + 1})`, async () => {
      const heard = await heardOf(`${camera.url}/refused?${query}`, 'caught');
      assert.match(heard, /401/);
      isNowhereIn(heard);
    });

    it(`leaves it on no way when it is written as it is (${index + 1})`, async () => {
      isNowhereIn(await heardOf(`rtsp://admin:${password}@127.0.0.1:1/x`, 'caught'));
    });
  }
});
