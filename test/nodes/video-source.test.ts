import assert from 'node:assert/strict';
import { EventEmitter, once } from 'node:events';
import { copyFile, rm } from 'node:fs/promises';
import type { Node } from 'node-red';
import helper from 'node-red-node-test-helper';
import sharp from 'sharp';
import type { Frame } from '../../lib/frame/frame';
import { WorkerPool } from '../../lib/pool/worker-pool';
import { bunny, makeAudioOnly, makeLong, root, runningFfmpegs, temporaryPath } from '../support/media';
import { playBeside } from '../support/player';
import { eventually } from '../support/processes';

const videoSource = require('../../nodes/video-source/video-source');

interface FrameMessage {
  payload: Buffer;
  topic: string;
  frame: Frame;
}
interface EventMessage {
  event: string;
  payload: Record<string, unknown>;
  topic: string;
}

const defaults = {
  id: 'source',
  z: 'tab',
  type: 'video-source',
  x: 100,
  y: 100,
  name: '',
  source: bunny,
  sourceType: 'str',
  stream: '',
  fps: '',
  width: '',
  height: '',
  quality: 90,
  start: '',
  end: '',
  loop: false,
  realtime: false,
  autostart: false,
  maxFrames: 30,
  maxMegabytes: 64,
  wires: [['frames'], ['events']],
};

const node = (id: string, type: string, rest: object = {}) => ({
  id,
  z: 'tab',
  type,
  x: 200,
  y: 100,
  wires: [],
  ...rest,
});

/** The helper's nodes are event emitters, but their types only know a few of the events. */
const emitterOf = (id: string) => helper.getNode(id) as unknown as EventEmitter;

/** A deployed flow: the source, its outputs, and a Catch node. */
class Flow {
  readonly frames: FrameMessage[] = [];
  readonly events: EventMessage[] = [];
  readonly errors: { error: { message: string }; tag?: string }[] = [];
  readonly statuses: string[] = [];
  readonly #emitter = new EventEmitter();

  static async deploy(config: object = {}): Promise<Flow> {
    const flow = new Flow();
    const tab = { id: 'tab', type: 'tab', label: 'tab' };
    const nodes = [
      tab,
      { ...defaults, ...config },
      node('frames', 'helper'),
      node('events', 'helper'),
      node('catch', 'catch', { scope: null, wires: [['caught']] }),
      node('caught', 'helper'),
    ];
    await helper.load([videoSource, require('@node-red/nodes/core/common/25-catch')], nodes as never);
    flow.#listen('frames', flow.frames);
    flow.#listen('events', flow.events);
    flow.#listen('caught', flow.errors);
    emitterOf('source').on('call:status', ({ args }: { args: { text: string }[] }) => {
      flow.statuses.push(args[0]?.text ?? '');
    });
    return flow;
  }

  send(msg: Record<string, unknown>): void {
    (helper.getNode('source') as Node).receive(msg);
  }

