import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import { cameraJpeg, withTestRuntime } from '../../support/test-runtime';
import { sendCamera, startWebServer, type WebServer } from '../../support/web-server';

const videoSource = require('../../../nodes/video-source/video-source');

describe('two video-source nodes', () => {
  withTestRuntime();
  let camera: WebServer;

  before(async () => {
    const jpeg = await cameraJpeg();
    camera = await startWebServer((_request, response) => sendCamera(response, [jpeg], 5));
  });
  after(() => camera.close());

  /** Plays both until each has opened, the second once more; resolves with what they warned of. */
  async function warningsOf(one: object, other: object): Promise<unknown[]> {
    const at = { z: 'tab', x: 100, y: 100, type: 'video-source', sourceType: 'str', stream: '' };
    const nodes = [
      { id: 'tab', type: 'tab', label: 'tab' },
      { ...at, id: 'one', name: 'Front door', wires: [[], ['events']], ...one },
      { ...at, id: 'other', name: '', wires: [[], ['events']], ...other },
      { ...at, id: 'events', type: 'helper', wires: [] },
    ];
    await helper.load([videoSource], nodes as never);
    const opened = new EventEmitter();
    (helper.getNode('events') as unknown as EventEmitter).on('input', ({ event }) => opened.emit(event));
    const warnings: unknown[] = [];
    for (const id of ['one', 'other', 'other']) {
      const node = helper.getNode(id) as Node & EventEmitter;
      node.removeAllListeners('call:warn');
      node.on('call:warn', ({ args }: { args: unknown[] }) => warnings.push(...args));
      const isOpen = once(opened, 'opened');
      node.receive({} as never);
      await isOpen;
    }
    return warnings;
  }

  it('on cameras whose ids are the same by default say once which they are and what to do', async () => {
    const source = `${camera.url}/video?channel=`;
    const warnings = await warningsOf({ source: `${source}1` }, { source: `${source}2` });
    assert.deepEqual(warnings, [
      `Both "Front door" and the video-source node other send the stream ${camera.url}/video, though from different sources, so their frames mix. Give each a stream ID`,
    ]);
  });

  it('on the same camera, or with a stream ID, do not', async () => {
    const source = `${camera.url}/video?channel=1`;
    assert.deepEqual(await warningsOf({ source }, { source }), []);
    await helper.unload();
    assert.deepEqual(
      await warningsOf({ source }, { source: `${camera.url}/video?channel=2`, stream: `${camera.url}/video` }),
      [],
    );
  });
});