  async event(name: string): Promise<EventMessage> {
    for (;;) {
      const found = this.events.find(({ event }) => event === name);
      if (found !== undefined) return found;
      await once(this.#emitter, 'events');
    }
  }

  async until(list: 'frames' | 'caught', count: number): Promise<void> {
    const messages = list === 'frames' ? this.frames : this.errors;
    while (messages.length < count) await once(this.#emitter, list);
  }

  #listen(id: string, messages: unknown[]): void {
    // One parameter: the handler finishes the message by returning.
    emitterOf(id).on('input', (msg: unknown) => {
      messages.push(msg);
      this.#emitter.emit(id);
    });
  }
}

describe('video-source node', () => {
  /** Not the nodes' own. */
  let pool: WorkerPool;

  before((done) => {
    pool = new WorkerPool({ maxThreads: 1, onError: assert.fail });
    helper.init(require.resolve('node-red'), { userDir: root } as never);
    helper.startServer(done);
  });
  after(async () => {
    await pool.close();
    await new Promise<void>((resolve) => helper.stopServer(resolve));
  });
  afterEach(async () => {
    await helper.unload();
    assert.deepEqual(await runningFfmpegs(), []);
  });

  it('sends compressed video as it is in the source, says what it is, and shows what it cannot send', async () => {
    const flow = await Flow.deploy({ pictures: 'source', end: '0.2' });
    flow.send({});
    await flow.event('ended');
    const { payload } = await flow.event('opened');
    assert.equal(payload.pictures, 'h264');
    const [first] = flow.frames as [FrameMessage];
    assert.deepEqual([first.frame.codec, first.frame.key, first.frame.profile], ['h264', true, 'avc1.4d401f']);
    assert.deepEqual(first.payload.subarray(0, 4), Buffer.from([0, 0, 0, 1]));
    await helper.unload();
    const refused = await Flow.deploy({ pictures: 'source', width: '100' });
    refused.send({});
    await refused.until('caught', 1);
    assert.match(refused.errors[0]?.error.message ?? '', /width is for JPEG pictures/);
    assert.equal(refused.statuses.at(-1), 'bad setting');
  });

  it('sends every frame of its source when a message comes', async () => {
    const flow = await Flow.deploy();
    flow.send({});
    const { payload, topic } = await flow.event('ended');
    assert.equal(payload.frames, 132);
    assert.equal(topic, bunny);
    assert.deepEqual(
      flow.frames.map(({ frame }) => frame.seq),
      Array.from({ length: 132 }, (_, index) => index),
    );
    const [first] = flow.frames;
    assert.equal(first?.topic, bunny);
    assert.deepEqual([first?.frame.width, first?.frame.height, first?.frame.pts], [1280, 720, 0]);
    assert.deepEqual([first?.payload[0], first?.payload[1]], [0xff, 0xd8]);
    assert.equal(flow.frames.at(-1)?.frame.last, true);
  });

  it('shows what it does in its status', async () => {
    const flow = await Flow.deploy();
    flow.send({});
    await flow.event('ended');
    assert.deepEqual([flow.statuses[0], flow.statuses[1], flow.statuses.at(-1)], ['opening', 'playing', '132 frames']);
    assert.ok(flow.statuses.every((text) => text.length < 20));
  });

  it('starts by itself when deployed', async () => {
    const flow = await Flow.deploy({ autostart: true, end: '0.2' });
    assert.equal((await flow.event('ended')).payload.frames, 5);
    assert.equal(flow.frames.length, 5);
  });

  it('takes its source from the message', async () => {
    const flow = await Flow.deploy({ source: 'payload', sourceType: 'msg', end: '0.2' });
    flow.send({ payload: 'examples/bigbuckbunny.mp4' });
    assert.equal((await flow.event('ended')).topic, 'examples/bigbuckbunny.mp4');
  });

  it('trusts what stands in the node more than what a message says', async () => {
    const flow = await Flow.deploy({ source: 'payload', sourceType: 'msg' });
    flow.send({ payload: 'lavfi:testsrc=size=64x48:duration=0.2' });
    await flow.until('caught', 1);
    assert.match(flow.errors[0]?.error.message ?? '', /a message may only give a path or a URL/);
    await helper.unload();
    const own = await Flow.deploy({ source: 'lavfi:testsrc=size=64x48:rate=25:duration=0.2' });
    own.send({});
    assert.equal((await own.event('ended')).payload.frames, 5);
  });

  it('plays only from the folders and hosts that the settings allow, and so does its preview', async () => {
    helper.settings({ kafkaVideo: { allowedFolders: [`${root}/lib`], allowedHosts: ['good.example'] } } as never);
    try {
      const flow = await Flow.deploy({ source: 'payload', sourceType: 'msg' });
      for (const [index, source] of [bunny, 'http://127.0.0.1:1/x'].entries()) {
        flow.send({ payload: source });
        await flow.until('caught', index + 1);
        assert.match(flow.errors[index]?.error.message ?? '', /not in one of the allowed|not one of the allowed/);
        const answer = await helper
          .request()
          .post('/video-source/look')
          .send({ source, sourceType: 'str' })
          .expect(422);
        assert.match(answer.body.message, /not in one of the allowed|not one of the allowed/);
      }
    } finally {
      helper.settings({} as never);
    }
  });

  it('takes its source from the environment', async () => {
    process.env.TEST_VIDEO = bunny;
    const flow = await Flow.deploy({ source: 'TEST_VIDEO', sourceType: 'env', end: '0.2' });
    flow.send({});
    assert.equal((await flow.event('ended')).payload.frames, 5);
    delete process.env.TEST_VIDEO;
  });

  it('names its stream as told', async () => {
    const flow = await Flow.deploy({ stream: 'bunny', end: '0.1' });
    flow.send({});
    assert.equal((await flow.event('ended')).topic, 'bunny');
    assert.equal(flow.frames[0]?.frame.stream, 'bunny');
  });

  it('obeys pause, seek, resume and stop', async () => {
    const flow = await Flow.deploy({ source: await makeLong(), realtime: true });
    flow.send({ action: 'start' });
    await flow.until('frames', 2);
    flow.send({ action: 'pause' });
    await flow.event('paused');
    flow.send({ action: 'seek', position: 5000 });
    flow.send({ action: 'resume' });
    await flow.event('resumed');
    while (flow.frames.at(-1)?.frame.pts !== 5000) await flow.until('frames', flow.frames.length + 1);
    flow.send({ action: 'stop' });
    assert.equal((await flow.event('ended')).payload.reason, 'stopped');
    assert.deepEqual(await runningFfmpegs(), []);
    assert.equal(flow.statuses.at(-1), 'stopped');
  });

  it('is held by a node that does not finish its frames', async () => {
    const flow = await Flow.deploy({ maxFrames: 4 });
    const kept: (() => void)[] = [];
    emitterOf('frames').on('input', (_msg: unknown, _send: unknown, done: () => void) => {
      kept.push(done);
    });
    flow.send({});
    await eventually('four are kept', () => kept.length >= 4);
    await playBeside(pool);
    assert.equal(kept.length, 4);
  });

  it('shows which node holds it, once that has lasted for 3 s', async () => {
    const collect = { mode: 'custom', build: 'array', property: 'payload', propertyType: 'msg', count: '5' };
    await helper.load([videoSource, require('@node-red/nodes/core/sequence/17-split')], [
      { id: 'tab', type: 'tab', label: 'tab' },
      { ...defaults, maxFrames: 4, wires: [['join'], []] },
      node('join', 'join', collect),
    ] as never);
    const statuses: string[] = [];
    emitterOf('source').on('call:status', ({ args }: { args: { text: string }[] }) => {
      statuses.push(args[0]?.text ?? '');
    });
    (helper.getNode('source') as Node).receive({});
    await eventually('it is held', () => statuses.includes('held by join (4 of 4 frames)'));
    assert.equal(statuses.at(-1), 'held by join (4 of 4 frames)');
  });

  it('reports one error for each thing that is no video, and plays when the cause is gone', async () => {
    const path = temporaryPath('appears.mp4');
    await rm(path, { force: true });
    const flow = await Flow.deploy({ source: 'payload', sourceType: 'msg' });
    const wrong: [unknown, RegExp][] = [
      [path, /does not exist/],
      ['test', /is a folder/],
      ['package.json', /cannot be read/],
      [await makeAudioOnly(), /holds only sound/],
      [undefined, /No source given/],
    ];
    for (const [index, [payload, words]] of wrong.entries()) {
      flow.send({ payload });
      await flow.until('caught', index + 1);
      assert.match(flow.errors[index]?.error.message ?? '', words);
    }
    assert.equal(flow.errors.length, wrong.length);
    await copyFile(bunny, path);
    flow.send({ payload: path });
    assert.equal((await flow.event('ended')).payload.frames, 132);
  });

  it('reports an action it does not know', async () => {
    const flow = await Flow.deploy();
    flow.send({ action: 'rewind' });
    await flow.until('caught', 1);
    assert.match(flow.errors[0]?.error.message ?? '', /msg\.action is "rewind": send start, stop/);
  });

  it('leaves no ffmpeg and sends nothing after it was closed', async () => {
    const flow = await Flow.deploy({ loop: true });
    flow.send({});
    await flow.until('frames', 1);
    await helper.unload();
    assert.deepEqual(await runningFfmpegs(), []);
    const { length } = flow.frames;
    await playBeside(pool);
    assert.equal(flow.frames.length, length);
  });

  it('plays one video after the other when starts are queued', async () => {
    const flow = await Flow.deploy({ source: 'payload', sourceType: 'msg', whenBusy: 'queue', end: '0.2' });
    const copy = temporaryPath('second.mp4');
    await copyFile(bunny, copy);
    flow.send({ payload: bunny });
    flow.send({ payload: copy });
    flow.send({ payload: temporaryPath('nowhere.mp4') });
    flow.send({ payload: 'examples/bigbuckbunny.mp4' });
    await flow.until('frames', 15);
    assert.deepEqual(
      flow.frames.map(({ topic }) => topic),
      [bunny, copy, 'examples/bigbuckbunny.mp4'].flatMap((topic) => Array(5).fill(topic)),
    );
    assert.equal(flow.errors.length, 1);
    assert.deepEqual(
      flow.events.flatMap(({ event, payload }) => (event === 'queued' ? [payload.waiting] : [])),
      [1, 2, 3],
    );
  });

  describe('look', () => {
    it('describes a source and shows a picture of it', async () => {
      await Flow.deploy();
      const { body } = await helper
        .request()
        .post('/video-source/look')
        .send({ source: bunny, sourceType: 'str' })
        .expect(200);
      const { codec, width, height, fps, rotation, ffmpeg, thumbnail } = body;
      assert.deepEqual([codec, width, height, fps, rotation], ['h264', 1280, 720, 25, 0]);
      assert.match(ffmpeg, /ffmpeg/);
      const picture = await sharp(Buffer.from(thumbnail, 'base64')).metadata();
      assert.deepEqual([picture.format, picture.width, picture.height], ['jpeg', 320, 180]);
      assert.deepEqual(await runningFfmpegs(), []);
    });

    it('says what is wrong with a source', async () => {
      await Flow.deploy();
      const url = 'http://me:secret@127.0.0.1:1/x?token=secret';
      const { body } = await helper
        .request()
        .post('/video-source/look')
        .send({ source: url, sourceType: 'str' })
        .expect(422);
      assert.match(body.message, /127\.0\.0\.1:1\/x\?… cannot be read/);
      assert.ok(!body.message.includes('secret'));
    });

    it('hides the password of a source that cannot even be read', async () => {
      await Flow.deploy();
      const look = { source: 'http://me:secret@h/', sourceType: 'json' };
      const { body } = await helper.request().post('/video-source/look').send(look).expect(422);
      assert.ok(!body.message.includes('secret'), body.message);
    });
  });

  it('looks at nothing for a form of another site, which cannot send JSON', async () => {
    await Flow.deploy();
    const form = { source: bunny, sourceType: 'str' };
    const { body } = await helper.request().post('/video-source/look').type('form').send(form).expect(422);
    assert.match(body.message, /asked for in JSON/);
  });

  describe('button', () => {
    it('starts and stops', async () => {
      const flow = await Flow.deploy({ loop: true });
      await helper.request().post('/video-source/source/button').send({}).expect(200, { action: 'start' });
      await flow.until('frames', 1);
      await helper.request().post('/video-source/source/button').send({}).expect(200, { action: 'stop' });
      assert.equal((await flow.event('ended')).payload.reason, 'stopped');
    });

    it('does nothing for a form of another site, which cannot send JSON', async () => {
      const flow = await Flow.deploy({ loop: true });
      await helper.request().post('/video-source/source/button').type('form').send({ a: 1 }).expect(415);
      await helper.request().post('/video-source/source/button').expect(415);
      assert.equal(flow.events.length, 0);
    });

    it('knows only its own kind of node', async () => {
      await Flow.deploy();
      await helper.request().post('/video-source/frames/button').send({}).expect(404);
      await helper.request().post('/video-source/nobody/button').send({}).expect(404);
    });
  });

  it('stops what was started before, though the context store took its time to tell the source', async () => {
    const flow = await Flow.deploy({ source: 'video', sourceType: 'flow', end: '0.2' });
    const { util } = require('@node-red/util') as { util: Record<string, unknown> };
    const { evaluateNodeProperty } = util;
    const answers: (() => void)[] = [];
    util.evaluateNodeProperty = (...args: unknown[]) => {
      answers.push(() => (args.at(-1) as (error: null, value: string) => void)(null, bunny));
    };
    try {
      flow.send({ action: 'start' });
      flow.send({ action: 'stop' });
      await new Promise(setImmediate);
      assert.equal(answers.length, 1);
      answers[0]?.();
      await eventually('it is stopped', () => flow.statuses.includes('stopped'));
      flow.send({ action: 'unknown' });
      await flow.until('caught', 1);
      assert.deepEqual(flow.statuses, ['opening', 'stopped', 'bad setting']);
      assert.equal(flow.frames.length, 0);
    } finally {
      util.evaluateNodeProperty = evaluateNodeProperty;
    }
  });
});
